import { describe, expect, test } from "vitest";

import { tenantId } from "../../src/core/ids.ts";
import { CLOUDS } from "../../src/core/clouds.ts";
import { createTokenSource, NO_TOKEN, type GraphCredential } from "../../src/graph/token-source.ts";

const TENANT = tenantId("7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13");
const CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444";

test("local mode sends no token", async () => {
  expect(await NO_TOKEN.token(TENANT)).toBeNull();
  expect(() => {
    NO_TOKEN.discard(TENANT);
  }).not.toThrow();
});

test("throwing away a token that was never had is nothing", () => {
  const tokens = createTokenSource({ kind: "managedIdentity", clientId: CLIENT }, CLOUDS.global);
  expect(() => {
    tokens.discard(TENANT);
  }).not.toThrow();
});

// Only what fails before anything is asked over the network.
describe("a credential that can't work", () => {
  test.each<GraphCredential>([
    { kind: "secret", clientId: CLIENT, secret: "s3cret-value" },
    { kind: "certificate", clientId: CLIENT, path: "/nonexistent/s3cret-value.pem" },
  ])("of kind $kind rejects, as a promise, and without its secret", async (credential) => {
    const tokens = createTokenSource(credential, CLOUDS.global);
    const error: unknown = await tokens.token(tenantId("not a tenant!")).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/tenant/iu);
    expect(String(error)).not.toContain("s3cret-value");
  });
});

test("every cloud has its own Graph and authority, over https, without a path", () => {
  for (const { graphOrigin, authorityHost } of Object.values(CLOUDS)) {
    expect(new URL(graphOrigin).origin).toBe(graphOrigin);
    expect(new URL(authorityHost).origin).toBe(authorityHost);
    expect(graphOrigin.startsWith("https://")).toBe(true);
    expect(authorityHost.startsWith("https://")).toBe(true);
  }
  expect(new Set(Object.values(CLOUDS).map(({ graphOrigin }) => graphOrigin)).size).toBe(4);
});
