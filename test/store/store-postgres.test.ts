import { afterAll, beforeAll, describe } from "vitest";
import { apiContract } from "../contracts/api.contract.ts";
import { newsContract } from "../contracts/news.contract.ts";
import { placesContract } from "../contracts/places.contract.ts";
import { storeContract } from "../contracts/store.contract.ts";
import { storeProperties } from "../contracts/store.properties.ts";
import { findServer, openIn, serverHome, type Home } from "../support/a-database.ts";

const server = await findServer();
const url = server.found ? server.url : "";

describe.skipIf(!server.found)(`served${server.found ? "" : `: ${server.reason}`}`, () => {
  let home: Home;
  beforeAll(async () => {
    home = await serverHome(url);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const onServer = { name: "PostgreSQL", open: async () => openIn(await home.make()) };
  storeContract(onServer);
  placesContract(onServer);
  newsContract(onServer);
  apiContract(onServer);
  storeProperties(onServer);
});
