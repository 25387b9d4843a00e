import { describe, expect, test } from "vitest";
import { renderCard } from "../../src/teams/render-card.ts";
import { EN } from "../../src/teams/words/en.ts";
import { ADDRESS } from "../core/samples.ts";
import { aView, STANDINGS, WATCH } from "../teams/samples.ts";
import { readWrite } from "./read-write.ts";

function written(view: Parameters<typeof renderCard>[0]): object {
  const { card, summary } = renderCard(view, WATCH, { words: EN, cloud: "global" });
  return {
    summary,
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }],
  };
}

describe("a card", () => {
  test("is read for what it shows", () => {
    expect(readWrite(written(aView()))).toMatchObject({
      kind: "card",
      operation: ADDRESS.operation,
      watch: WATCH,
      standing: "in progress",
      status: "inProgress",
      attempts: 1,
    });
  });

  test.each(STANDINGS)("that stands at %s", (standing) => {
    expect(readWrite(written(aView({ standing })))).toMatchObject({ standing: EN.standings[standing] });
  });

  test("with more words behind its standing, or none of its facts", () => {
    expect(readWrite(written(aView({ isSlow: true })))).toMatchObject({ standing: "in progress" });
    const error = { code: "TeamUnavailable", message: "The team was not found." };
    expect(readWrite(written(aView({ standing: "failed", error })))).toMatchObject({ standing: "failed" });
    const asking = aView({ standing: "asking", status: null, attempts: null, isLive: false });
    expect(readWrite(written(asking))).toMatchObject({ status: null, attempts: null, watch: null });
  });

  test("has another print when it looks different", () => {
    const print = (view: Parameters<typeof renderCard>[0]): unknown =>
      Reflect.get(readWrite(written(view)), "print");
    expect(print(aView())).toBe(print(aView()));
    expect(print(aView({ attempts: 2 }))).not.toBe(print(aView()));
  });
});

test("pings and notices are told from replies", () => {
  const id = ADDRESS.operation;
  expect(readWrite({ text: EN.ping("<at>Alex</at>", "Create team — failed", id) })).toEqual({
    kind: "ping",
    operation: id,
  });
  expect(readWrite({ text: EN.pingNobody("Create team — failed", id) })).toMatchObject({ kind: "ping" });
  expect(readWrite({ text: EN.notice("<at>Alex</at>", "Create team", id, "2 min") })).toEqual({
    kind: "notice",
    operation: id,
  });
  const list = `${EN.listHeader(1)}\n${EN.listLine("Create team", "failed", "Alex", id)}`;
  expect(readWrite({ text: list })).toEqual({ kind: "reply", text: list });
  expect(readWrite({ type: "typing" })).toEqual({ kind: "other", type: "typing" });
});
