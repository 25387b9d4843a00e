import { describe, expect, test } from "vitest";

import { newOperation, type OperationState, type Outcome } from "../../src/core/operation.ts";
import { wantsNotice, wantsPing, type CloseReason, type Notify } from "../../src/core/watch.ts";
import { aWatch, MINUTE, START } from "./samples.ts";

const ended = (outcome: Outcome | null): OperationState => ({ ...newOperation(START), outcome });
const closed = (notify: Notify, afterMs: number, reason: CloseReason = "ended") =>
  aWatch({ notify, closed: { reason, at: START + afterMs } });

describe("the requester is told of the end", () => {
  test.each<[Notify, Outcome, number, boolean]>([
    ["auto", "succeeded", MINUTE, false],
    ["auto", "succeeded", 2 * MINUTE, false],
    ["auto", "succeeded", 2 * MINUTE + 1, true],
    ["auto", "skipped", MINUTE, false],
    ["auto", "skipped", 3 * MINUTE, true],
    ["auto", "failed", 1, true],
    ["auto", "forbidden", 1, true],
    ["auto", "notFound", 1, true],
    ["auto", "unavailable", 1, true],
    ["always", "succeeded", 1, true],
    ["always", "failed", 1, true],
    ["failure", "succeeded", 60 * MINUTE, false],
    ["failure", "skipped", 60 * MINUTE, false],
    ["failure", "failed", 1, true],
    ["failure", "unavailable", 1, true],
    ["never", "failed", 60 * MINUTE, false],
    ["never", "succeeded", 60 * MINUTE, false],
  ])("%s, %s after %i ms: %s", (notify, outcome, afterMs, isTold) => {
    expect(wantsPing(closed(notify, afterMs), ended(outcome))).toBe(isTold);
  });

  test.each<Notify>(["auto", "always", "failure", "never"])("not while it is watched (%s)", (notify) => {
    expect(wantsPing(aWatch({ notify }), ended("failed"))).toBe(false);
  });

  test.each<CloseReason>(["stopped", "expired", "removed", "cardLost"])(
    "not of a watch that was %s",
    (reason) => {
      expect(wantsPing(closed("always", 3 * MINUTE, reason), ended("failed"))).toBe(false);
    },
  );

  test("not before there is an end", () => {
    expect(wantsPing(closed("always", 3 * MINUTE), ended(null))).toBe(false);
  });
});

describe("the requester is told that it takes longer than usual", () => {
  const slow: OperationState = { ...newOperation(START), isSlow: true };

  test.each<[Notify, boolean]>([
    ["auto", true],
    ["always", true],
    ["failure", false],
    ["never", false],
  ])("%s: %s", (notify, isTold) => {
    expect(wantsNotice(aWatch({ notify }), slow)).toBe(isTold);
    expect(wantsNotice(aWatch({ notify }), newOperation(START))).toBe(false);
  });

  test.each<CloseReason>(["ended", "stopped", "expired", "removed", "cardLost"])(
    "not of a watch that was %s",
    (reason) => {
      expect(wantsNotice(closed("always", MINUTE, reason), slow)).toBe(false);
    },
  );
});
