import { describe, expect, test } from "vitest";
import { aSandbox, headerOf, within, type Answer } from "./a-sandbox.ts";

const notFound = { status: 404, body: { error: { code: "NotFound" } } };

describe("what an operation makes", () => {
  test("can be looked at only some time after its success", async () => {
    await using bench = await aSandbox();
    const { sandbox } = bench;
    sandbox.addOperation({ kind: "team", life: "quick", owner: "T-1", displayName: "Design" });
    bench.pass(4 + 44.999);
    expect(await bench.get("/v1.0/teams/T-1")).toMatchObject(notFound);
    bench.pass(0.001);
    const answer = await bench.get("/beta/teams('t-1')?$select=id");
    expect(answer).toMatchObject({ status: 200, body: { id: "T-1", displayName: "Design" } });
    expect(answer.text).toContain('"webUrl":"https://teams.microsoft.com/l/team/19%3AT1%40thread.tacv2/');
    expect(await bench.get("/v1.0/teams/unknown")).toMatchObject(notFound);
    expect(sandbox.counts()).toMatchObject({ targetLooks: 3, notFound: 2, checks: 0 });
  });

  test("is a chat or a community as well", async () => {
    await using bench = await aSandbox({ visibleAfterMs: 1_000 });
    bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: "19:a@unq", displayName: "Talk" });
    bench.sandbox.addOperation({ kind: "engagement", life: "quick", owner: "C" });
    bench.pass(5);
    const webUrl: unknown = expect.stringContaining("https://teams.microsoft.com/l/chat/19%3Aa%40unq/0");
    expect((await bench.get("/v1.0/chats('19%3Aa%40unq')")).body).toEqual({
      id: "19:a@unq",
      displayName: "Talk",
      topic: "Talk",
      webUrl,
    });
    expect((await bench.get("/v1.0/employeeExperience/communities/C")).body).toEqual({
      id: "C",
      displayName: "A community of the sandbox",
    });
    expect(await bench.get("/v1.0/chats/unknown")).toMatchObject(notFound);
    expect(await bench.get("/v1.0/employeeExperience/communities/unknown")).toMatchObject(notFound);
  });

  test("lives faster at a higher speed, and may be given a time of its own", async () => {
    await using bench = await aSandbox({ speed: 10 });
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "usual" });
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "soon", visibleAfterMs: 0 });
    bench.pass(0.4);
    expect((await bench.get("/v1.0/teams/soon")).status).toBe(200);
    expect((await bench.get("/v1.0/teams/usual")).status).toBe(404);
    bench.pass(4.5);
    expect((await bench.get("/v1.0/teams/usual")).status).toBe(200);
  });

  test("is never there when the operation does not succeed, or has not begun", async () => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "team", life: "failing", owner: "failing" });
    bench.sandbox.addOperation({ kind: "team", life: "endless", owner: "endless" });
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "waiting", startsAtFirstCheck: true });
    bench.pass(1e6);
    for (const owner of ["failing", "endless", "waiting"]) {
      expect(await bench.get(`/v1.0/teams/${owner}`)).toMatchObject(notFound);
    }
  });

  test("was there before when the operation does not make it", async () => {
    await using bench = await aSandbox();
    const plan = { kind: "team", life: "endless", operationType: "archiveTeam" } as const;
    bench.sandbox.addOperation({ ...plan, owner: "old" });
    bench.sandbox.addOperation({ ...plan, owner: "hidden", visibleAfterMs: 0 });
    expect((await bench.get("/v1.0/teams/old")).status).toBe(200);
    expect((await bench.get("/v1.0/teams/hidden")).status).toBe(404);
  });

  test("is named as it was asked for", async () => {
    await using bench = await aSandbox({ visibleAfterMs: 0 });
    const answer = await bench.post("/v1.0/teams", { displayName: "Team quick" });
    bench.pass(4);
    expect((await bench.get(`/v1.0${headerOf(answer, "content-location")}`)).body).toMatchObject({
      displayName: "Team quick",
    });
  });
});

function userIdsIn(answer: Answer): readonly unknown[] {
  const members = within(answer.body, "value");
  return Array.isArray(members) ? members.map((member) => within(member, "userId")) : [];
}

describe("the members", () => {
  const members = Array.from({ length: 205 }, (_, at) => `member-${at}`);

  test("of a team and a chat are those of its operation", async () => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "T", members: ["AB"] });
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "T" });
    bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: "C", members: ["a", "b"] });
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "empty" });
    const id: unknown = expect.any(String);
    expect((await bench.get("/v1.0/teams('t')/members")).body).toEqual({
      value: [
        {
          "@odata.type": "#microsoft.graph.aadUserConversationMember",
          id,
          userId: "AB",
          displayName: "Person AB",
          roles: [],
        },
      ],
    });
    expect(userIdsIn(await bench.get("/v1.0/chats/C/members"))).toEqual(["a", "b"]);
    expect((await bench.get("/v1.0/teams/empty/members")).body).toEqual({ value: [] });
    expect(await bench.get("/v1.0/teams/unknown/members")).toMatchObject(notFound);
    expect(await bench.get("/v1.0/chats/unknown/members")).toMatchObject(notFound);
    expect(bench.sandbox.counts().targetLooks).toBe(0);
  });

  test("come in pages of 100", async () => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: "19:c@unq", members });
    const seen: unknown[] = [];
    let path: string | null = "/beta/chats/19:c@unq/members";
    const sizes: number[] = [];
    while (path !== null) {
      const answer: Answer = await bench.get(path);
      const page = userIdsIn(answer);
      sizes.push(page.length);
      seen.push(...page);
      const next = within(answer.body, "@odata.nextLink");
      path = typeof next === "string" ? next.slice(bench.sandbox.url.length) : null;
    }
    expect(sizes).toEqual([100, 100, 5]);
    expect(seen).toEqual(members);
  });

  test("just as many as a page holds have no next page", async () => {
    await using bench = await aSandbox();
    const plan = { kind: "team", life: "quick", owner: "T", members: members.slice(0, 100) } as const;
    bench.sandbox.addOperation(plan);
    expect((await bench.get("/v1.0/teams/T/members")).body).not.toHaveProperty("@odata.nextLink");
  });

  test("can be asked for one person in a team, and only so", async () => {
    await using bench = await aSandbox();
    bench.sandbox.addOperation({ kind: "team", life: "quick", owner: "T", members });
    bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: "C", members });
    const filter = (id: string) =>
      `?$filter=${encodeURIComponent(`(microsoft.graph.aadUserConversationMember/userId eq '${id}')`)}`;
    expect(userIdsIn(await bench.get(`/v1.0/teams/T/members${filter("MEMBER-204")}`))).toEqual([
      "member-204",
    ]);
    expect(userIdsIn(await bench.get(`/v1.0/teams/T/members${filter("nobody")}`))).toEqual([]);
    expect((await bench.get(`/v1.0/chats/C/members${filter("member-1")}`)).status).toBe(400);
    expect((await bench.get("/v1.0/teams/T/members?$filter=roles/any()")).status).toBe(400);
    const batched = await bench.batch("v1.0", {
      id: "1",
      method: "GET",
      url: "/teams/T/members?$filter=(microsoft.graph.aadUserConversationMember/userId eq 'member-1')",
    });
    expect(batched.body).toMatchObject({ responses: [{ body: { value: [{ userId: "member-1" }] } }] });
  });
});
