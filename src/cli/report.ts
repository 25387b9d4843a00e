import { EXIT } from "./usage.ts";

/** What a line tells, whoever asked Graph: the server or the command line itself. */
export type Progress = {
  /** `notStarted`, `running`, `succeeded`, `failed`, … */
  readonly status: string;
  readonly graphStatus: string | null;
  readonly isFinal: boolean;
  readonly attemptsCount: number | null;
  readonly percentageComplete: number | null;
  readonly targetResourceId: string | null;
  readonly error: { readonly code: string | null; readonly message: string | null } | null;
  /** Why Graph can't be read, while it can't. */
  readonly trouble: string | null;
};

/** One line for people; null when it would say the same as the last one. */
export function lineOf(progress: Progress, last: string | null, now: Date): string | null {
  const text = textOf(progress);
  return text === last ? null : `${now.toISOString().slice(0, 19)}Z  ${text}`;
}

export function textOf(progress: Progress): string {
  const { status, graphStatus, attemptsCount, percentageComplete, targetResourceId, error, trouble } =
    progress;
  const parts = [
    status,
    graphStatus === null || graphStatus === status ? null : `(Graph: ${graphStatus})`,
    attemptsCount === null ? null : `attempt ${attemptsCount}`,
    percentageComplete === null ? null : `${percentageComplete} %`,
    targetResourceId === null || status !== "succeeded" ? null : `target ${targetResourceId}`,
    error === null ? null : [error.code, error.message].filter((part) => part !== null).join(": "),
    trouble,
  ];
  return parts.filter((part) => part !== null).join("  ");
}

export function exitCodeOf({ status, isFinal }: Pick<Progress, "status" | "isFinal">): number {
  if (status === "succeeded" || status === "skipped") return EXIT.succeeded;
  if (status === "failed") return EXIT.failed;
  return isFinal && status === "forbidden" ? EXIT.refused : EXIT.unfinished;
}
