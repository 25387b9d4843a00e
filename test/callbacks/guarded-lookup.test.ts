import { createServer } from "node:http";
import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { guardedLookup, isInside } from "../../src/callbacks/guarded-lookup.ts";

test.each([
  "0.0.0.0",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:8.8.8.8",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "febf::1",
  "fec0::1",
  "ff02::1",
  "no address",
  "",
])("%s is inside, or none", (address) => {
  expect(isInside(address)).toBe(true);
});

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "128.0.0.1",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001::1",
])("%s is outside", (address) => {
  expect(isInside(address)).toBe(false);
});

type Found = {
  readonly code: string | undefined;
  readonly message: string;
  readonly address: string | LookupAddress[];
};

function looked(hostname: string, all: boolean): Promise<Found> {
  return new Promise((resolve) => {
    guardedLookup(hostname, { all }, (error, address) => {
      resolve({ code: error?.code, message: error?.message ?? "", address });
    });
  });
}

test.each([true, false])("a name that leads to this machine is refused (all: %s)", async (all) => {
  const { code, message } = await looked("localhost", all);
  expect(code).toBe("EPRIVATE");
  expect(message).toBe("localhost leads to a private address.");
});

test.each([true, false])("a public address is given (all: %s)", async (all) => {
  // Looking up an address gives it back, without a name server.
  const { code, address } = await looked("8.8.8.8", all);
  expect(code).toBeUndefined();
  expect(address).toEqual(all ? [{ address: "8.8.8.8", family: 4 }] : "8.8.8.8");
});

test("a name that is not there is told as that", async () => {
  const { code } = await looked("nowhere.invalid", true);
  expect(code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/u);
});

test("a connection by a name that leads inside is not made", async () => {
  const { request } = await import("node:http");
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
    const sent = request(`http://localhost:${port}/`, { lookup: guardedLookup });
    sent.on("error", resolve);
    sent.end();
  });
  expect(error.code).toBe("EPRIVATE");
  expect(visits).toBe(0);
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
