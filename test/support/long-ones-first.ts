import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Each of them takes minutes on a slow machine. */
const LONG_ONES =
  /\/(?:store-postgres|store-pglite|admin|restart|deliver-cards|budgets|cut-connections)\.test\.ts$/u;

/**
 * Without it the largest files come first, and those that take longest are small: one of them would begin last, and
 * run alone for minutes.
 */
export class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array's method
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG_ONES.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
