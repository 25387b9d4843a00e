/**
 * One part of a bigger operation, as Graph tells of it unofficially: an app or a channel of a new
 * team, an app of a new chat. `unknown`: named, without a word on how it stands.
 */
export type Step = {
  readonly group: "apps" | "channels";
  readonly name: string;
  readonly state: "waiting" | "running" | "done" | "failed" | "unknown";
};

export type StepCount = {
  readonly group: Step["group"];
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** False: it is not known how any of them stands. */
  readonly isTold: boolean;
};

const GROUPS: readonly Step["group"][] = ["apps", "channels"];

/** "Apps 1 of 2, channels 0 of 3": one count for each group that is there. */
export function countSteps(steps: readonly Step[]): readonly StepCount[] {
  return GROUPS.map((group) => {
    const own = steps.filter((step) => step.group === group);
    const count = (state: Step["state"]): number => own.filter((step) => step.state === state).length;
    return {
      group,
      done: count("done"),
      failed: count("failed"),
      total: own.length,
      isTold: own.some((step) => step.state !== "unknown"),
    };
  }).filter(({ total }) => total > 0);
}

export function isSameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  return (
    a.length === b.length &&
    a.every((step, index) => {
      const other = b[index];
      return step.group === other?.group && step.name === other.name && step.state === other.state;
    })
  );
}

/** How many have come to an end, good or bad. */
export function settledSteps(steps: readonly Step[]): number {
  return steps.filter(({ state }) => state === "done" || state === "failed").length;
}
