import { expect, test } from "vitest";
import { operationId, type EpochMs } from "../../src/core/ids.ts";
import { NO_LINE, takeRoom, type Line } from "../../src/core/line.ts";
import { newOperation } from "../../src/core/operation.ts";
import { createOwnLine, type OwnLine } from "../../src/flows/leave-in-line.ts";
import type { ClaimedOperation } from "../../src/flows/ports.ts";
import type { Group, Placed } from "../../src/flows/request-groups.ts";
import { anAddress, TENANT } from "../contracts/store-bench.ts";
import { START } from "../core/samples.ts";

const SETTINGS = { claimSize: 100, perSecond: 1_000, earlyMs: 1_000, lateMs: 150 };

/** A line that takes so long to join, and a clock that goes on with each wait. */
class Bench {
  at = START;
  joiningMs = 0;
  line: Line = NO_LINE;
  readonly now = (): EpochMs => this.at;

  aProcess(): OwnLine {
    const { now } = this;
    return createOwnLine(
      {
        store: {
          joinLine: (waiting, perSecond, from) => {
            const taken = takeRoom(this.line, perSecond, waiting, from);
            this.line = taken.line;
            this.at += this.joiningMs;
            return Promise.resolve(taken.at);
          },
        },
        now,
        sleep: (ms) => {
          this.at += ms;
          return Promise.resolve();
        },
      },
      SETTINGS,
    );
  }

  groups(...aheadMs: readonly number[]): readonly Group[] {
    return aheadMs.map((ms) => this.group(ms, 1));
  }

  group(aheadMs: number, count: number): Group {
    return {
      kind: "check",
      tenantId: TENANT,
      version: "v1.0",
      sendAt: this.at + aheadMs,
      operations: Array.from({ length: count }, () => OPERATION),
    };
  }

  /** When these leave, each so much later than it could. */
  async leave(
    line: OwnLine,
    placed: readonly Placed[],
    lateMs: (index: number) => number,
  ): Promise<number[]> {
    const left: number[] = [];
    for (const [index, each] of placed.entries()) {
      await line.comeTo(each, 0);
      this.at += lateMs(index);
      left.push(this.at - START);
      line.left(each);
    }
    return left;
  }
}

const OPERATION: ClaimedOperation = {
  id: operationId("0a0a0a0a-1111-4222-8333-444444444444"),
  tenantId: TENANT,
  address: anAddress("line"),
  state: newOperation(START),
  claim: 1,
  sendAt: START,
  dueAt: START,
};

test("who leaves at its place moves nobody", async () => {
  const bench = new Bench();
  const line = bench.aProcess();
  const placed = await line.join(bench.groups(0, 227, 454));
  expect(await bench.leave(line, placed, () => 0)).toEqual([0, 227, 454]);
});

test("who leaves late moves those after it, less what timers may be late", async () => {
  const bench = new Bench();
  const line = bench.aProcess();
  const placed = await line.join(bench.groups(0, 100, 200, 1_000, 3_000));
  const left = await bench.leave(line, placed, (index) => (index === 0 ? 140 : 0));
  expect(left).toEqual([140, 190, 286, 1_038, 3_000]);
});

test("who is late all the time does not move by more and more", async () => {
  const bench = new Bench();
  const line = bench.aProcess();
  const placed = await line.join(bench.groups(...Array.from({ length: 500 }, (_, n) => n * 20)));
  const lateness = placed.map((each, n) => {
    bench.at = START + n * 20;
    bench.at = line.leaveAt(each) + 70;
    line.left(each);
    return bench.at - each.leaveAt;
  });
  expect(Math.max(...lateness)).toBeLessThanOrEqual(2 * SETTINGS.lateMs + 70);
});

test("a place that is far is not slept past while places move back", async () => {
  const bench = new Bench();
  const line = bench.aProcess();
  const [first, far] = await line.join(bench.groups(0, 3_000));
  if (first === undefined || far === undefined) throw new Error("There are two.");
  bench.at += 350;
  line.left(first);
  await line.comeTo(far, 0);
  expect(bench.at - line.leaveAt(far)).toBeLessThan(50);
});

test("a line that takes long to join is joined ahead the next time, and nothing is missed", async () => {
  const bench = new Bench();
  bench.joiningMs = 400;
  const line = bench.aProcess();
  await line.join(bench.groups(0));
  for (let n = 0; n < 5; n += 1) {
    const [placed] = await line.join(bench.groups(-60));
    expect(bench.at - (placed?.sendAt ?? 0)).toBeLessThan(SETTINGS.lateMs);
    expect(placed?.leaveAt).toBeGreaterThanOrEqual(bench.at);
  }
});

test("who waits for others in the line claims again when their time is over, not when its own last place comes", async () => {
  const bench = new Bench();
  const [other, line] = [bench.aProcess(), bench.aProcess()];
  await other.join([bench.group(0, 1_200)]);
  await line.join([bench.group(0, 50), bench.group(900, 50)]);
  await line.isShort();
  // The others' time, less a claim's worth.
  expect(bench.at - START).toBe(1_100);
});

test("who waits for nobody claims again at once, however far ahead its places are", async () => {
  const bench = new Bench();
  const line = bench.aProcess();
  await line.join(bench.groups(0, 500, 1_000));
  await line.isShort();
  expect(bench.at).toBe(START);
});
