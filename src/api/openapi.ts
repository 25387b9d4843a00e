import { z } from "zod/v4";
import { CreateWatch, Problem, Watch, WatchList } from "./schemas.ts";

const NAMED = { CreateWatch, Watch, WatchList, Problem } as const;

/** The OpenAPI 3.1 description, made of the schemas that validate the requests. */
export function openApi(): object {
  made ??= make();
  return made;
}

let made: object | null = null;

function make(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Opwatch",
      version: "1",
      description:
        "Watch a long-running Microsoft Graph operation, with a card in Teams that changes in place. Every error is an RFC 9457 problem.",
    },
    paths: {
      "/api/watches": {
        post: {
          operationId: "createWatch",
          summary: "Watch an operation and post its card",
          parameters: [
            {
              name: "Idempotency-Key",
              in: "header",
              required: false,
              schema: { type: "string", minLength: 1, maxLength: 255 },
              description: "The same key makes the same watch, for 7 days.",
            },
          ],
          requestBody: { required: true, content: json("CreateWatch") },
          responses: {
            202: {
              description: "It is watched, durably, and its card is on the way.",
              headers: { Location: { schema: { type: "string" }, description: "/api/watches/{id}" } },
              content: json("Watch"),
            },
            ...problems([400, 401, 403, 409, 413, 415, 422, 429, 503]),
          },
        },
        get: {
          operationId: "listWatches",
          summary: "The tenant's watches, the newest first",
          parameters: [
            query("conversation", { type: "string" }),
            query("state", { type: "string", enum: ["open", "closed"] }),
            query("top", { type: "integer", minimum: 1, maximum: 100, default: 50 }),
            query("skiptoken", { type: "integer", minimum: 1 }),
          ],
          responses: {
            200: { description: "One page; `nextLink` leads to the next.", content: json("WatchList") },
            ...problems([400, 401, 403, 429, 503]),
          },
        },
      },
      "/api/watches/{id}": {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } }],
        get: {
          operationId: "getWatch",
          summary: "A watch as last read; asks nothing of Graph",
          responses: {
            200: { description: "The watch.", content: json("Watch") },
            ...problems([401, 403, 404, 429, 503]),
          },
        },
        delete: {
          operationId: "stopWatch",
          summary: "Stop watching; the card says so once",
          responses: {
            204: { description: "It is not watched any more." },
            ...problems([401, 403, 404, 429, 503]),
          },
        },
      },
    },
    components: {
      schemas: schemas(),
      securitySchemes: {
        entra: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "An Entra ID access token for the bot's application with the role Watches.Write or Watches.Read.",
        },
      },
    },
    security: [{ entra: [] }],
  };
}

/** As requests have it: what has a default may be left out. */
function schemas(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas: named } = z.toJSONSchema(registry, { io: "input", uri: referenceTo });
  return Object.fromEntries(
    Object.entries(named).map(([id, { $id: _id, $schema: _dialect, id: _name, ...schema }]) => [id, schema]),
  );
}

function referenceTo(id: string): string {
  return `#/components/schemas/${id}`;
}

function json(name: keyof typeof NAMED): object {
  return { "application/json": { schema: { $ref: referenceTo(name) } } };
}

function query(name: string, schema: object): object {
  return { name, in: "query", required: false, schema };
}

function problems(statuses: readonly number[]): object {
  const schema = { $ref: referenceTo("Problem") };
  const answer = { description: "A problem.", content: { "application/problem+json": { schema } } };
  return Object.fromEntries(statuses.map((status) => [status, answer]));
}
