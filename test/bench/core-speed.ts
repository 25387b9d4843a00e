import { parseAddress } from "../../src/core/address.ts";
import { decide } from "../../src/core/decide.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { newOperation } from "../../src/core/operation.ts";
import { readCheck, type Reply } from "../../src/graph/read-answer.ts";
import { createGraphClient } from "../../src/graph/graph-client.ts";
import { NO_TOKEN } from "../../src/identity/token-source.ts";
import { tenantId } from "../../src/core/ids.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";
import { median, type Figure } from "./report.ts";

type Line = Figure & { readonly what: string };

const TEAM = "dbd8de4f-5d47-48da-87f1-594bed003375";
const OPERATION = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
const ADDRESS = `/teams('${TEAM}')/operations('${OPERATION}')`;

/** What people paste: responses, JSON, HTML, logs; mostly not addresses. */
const PASTES = [
  `HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nLocation: ${ADDRESS}\r\nContent-Location: /teams('${TEAM}')\r\nrequest-id: ${OPERATION}\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n`,
  `{"statusCode":202,"headers":{"Location":"\\/teams(\\u0027${TEAM}\\u0027)\\/operations(\\u0027${OPERATION}\\u0027)","Cache-Control":"private"}}`,
  `<div><p>track <a href="https://graph.microsoft.com/v1.0${ADDRESS}" title="x">the operation</a>&nbsp;please, it was started by the provisioning job this morning</p></div>`,
  "2026-11-21T12:00:00Z INFO provisioning team Marketing for alex@contoso.com took 1520 ms and returned 202, waiting for the operation to end before the channels are made. ",
].map((paste) => paste.repeat(Math.ceil(28_000 / paste.length)).slice(0, 28_000));

const BODY = {
  id: OPERATION,
  operationType: "createTeam",
  createdDateTime: "2026-11-21T12:00:00.3007846Z",
  status: "inProgress",
  lastActionDateTime: "2026-11-21T12:00:00.3007846Z",
  attemptsCount: 1,
  targetResourceId: TEAM,
  targetResourceLocation: `/teams('${TEAM}')`,
  Value:
    '{"apps":[{"Index":1,"Status":"InProgress","Reference":"com.microsoft.teamspace.tab.vsts"}],"channels":[{"tabs":[],"Index":1,"Status":"NotStarted","Reference":"Class Announcements"}]}',
  error: null,
};

/** The pure parts, and a batch's way through the client with the network taken out. */
export async function measureCore(): Promise<readonly Line[]> {
  const pastedBytes = PASTES.reduce((sum, paste) => sum + paste.length, 0);
  const pasteUs = timed(200, () => PASTES.forEach((paste) => findAddresses(paste, GLOBAL_GRAPH)));
  const item: Reply = { kind: "item", status: 200, headers: {}, body: BODY, clientRequestId: null };
  const now = Date.UTC(2026, 10, 21, 12, 1);
  const circumstances = {
    intervalMs: 31_000,
    spread: 0.5,
    kind: "team",
    usual: new Map(),
    looks: false,
  } as const;
  const answer = readCheck("team", item, now);
  const known = decide(newOperation(now - 60_000), answer, now - 31_000, circumstances).state;
  const decideUs = timed(20_000, () => decide(known, answer, now, circumstances));
  const batchUs = await readBatchUs();
  return [
    { what: "reading pasted text", text: `${(pastedBytes / pasteUs).toFixed(1)} MB/s` },
    { what: "deciding about one answer", text: `${decideUs.toFixed(2)} µs` },
    { what: "asking for and reading a batch of 20", text: `${batchUs.toFixed(0)} µs` },
  ];
}

async function readBatchUs(): Promise<number> {
  const found = parseAddress(ADDRESS, GLOBAL_GRAPH);
  if (!found.ok) throw new Error("The sample is no address.");
  const addresses = Array.from({ length: 20 }, () => found.address);
  const responses = addresses.map((_, id) => ({ id: String(id), status: 200, headers: {}, body: BODY }));
  const text = JSON.stringify({ responses });
  const client = createGraphClient({
    origin: GLOBAL_GRAPH.origin,
    tokens: NO_TOKEN,
    fetch: () => Promise.resolve(new Response(text)),
    now: Date.now,
  });
  const times: number[] = [];
  for (let round = 0; round < 3_000; round += 1) {
    const start = performance.now();
    await client.check(tenantId("t"), "v1.0", addresses, Date.now() + 10_000);
    times.push((performance.now() - start) * 1000);
  }
  return median(times.slice(500));
}

/** Microseconds for one call: the median of slices, after a warm-up. */
function timed(calls: number, work: () => void): number {
  const slices: number[] = [];
  for (let slice = 0; slice < 12; slice += 1) {
    const start = performance.now();
    for (let call = 0; call < calls; call += 1) work();
    slices.push(((performance.now() - start) * 1000) / calls);
  }
  return median(slices.slice(2));
}
