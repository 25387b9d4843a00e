import { describe, expect, test } from "vitest";
import { answerAt, isLifeName, lifeNames, type LifeName } from "../../src/sandbox/life.ts";

function told(life: LifeName, atSeconds: number): string {
  const answer = answerAt(life, atSeconds * 1_000);
  return answer.kind === "operation" ? `${answer.status} ${answer.attemptsCount}` : answer.kind;
}

describe("the named lives", () => {
  test.each<[LifeName, readonly (readonly [seconds: number, answer: string])[]]>([
    ["quick", [[0, "notStarted 1"], [3.999, "notStarted 1"], [4, "succeeded 1"], [9_999, "succeeded 1"]]], // prettier-ignore
    ["slow", [[0, "notStarted 1"], [3, "inProgress 1"], [10, "inProgress 2"], [18, "inProgress 3"], [25, "inProgress 4"], [39.999, "inProgress 4"], [40, "succeeded 4"]]], // prettier-ignore
    [
      "failing",
      [
        [0, "inProgress 1"],
        [7.999, "inProgress 1"],
        [8, "failed 1"],
      ],
    ],
    [
      "late",
      [
        [0, "notFound"],
        [34.999, "notFound"],
        [35, "inProgress 1"],
        [60, "succeeded 1"],
      ],
    ],
    [
      "endless",
      [
        [0, "inProgress 1"],
        [1e9, "inProgress 1"],
      ],
    ],
    ["steps", [[0, "notStarted 1"], [5, "inProgress 1"], [19.999, "inProgress 1"], [20, "succeeded 1"]]], // prettier-ignore
    ["partial", [[0, "inProgress 1"], [9.999, "inProgress 1"], [10, "succeeded 1"]]], // prettier-ignore
  ])("%s", (life, expected) => {
    expect(expected.map(([seconds]) => [seconds, told(life, seconds)])).toEqual(expected);
  });

  test("a failing one says why", () => {
    expect(answerAt("failing", 8_000)).toMatchObject({
      error: { code: "TeamUnavailable", message: "The team was not found." },
    });
    expect(answerAt("failing", 0)).toMatchObject({ error: null });
  });

  test("a name is told from what is no name", () => {
    expect(lifeNames.every(isLifeName)).toBe(true);
    expect(["Quick", "", null, "toString"].some(isLifeName)).toBe(false);
  });
});

describe("a life of one's own", () => {
  test("without a step that has begun is not found", () => {
    expect(answerAt([], 5)).toEqual({ kind: "notFound" });
    expect(answerAt([{ afterMs: 6 }], 5)).toEqual({ kind: "notFound" });
    expect(answerAt([{ afterMs: 5 }], 5)).toMatchObject({ kind: "operation", sinceMs: 5 });
  });

  test("can answer with an HTTP status, headers and a body of its own", () => {
    const headers = { "Retry-After": "7" };
    expect(answerAt([{ afterMs: 0, httpStatus: 503, headers }], 0)).toEqual({
      kind: "error",
      httpStatus: 503,
      headers,
    });
    expect(answerAt([{ afterMs: 0, httpStatus: 503, body: "" }], 0)).toMatchObject({ kind: "raw", body: "" });
    expect(answerAt([{ afterMs: 0, httpStatus: 202, status: "succeeded" }], 0)).toMatchObject({
      kind: "operation",
      httpStatus: 202,
    });
  });
});
