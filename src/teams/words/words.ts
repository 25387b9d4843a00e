import type { AddressProblem, OperationKind } from "../../core/address.ts";
import type { Standing } from "../../core/card-view.ts";
import type { CredentialProblem } from "../../core/credential-problem.ts";
import type { Explanation } from "../../core/explain.ts";
import type { StepCount } from "../../core/steps.ts";
import type { TroubleKind } from "../../core/operation.ts";

/** Every word that Opwatch says to people, for one language. Arguments arrive escaped, or cut for the code span that they stand in. */
export type Words = {
  /** BCP 47: for dates, and for what reads cards aloud. */
  readonly locale: string;
  readonly direction: "ltr" | "rtl";
  /** How texts are put together. */
  readonly joins: {
    /** "Create team — succeeded". */
    readonly title: (name: string, standing: string) => string;
    /** "succeeded (1 part failed)". */
    readonly qualified: (text: string, more: string) => string;
    /** "Create team — failed: BadRequest". */
    readonly reason: (title: string, reason: string) => string;
    /** "Status: inProgress": a line of a list. */
    readonly labelled: (label: string, value: string) => string;
    readonly sentences: (sentences: readonly string[]) => string;
    readonly list: (items: readonly string[]) => string;
    readonly percent: (percent: number) => string;
  };
  /** For a mention of somebody whose name nobody knows. */
  readonly you: string;
  /** What the operation does, by Graph's `operationType`; unknown types are named by their kind. */
  readonly operationTypes: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<OperationKind, string>>;
  /** "Create team — succeeded": the second half. */
  readonly standings: Readonly<Record<Standing, string>>;
  /** One sentence below the title: what it means, and what to do. */
  readonly meanings: Readonly<Record<Standing, string>>;
  readonly troubles: Readonly<Record<TroubleKind, (since: string) => string>>;
  /** Why Opwatch has no access token, and what an administrator has to do. */
  readonly credentialProblems: Readonly<Record<CredentialProblem, string>>;
  /** What a known error code means, and what to do. */
  readonly explanations: Readonly<Record<Explanation, string>>;
  /** Any one of the names is enough; those of the second list come by adding the app to the chat or team. */
  readonly permission: (application: readonly string[], rsc: readonly string[], page: string) => string;
  /** Microsoft documents none for it; these are known to work. */
  readonly permissionUndocumented: (known: readonly string[], page: string) => string;
  readonly permissionUnknown: (page: string) => string;
  /** "40 s", "3 min", "2 h". */
  readonly duration: (ms: number) => string;
  readonly usual: (duration: string) => string;
  readonly slow: (duration: string) => string;
  readonly unseen: string;
  /** "Apps 1 of 2". */
  readonly stepCount: (count: StepCount) => string;
  readonly failedSteps: (names: readonly string[], more: number) => string;
  /** "succeeded (1 part failed)". */
  readonly partsFailed: (count: number) => string;
  /** "in progress (slower than usual)". */
  readonly slowShort: string;
  readonly stepGroups: Readonly<Record<StepCount["group"], string>>;
  readonly more: (count: number) => string;
  readonly facts: {
    readonly status: string;
    readonly attempts: string;
    readonly started: string;
    /** In place of when it started, which Graph has not told. */
    readonly tracked: string;
    readonly changed: string;
    readonly requester: string;
    readonly target: string;
    readonly error: string;
    readonly detail: string;
    readonly operation: string;
    readonly progress: string;
    /** What the operation does, where the card is headed with something else. */
    readonly kind: string;
    readonly noMessage: string;
  };
  readonly support: string;
  /** The heading above the parts of a bigger operation. */
  readonly parts: string;
  readonly timeline: string;
  readonly attempt: (count: number) => string;
  readonly buttons: {
    readonly refresh: string;
    readonly stop: string;
    readonly details: string;
    readonly open: string;
    readonly link: string;
  };
  readonly refreshed: (ageSeconds: number, checkedAt: string, waitSeconds: number) => string;
  readonly refreshedNow: string;
  readonly ping: (mention: string, title: string, operation: string) => string;
  /** Where no person is to be mentioned. */
  readonly pingNobody: (title: string, operation: string) => string;
  readonly notice: (mention: string, name: string, operation: string, duration: string) => string;

  readonly welcome: string;
  /** For the toast of `help` and of the welcome. */
  readonly helpTitle: string;
  readonly help: (mention: string, example: string) => string;
  readonly hint: (mention: string) => string;
  /** For an operation's location without a command. */
  readonly hintTrack: (mention: string) => string;
  readonly tooLong: (length: number, max: number) => string;
  readonly nothingToTrack: (mention: string, example: string) => string;
  readonly tooMany: (count: number, max: number) => string;
  readonly foreignTenant: string;
  readonly guest: string;
  readonly unknownPerson: string;
  readonly bareId: (text: string) => string;
  readonly denied: Readonly<
    Record<"notMember" | "otherConversation" | "membersUnknown" | "noMembers", (operation: string) => string>
  >;
  readonly refusedMore: (count: number) => string;
  readonly deniedMore: (count: number) => string;
  readonly refused: Readonly<Record<AddressProblem, (text: string) => string>>;
  readonly expected: (example: string) => string;
  readonly already: (title: string, standing: string, link: string | null) => string;
  readonly aliasSet: (name: string) => string;
  readonly aliasTaken: (name: string) => string;
  readonly aliasBad: (mention: string) => string;
  readonly aliasList: (names: readonly string[], mention: string) => string;
  readonly aliasRemoved: (name: string) => string;
  readonly aliasUnknown: (name: string) => string;
  readonly emptyList: (mention: string) => string;
  readonly listHeader: (count: number) => string;
  readonly listLine: (title: string, standing: string, requester: string, operation: string) => string;
  readonly listMore: (count: number) => string;
  readonly whichOne: (command: string, mention: string) => string;
  readonly unknownWatch: (text: string, mention: string) => string;
  readonly stopped: (count: number) => string;
  readonly nothingToStop: string;
  readonly alreadyOver: (title: string, standing: string) => string;
  readonly gone: string;
  readonly trouble: string;
  /** To somebody who pressed a button and can't be kept waiting. */
  readonly takesLong: string;
};
