import { afterAll, beforeAll } from "vitest";
import { apiContract } from "../contracts/api.contract.ts";
import { newsContract } from "../contracts/news.contract.ts";
import { placesContract } from "../contracts/places.contract.ts";
import { storeContract } from "../contracts/store.contract.ts";
import { storeProperties } from "../contracts/store.properties.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());

const home = { name: "PGlite", open: () => shared.emptied() };
storeContract(home);
placesContract(home);
newsContract(home);
apiContract(home);
storeProperties(home);
