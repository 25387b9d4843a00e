import { afterAll, beforeAll } from "vitest";
import { apiContract } from "../contracts/api.contract.ts";
import { backupContract } from "../contracts/backup.contract.ts";
import { housekeepingContract } from "../contracts/housekeeping.contract.ts";
import { newsContract } from "../contracts/news.contract.ts";
import { personalDataContract } from "../contracts/personal-data.contract.ts";
import { placesContract } from "../contracts/places.contract.ts";
import { turnsContract } from "../contracts/turns.contract.ts";
import { storeContract } from "../contracts/store.contract.ts";
import { storeProperties } from "../contracts/store.properties.ts";
import {
  findServer,
  openIn,
  serverHome,
  sharedDatabase,
  type Home,
  type SharedDatabase,
} from "../support/a-database.ts";

const server = await findServer();
let shared: SharedDatabase;
let served: Home | null = null;
beforeAll(async () => {
  shared = await sharedDatabase();
  if (server.found) served = await serverHome(server.url);
});
afterAll(async () => {
  await shared[Symbol.asyncDispose]();
  await served?.[Symbol.asyncDispose]();
});

const home = { name: "PGlite", open: () => shared.emptied() };
const onServer = {
  name: "PostgreSQL",
  missing: server.found ? null : server.reason,
  open: async () => {
    if (served === null) throw new Error("There is no server.");
    return openIn(await served.make());
  },
};
storeContract(home);
placesContract(home);
newsContract(home);
apiContract(home);
turnsContract(home);
housekeepingContract(home);
personalDataContract(home);
backupContract(home, onServer);
storeProperties(home);
