import { z } from "zod/v4";

/** The API's requests and answers: what validates them is what /api/openapi.json shows. */

/** A header value, a whole response: as much as a person may paste. */
const MAX_OPERATION = 102_400;
const MAX_ID = 500;

/** Fit for the database and for one line of a card. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/u;
const text = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => !CONTROL.test(value) && value.isWellFormed(), {
      error: "It holds control characters, or half of a character.",
    });

const id = text(MAX_ID);
const httpsUrl = z.url({ protocol: /^https$/u }).max(2_000);

const toFields = {
  conversation: id.optional().describe("A conversation's id (`19:…@thread.v2`, `a:1…`)."),
  team: id.optional().describe("A team's id at Graph, or Teams' own id of it; together with `channel`."),
  channel: id.optional().describe("A channel's id (`19:…@thread.tacv2`); together with `team`."),
  link: text(2_000).optional().describe("What “Copy link to channel” gives."),
  user: id.optional().describe("A person's object id in Entra, or their user principal name."),
  alias: text(64).optional().describe("A name set with `@Opwatch alias <name>`."),
} as const;

const TO_FORMS = [["conversation"], ["team", "channel"], ["link"], ["user"], ["alias"]] as const;

const To = z
  .strictObject(toFields)
  .refine((to) => formOf(to) !== null, {
    error: "Exactly one of these: conversation; team and channel; link; user; alias.",
  })
  .meta({
    description: "Where the card goes: one of these forms.",
    oneOf: TO_FORMS.map((required) => ({ required })),
  });

type ToFields = { readonly [Name in keyof typeof toFields]?: string | undefined };

/** Which of the forms it has; null when it is none, or more than one. */
export function formOf(to: ToFields): (typeof TO_FORMS)[number] | null {
  const given = Object.entries(to)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  return (
    TO_FORMS.find((form) => form.length === given.length && form.every((name) => given.includes(name))) ??
    null
  );
}

export const CreateWatch = z
  .strictObject({
    operation: z
      .string()
      .min(1)
      .max(MAX_OPERATION)
      .describe("Anything that holds one operation's location: a header's value, a whole response."),
    to: To,
    thread: z
      .string()
      .regex(/^\d{1,20}$/u, "The id of a message: digits only.")
      .optional()
      .describe("In a channel: the message under which the card is posted. Without it a new thread begins."),
    requester: id
      .optional()
      .describe(
        "Who is mentioned at the end: a member of the conversation, by object id or user principal name.",
      ),
    notify: z
      .enum(["auto", "always", "failure", "never"])
      .default("auto")
      .describe("When a message beside the card tells of the end. `auto`: on failure, or after two minutes."),
    title: text(200).optional().describe("What the card is headed with."),
    link: httpsUrl.optional().describe("A button on the card, for example to the pipeline's run."),
    callbackUrl: z.url().max(2_000).optional().describe("Gets signed CloudEvents; its host must be allowed."),
    callbackOn: z.enum(["end", "change"]).default("end").describe("Of which news it is told."),
  })
  .meta({ id: "CreateWatch" });

export type CreateWatchBody = z.infer<typeof CreateWatch>;

const instant = z.iso.datetime();

export const Watch = z
  .object({
    id: z.uuid(),
    status: z.enum([
      "notStarted",
      "running",
      "unknown",
      "succeeded",
      "failed",
      "skipped",
      "unavailable",
      "notFound",
      "forbidden",
      "stopped",
      "expired",
    ]),
    graphStatus: z.string().nullable().describe("The word that Graph used."),
    isFinal: z.boolean(),
    operation: z.string(),
    operationType: z.string().nullable(),
    createdDateTime: instant,
    lastActionDateTime: instant,
    lastCheckedDateTime: instant.nullable(),
    attemptsCount: z.int().nullable(),
    percentageComplete: z.int().nullable(),
    targetResourceId: z.string().nullable(),
    targetResourceLocation: z.string().nullable(),
    webUrl: z.string().nullable(),
    error: z.object({ code: z.string().nullable(), message: z.string().nullable() }).nullable(),
    title: z.string().nullable(),
    link: z.string().nullable(),
    requester: z.string(),
    notify: z.enum(["auto", "always", "failure", "never"]),
    closeReason: z.enum(["ended", "stopped", "expired", "removed", "cardLost"]).nullable(),
    closedDateTime: instant.nullable(),
    card: z.object({
      conversation: z.string(),
      conversationType: z.enum(["personal", "groupChat", "channel"]),
      activityId: z.string().nullable(),
      state: z.enum(["pending", "current", "unreachable"]),
    }),
    callback: z
      .object({
        url: z.string(),
        on: z.enum(["end", "change"]),
        state: z.enum(["waiting", "pending", "delivered", "givenUp"]),
        attempts: z.int(),
        lastStatus: z.int().nullable(),
        lastTriedDateTime: instant.nullable(),
      })
      .nullable(),
  })
  .meta({ id: "Watch" });

export type WatchBody = z.infer<typeof Watch>;

export const WatchList = z
  .object({ value: z.array(Watch), nextLink: z.string().optional() })
  .meta({ id: "WatchList" });

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export const ListQuery = z.strictObject({
  conversation: id.optional(),
  state: z.enum(["open", "closed"]).optional(),
  top: z.coerce.number().int().min(1).max(100).default(50),
  skiptoken: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
});
