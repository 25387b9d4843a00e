import { afterAll, beforeAll, describe } from "vitest";
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
const url = server.found ? server.url : "";

describe.skipIf(!server.found)(`served${server.found ? "" : `: ${server.reason}`}`, () => {
  let home: Home;
  let shared: SharedDatabase;
  beforeAll(async () => {
    home = await serverHome(url);
    shared = await sharedDatabase();
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  });

  const onServer = { name: "PostgreSQL", open: async () => openIn(await home.make()) };
  storeContract(onServer);
  placesContract(onServer);
  newsContract(onServer);
  apiContract(onServer);
  turnsContract(onServer);
  housekeepingContract(onServer);
  personalDataContract(onServer);
  backupContract(onServer, { name: "PGlite", missing: null, open: () => shared.emptied() });
  storeProperties(onServer);
});
