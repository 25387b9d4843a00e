import { describe, expect, test } from "vitest";
import type { OperationKind } from "../../src/sandbox/kinds.ts";
import { aSandbox, type SandboxBench } from "./a-sandbox.ts";

const created = "2026-11-21T10:00:00.0007846Z";
const ended = "2026-11-21T10:00:20.0007846Z";

async function aBench(): Promise<SandboxBench> {
  return aSandbox({ minimumIntervalMs: 0 });
}

describe("the body of", () => {
  test("a site's operation", async () => {
    await using bench = await aBench();
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({
      kind: "site",
      life: "steps",
      owner: "S",
      id: "contentTypeCopy,0x01",
    });
    expect(path).toBe("/v1.0/sites/S/operations/contentTypeCopy,0x01");
    expect(location).toBe(sandbox.url + path);
    expect((await bench.get(path)).body).toMatchObject({
      status: "notStarted",
      percentageComplete: 0,
      resourceId: null,
    });
    bench.pass(5);
    expect((await bench.get(path)).body).toMatchObject({ status: "running", percentageComplete: 40 });
    bench.pass(7);
    expect((await bench.get(path)).body).toMatchObject({ status: "running", percentageComplete: 80 });
    bench.pass(8);
    expect((await bench.get(path)).body).toEqual({
      "@odata.context": `${sandbox.url}/v1.0/$metadata#sites/S/operations/$entity`,
      id: "contentTypeCopy,0x01",
      createdDateTime: created,
      lastActionDateTime: ended,
      status: "succeeded",
      statusDetail: null,
      resourceId: "0x01",
      resourceLocation: `${sandbox.url}/v1.0/sites/S/contentTypes/0x01`,
      type: "contentTypeCopy",
      percentageComplete: 100,
      error: null,
    });
  });

  test("a list's operation, which a path of its own makes", async () => {
    await using bench = await aBench();
    const lists = ["L1", "L2"].map((list) =>
      bench.sandbox.addOperation({
        kind: "site",
        life: "failing",
        path: `/sites/S/lists/${list}/operations/O`,
      }),
    );
    bench.pass(8);
    for (const { path } of lists) {
      expect((await bench.get(path)).body).toMatchObject({
        id: "O",
        status: "failed",
        error: { code: "TeamUnavailable", message: "The team was not found." },
      });
    }
  });

  test("an attack simulation's operation", async () => {
    await using bench = await aBench();
    const { url } = bench.sandbox;
    const { path } = bench.sandbox.addOperation({
      kind: "attackSimulation",
      life: "steps",
      id: "O",
      owner: "S",
    });
    expect(path).toBe("/v1.0/security/attackSimulation/operations/O");
    bench.pass(20);
    expect((await bench.get(path)).body).toEqual({
      "@odata.context": `${url}/v1.0/$metadata#security/attackSimulation/operations/$entity`,
      id: "O",
      createdDateTime: created,
      lastActionDateTime: ended,
      status: "succeeded",
      statusDetail: null,
      resourceLocation: `${url}/v1.0/security/attackSimulation/simulations/S`,
      type: "createSimulation",
      percentageCompleted: 100,
    });
  });

  test("a telephone number's operation", async () => {
    await using bench = await aBench();
    const { url } = bench.sandbox;
    const { path } = bench.sandbox.addOperation({ kind: "telephoneNumber", life: "failing", id: "O" });
    expect(path).toBe("/v1.0/admin/teams/telephoneNumberManagement/operations/O");
    expect((await bench.get(path)).body).toEqual({
      "@odata.context": `${url}/v1.0/$metadata#admin/teams/telephoneNumberManagement/operations/$entity`,
      id: "O",
      createdDateTime: created,
      status: "running",
      numbers: [{ resourceLocation: url + path, status: "running", statusDetail: null }],
    });
  });

  test("a role alert's operation, in beta only", async () => {
    await using bench = await aBench();
    const { sandbox } = bench;
    const { location, path } = sandbox.addOperation({ kind: "roleAlert", life: "failing", id: "O" });
    expect(path).toBe("/beta/identityGovernance/roleManagementAlerts/operations/O");
    expect(location).toBe(sandbox.url + path);
    bench.pass(8);
    expect((await bench.get(path)).body).toEqual({
      "@odata.context": `${sandbox.url}/beta/$metadata#identityGovernance/roleManagementAlerts/operations/$entity`,
      id: "O",
      createdDateTime: created,
      lastActionDateTime: "2026-11-21T10:00:08.0007846Z",
      status: "failed",
      statusDetail: "The team was not found.",
      resourceLocation: null,
    });
    expect((await bench.get(path.replace("/beta", "/v1.0"))).status).toBe(400);
  });

  test("a connection's operation, which has no more than three fields", async () => {
    await using bench = await aBench();
    const plan = { kind: "connection", owner: "contosohr" } as const;
    const good = bench.sandbox.addOperation({ ...plan, life: "quick", id: "1.2" });
    const bad = bench.sandbox.addOperation({ ...plan, life: "failing", id: "1.3" });
    expect(good.path).toBe("/v1.0/external/connections/contosohr/operations/1.2");
    expect((await bench.get(good.path)).body).toEqual({ id: "1.2", status: "inprogress", error: null });
    bench.pass(8);
    expect((await bench.get(good.path)).body).toEqual({ id: "1.2", status: "completed", error: null });
    expect((await bench.get(bad.path)).body).toMatchObject({
      status: "failed",
      error: { code: "TeamUnavailable" },
    });
  });

  test("any other operation", async () => {
    await using bench = await aBench();
    const { url } = bench.sandbox;
    const path = "/users('u')/authentication/operations/O?aadgdc=DC";
    const added = bench.sandbox.addOperation({ kind: "other", life: "endless", path });
    expect(added).toEqual({ location: `${url}/v1.0${path}`, path: `/v1.0${path}` });
    expect((await bench.get("/v1.0/users/u/authentication/operations('o')")).body).toEqual({
      "@odata.context": `${url}/v1.0/$metadata#users('u')/authentication/operations/$entity`,
      id: "O",
      createdDateTime: created,
      lastActionDateTime: created,
      status: "running",
      statusDetail: null,
      resourceLocation: null,
    });
    expect((await bench.get("/v1.0/users/u/authentication/operations/unknown")).status).toBe(400);
  });
});

test.each<[OperationKind, string]>([
  ["team", "/me/joinedTeams/T/operations/O"],
  ["chat", "/users/u/chats/C/operations/O"],
  ["engagement", "/employeeExperience/engagementAsyncOperations/O"],
  ["connection", "/somewhere/else/operations/O"],
])("a %s may be planned at %s", async (kind, path) => {
  await using bench = await aSandbox();
  const { path: at, location } = bench.sandbox.addOperation({ kind, life: "quick", path });
  expect(at.endsWith(path)).toBe(true);
  expect((await bench.get(at)).body).toMatchObject({ id: "O" });
  expect(bench.sandbox.checksOf(location)).toHaveLength(1);
});

test("a path of another kind is refused", async () => {
  await using bench = await aSandbox();
  const path = "/teams/T/operations/O";
  for (const kind of ["chat", "other"] as const) {
    expect(() => bench.sandbox.addOperation({ kind, life: "quick", path })).toThrow(`of the kind ${kind}`);
  }
});
