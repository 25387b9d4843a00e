import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addressIn, printAddress, type Address, type AddressProblem } from "../../src/core/address.ts";
import { CLOUD_NAMES, CLOUDS } from "../../src/core/clouds.ts";
import { findAddresses, type Found } from "../../src/core/find-addresses.ts";
import { KINDS, writePath } from "../../src/core/kinds.ts";
import { GLOBAL_GRAPH, graphOf } from "../support/graphs.ts";

const TEAM = "dbd8de4f-5d47-48da-87f1-594bed003375";
const OPERATION = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
const KEYED = `/teams('${TEAM}')/operations('${OPERATION}')`;
const SLASHED = `/teams/${TEAM}/operations/${OPERATION}`;
const KEY = `team/${TEAM}/${OPERATION}`;
const THREAD = "19:82fe7758-5bb3-4f0d-a43f-e555fd399c6f_bfb5bb25-3a8d-487d-9828-7875ced51a30@unq.gbl.spaces";
const CHAT = `/chats('${THREAD}')/operations('2432b57b-0abd-43db-aa7b-16eadd115d34-861f06db')`;
const CHAT_KEY = `chat/${THREAD}/2432b57b-0abd-43db-aa7b-16eadd115d34-861f06db`;
const ENGAGE_ID =
  "eyJfdHlwZSI6IkxvbmdSdW5uaW5nT3BlcmF0aW9uIiwiaWQiOiI4ZmM2NzEyZS0wMWY4LTQxN2YtYWNmMS1iZTJiYmMxY2FjNGQiLCJvcGVyYXRpb24iOiJDcmVhdGVDb21tdW5pdHkifQ";
const ENGAGE = `https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations('${ENGAGE_ID}')`;
const ENGAGE_KEY = `engagement/${ENGAGE_ID}`;

function find(pasted: string): Found {
  return findAddresses(pasted, GLOBAL_GRAPH);
}

function keysIn(pasted: string): readonly string[] {
  return find(pasted).addresses.map(({ key }) => key);
}

function missesIn(pasted: string): readonly AddressProblem[] {
  return find(pasted).nearMisses.map(({ problem }) => problem);
}

describe("what people paste", () => {
  test.each<[string, string, readonly string[]]>([
    ["a header line", `Location: ${KEYED}`, [KEY]],
    ["a header line in lower case", `location: ${KEYED}\r\n`, [KEY]],
    ["a header line in capitals, without a space", `LOCATION:${KEYED}`, [KEY]],
    ["a header folded onto the next line", `Location:\r\n ${KEYED}\r\n`, [KEY]],
    ["Operation-Location", `Operation-Location: ${ENGAGE}`, [ENGAGE_KEY]],
    ["Content-Location of a shared channel", `Content-Location: ${SLASHED}`, [KEY]],
    [
      "curl -i",
      `HTTP/2 202 \r
content-length: 0\r
location: ${KEYED}\r
content-location: /teams('${TEAM}')\r
request-id: 50a0e733-4567-4f6c-81bf-04d144fc8bbe\r
client-request-id: 8f897345-f6f3-49dd-83a8-a3064eeecdf8\r
x-ms-ags-diagnostic: {"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"004","RoleInstance":"AM4PEPF0002"}}\r
strict-transport-security: max-age=31536000\r
date: Sat, 21 Nov 2026 12:00:00 GMT\r
\r
`,
      [KEY],
    ],
    [
      "curl -v",
      `> POST /v1.0/teams/${TEAM}/clone HTTP/2
> Host: graph.microsoft.com
< HTTP/2 202
< location: ${KEYED}
< content-location: /teams('${TEAM}')
* Connection #0 to host graph.microsoft.com left intact`,
      [KEY],
    ],
    [
      "a whole exchange over HTTP/1.1",
      `POST https://graph.microsoft.com/v1.0/teams/${TEAM}/archive\n\nHTTP/1.1 202 Accepted\nLocation: ${KEYED}\nContent-Type: text/plain\nContent-Length: 0\n`,
      [KEY],
    ],
    [
      "Invoke-WebRequest's headers as a table",
      `Key                       Value\n---                       -----\nLocation                  {${KEYED}}\nContent-Location          {/teams('${TEAM}')}\nrequest-id                {50a0e733-4567-4f6c-81bf-04d144fc8bbe}\n`,
      [KEY],
    ],
    [
      "Invoke-WebRequest's headers as a list",
      `Key   : Location\nValue : {${KEYED}}\n\nKey   : Content-Location\nValue : {/teams('${TEAM}')}\n`,
      [KEY],
    ],
    [
      "Invoke-MgGraphRequest's header variable",
      `Name                           Value\n----                           -----\nLocation                       {${KEYED}}\nTransfer-Encoding              {chunked}\n`,
      [KEY],
    ],
    ["a PowerShell hash table", `@{Location=${KEYED}; StatusCode=202}`, [KEY]],
    ["a PowerShell hash table of quoted values", `@{ 'Location' = '${KEYED}'; 'Date' = 'x' }`, [KEY]],
    ["a PowerShell hash table of lists", `@{Location=System.String[]; X={${KEYED}}}`, [KEY]],
    ["a PowerShell index", `$h['Location']\n${KEYED}`, [KEY]],
    [
      "RawContent",
      `RawContent        : HTTP/1.1 202 Accepted\n                    Location: ${KEYED}\n                    Content-Length: 0`,
      [KEY],
    ],
    [
      "a console that broke the line within a key",
      `Location : /teams('${TEAM}')/operations('3a6fdce1-c261-48bc-\n           89de-1cfef658c0d5')`,
      [KEY],
    ],
    ["ConvertTo-Json", JSON.stringify({ Location: [KEYED] }, null, 2).replaceAll("'", "\\u0027"), [KEY]],
    ["ConvertTo-Json -Compress", `{"Location":["${KEYED.replaceAll("'", "\\u0027")}"]}`, [KEY]],
    [
      "JSON in JSON",
      JSON.stringify({ log: JSON.stringify({ location: ENGAGE }).replaceAll("'", "\\u0027") }),
      [ENGAGE_KEY],
    ],
    ["JSON with escaped slashes", `{"location":"${ENGAGE.replaceAll("/", "\\/")}"}`, [ENGAGE_KEY]],
    ["JSON", `{"location": "${KEYED}", "status": 202}`, [KEY]],
    ["JSON without a space", `{"location":"${KEYED}","content-location":"/teams('${TEAM}')"}`, [KEY]],
    [
      "an operation's own body",
      `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#teams('${TEAM}')/operations/$entity","id":"${OPERATION}","@odata.id":"https://graph.microsoft.com/v1.0${KEYED}","targetResourceLocation":"/teams('${TEAM}')"}`,
      [KEY],
    ],
    [
      "m365's output",
      `{\n  "@odata.context": "https://graph.microsoft.com/beta/$metadata#employeeExperience/engagementAsyncOperations/$entity",\n  "location": "${ENGAGE}"\n}`,
      [ENGAGE_KEY],
    ],
    [
      "m365 --debug",
      `Request:\n{\n  "url": "https://graph.microsoft.com/v1.0/teams",\n  "method": "post"\n}\nResponse: "location": '${KEYED}',`,
      [KEY],
    ],
    ["a Python dict", `{'Location': "${KEYED}", 'Content-Length': '0'}`, [KEY]],
    ["a Python dict of plain text", `{'Location': '${SLASHED}', 'Date': 'x'}`, [KEY]],
    ["a Python list", `['${SLASHED}', '${ENGAGE.replaceAll("'", "")}']`, [KEY, ENGAGE_KEY]],
    ["a JavaScript object", `{ location: '${SLASHED}', status: 202 }`, [KEY]],
    ["Graph Explorer's response headers", `"location"\n:\n"${KEYED}"`, [KEY]],
    [
      "Graph Explorer's headers as JSON",
      `{\n    "cache-control": "private",\n    "client-request-id": "x",\n    "content-location": "/teams('${TEAM}')",\n    "location": "${KEYED}",\n    "request-id": "y"\n}`,
      [KEY],
    ],
    ["an HTTP log in one line", `[12:00:01 INF] 202 Accepted Location=${KEYED} (512 ms)`, [KEY]],
    ["a shell's variable", `LOCATION="${KEYED}"`, [KEY]],
    ["a command to check it", `curl -H "Authorization: Bearer $T" "${ENGAGE}"`, [ENGAGE_KEY]],
    ["a GET line", `GET ${SLASHED} HTTP/1.1\nHost: graph.microsoft.com`, [KEY]],
    ["a sentence", `Please watch ${KEYED}, thanks!`, [KEY]],
    ["a sentence that ends with it", `It is ${ENGAGE}.`, [ENGAGE_KEY]],
    ["a sentence with it in brackets", `The clone (${KEYED}) hangs.`, [KEY]],
    ["a question", `Is ${SLASHED} done?`, [KEY]],
    ["a Markdown link", `[the clone](${ENGAGE})`, [ENGAGE_KEY]],
    [
      "a Markdown link whose label is the address",
      `[${KEYED}](https://graph.microsoft.com/v1.0${KEYED})`,
      [KEY],
    ],
    ["Markdown's code", `\`${KEYED}\``, [KEY]],
    ["a Markdown code block", `\`\`\`http\nLocation: ${KEYED}\n\`\`\``, [KEY]],
    ["a Markdown autolink", `<${ENGAGE}>`, [ENGAGE_KEY]],
    ["a Markdown list", `- ${KEYED}\n* ${CHAT}\n1. ${ENGAGE}`, [KEY, CHAT_KEY, ENGAGE_KEY]],
    ["a Markdown table", `| Location | ${KEYED} |\n|---|---|`, [KEY]],
    ["Teams' link", `<a href="${ENGAGE}" title="${ENGAGE}">here</a>`, [ENGAGE_KEY]],
    ["Teams' link in single quotes", `<a href='${ENGAGE.replaceAll("'", "%27")}'>here</a>`, [ENGAGE_KEY]],
    [
      "Teams' link with the address as its label",
      `<a href="https://graph.microsoft.com/v1.0${KEYED}">https://graph.microsoft.com/v1.0${KEYED}</a>`,
      [KEY],
    ],
    ["Teams' paragraphs", `<div><p>Location:&nbsp;${KEYED}</p><p>&nbsp;</p></div>`, [KEY]],
    ["Teams' code block", `<codeblock class="Http"><code>Location: ${KEYED}<br></code></codeblock>`, [KEY]],
    ["Teams' preformatted text", `<pre>Location: ${KEYED}\ncontent-length: 0</pre>`, [KEY]],
    ["Teams' entities", `Location: ${KEYED.replaceAll("'", "&#39;")}&nbsp;`, [KEY]],
    ["Teams' other entities", `&quot;${KEYED.replaceAll("'", "&apos;")}&quot;,`, [KEY]],
    ["Teams' hexadecimal entities", KEYED.replaceAll("'", "&#x27;").replaceAll("(", "&#x28;"), [KEY]],
    ["a mention before it", `<at>Opwatch</at>&nbsp;track ${KEYED}`, [KEY]],
    ["a mention and a sentence", `<at id="0">Opwatch</at> track&nbsp;<em>${KEYED}</em>`, [KEY]],
    ["smart quotes around", `“${KEYED}”`, [KEY]],
    ["smart quotes within", KEYED.replaceAll("('", "(‘").replaceAll("')", "’)"), [KEY]],
    ["guillemets around", `«${KEYED}»`, [KEY]],
    ["low quotes around", `„${SLASHED}“`, [KEY]],
    ["a zero-width space before and behind", `\u200b${KEYED}\u200b`, [KEY]],
    [
      "a zero-width space and a soft hyphen within",
      `/teams('${TEAM}')/\u200boperations('${OPERATION.replace("-", "-\u00ad")}')`,
      [KEY],
    ],
    ["a byte order mark", `\ufeffLocation: ${KEYED}`, [KEY]],
    ["no-break spaces", `\u00a0${KEYED}\u00a0${CHAT}\u2003`, [KEY, CHAT_KEY]],
    ["several, one on each line", `${KEYED}\n${CHAT}\n${ENGAGE}`, [KEY, CHAT_KEY, ENGAGE_KEY]],
    ["several, between commas", `${KEYED}, ${CHAT},${ENGAGE}`, [KEY, CHAT_KEY, ENGAGE_KEY]],
    ["several, between semicolons", `${KEYED};${CHAT}; ${ENGAGE};`, [KEY, CHAT_KEY, ENGAGE_KEY]],
    [
      "the same one in two spellings",
      `${KEYED} and ${SLASHED} and https://graph.microsoft.com/beta${KEYED}`,
      [KEY],
    ],
    ["a doubled slash", `https://graph.microsoft.com/v1.0/${KEYED}`, [KEY]],
    ["percent-encoding", `/teams%28%27${TEAM}%27%29/operations%28%27${OPERATION}%27%29`, [KEY]],
    [
      "a comma within an id",
      `/sites/root/operations/contentTypeCopy,0x0101`,
      ["site/root/contentTypeCopy,0x0101"],
    ],
    [
      "a query that Graph needs",
      "https://graph.microsoft.com/v1.0/security/x/operations/1?aadgdc=DUB02P&amp;aadgsu=ssprprod-a",
      ["other/security/x/operations/1"],
    ],
  ])("%s", (_, pasted, keys) => {
    expect(keysIn(pasted)).toEqual(keys);
    expect(find(pasted).bareIds).toEqual([]);
  });

  test("the first spelling's place and the last one's path count", () => {
    const { addresses } = find(`${KEYED} ${CHAT} ${SLASHED}`);
    expect(addresses.map(({ kind }) => kind)).toEqual(["team", "chat"]);
    expect(addresses.every(({ key }) => key === KEY || key === CHAT_KEY)).toBe(true);
  });

  test.each(CLOUD_NAMES)("an address of %s is taken where that is the configured cloud", (cloud) => {
    const text = `Location: ${CLOUDS[cloud].graphOrigin}/v1.0${KEYED}`;
    for (const configured of CLOUD_NAMES) {
      const { addresses, nearMisses } = findAddresses(text, graphOf(configured));
      expect(addresses.map(({ key }) => key)).toEqual(configured === cloud ? [KEY] : []);
      expect(nearMisses.map(({ problem }) => problem)).toEqual(configured === cloud ? [] : ["otherCloud"]);
    }
  });
});

describe("near misses", () => {
  const MONITOR = "https://contoso.sharepoint.com/_api/v2.0/monitor/4A3407B5-88FC-4504-8B21-0AABD3412717";
  test.each<[string, string, readonly AddressProblem[]]>([
    ["a team's location", `/teams('${TEAM}')`, ["target"]],
    ["a team's location in its header", `Content-Location: /teams('${TEAM}')`, ["target"]],
    ["a channel's location", `/teams/${TEAM}/channels/19:abc@thread.tacv2`, ["target"]],
    ["a team's absolute location", `https://graph.microsoft.com/v1.0/teams/${TEAM}`, ["target"]],
    ["a community", "/employeeExperience/communities('x')", ["target"]],
    ["a list of operations", `/teams('${TEAM}')/operations`, ["target"]],
    [
      "an @odata.context",
      `https://graph.microsoft.com/beta/$metadata#teams('a')/operations/$entity`,
      ["metadata"],
    ],
    ["a placeholder", "/teams/{team-id}/operations/{op-id}", ["placeholder"]],
    ["a placeholder with a space", "/teams/{team id}/operations/{op id}", ["placeholder"]],
    ["a placeholder in angle brackets", "/teams/<team id>/operations/<op-id>", ["placeholder"]],
    ["a placeholder that Teams has escaped", "/teams/&lt;id&gt;/operations/&lt;op-id&gt;", ["placeholder"]],
    ["a placeholder between quotes", "Location: /teams('{id}')/operations('{opId}')", ["placeholder"]],
    ["a placeholder between parentheses", "Location: /teams({id})/operations({opId})", ["placeholder"]],
    ["an address cut short", "/teams('dbd8de4f…')/operations('3a6f…')", ["placeholder"]],
    ["a copy monitor", MONITOR, ["copyMonitor"]],
    ["a copy monitor of OneDrive", "Location: https://api.onedrive.com/monitor/4A34?x=1", ["copyMonitor"]],
    [
      "a copy monitor of a drive",
      "https://contoso-my.sharepoint.com/personal/a/_api/v2.1/drives/b!x/operations/1",
      ["copyMonitor"],
    ],
    ["another cloud", `https://graph.microsoft.us/v1.0${KEYED}`, ["otherCloud"]],
    ["an unknown host", `https://graph.example.com/v1.0${KEYED}`, ["unknownHost"]],
    ["an operation of a sign-in method", "/users/a/authentication/operations/b", ["authentication"]],
    ["an operation of the signed-in user", "/me/onenote/operations/b", ["signedInUser"]],
    ["a broken percent sign", "/teams/%zz/operations/b", ["malformed"]],
    ["a way up", "/teams/../operations/b", ["malformed"]],
    ["prose", "hello there", ["notAnOperation"]],
    ["an empty header", "Location:", ["notAnOperation"]],
  ])("%s", (_, pasted, problems) => {
    expect(keysIn(pasted)).toEqual([]);
    expect(missesIn(pasted)).toEqual(problems);
  });

  test.each(["", " ", "\n\t\u00a0"])("there is nothing to say of %j", (pasted) => {
    expect(find(pasted)).toEqual({ addresses: [], nearMisses: [], bareIds: [] });
  });

  test.each([
    MONITOR,
    `Location: ${MONITOR}?tempauth=eyJ0eXAi`,
    `"${MONITOR}",`,
    `<a href="${MONITOR}">${MONITOR}</a>`,
    `{"location":"${MONITOR}"}`,
    `[x](${MONITOR})`,
    `${KEYED} ${MONITOR}`,
    `Location=${MONITOR.toUpperCase()}`,
    MONITOR.replaceAll("/", "\\/"),
  ])("a copy monitor is a secret, and not repeated: %s", (pasted) => {
    const { nearMisses } = find(pasted);
    expect(nearMisses.map(({ problem }) => problem)).toContain("copyMonitor");
    expect(JSON.stringify(nearMisses)).not.toMatch(/4A3407B5|contoso|monitor\//iu);
  });

  test.each([
    MONITOR.replace("https:", "http:"),
    MONITOR.replace("https://", ""),
    MONITOR.replace("https:", ""),
    MONITOR.replace("https://contoso.sharepoint.com", ""),
    MONITOR.replace("sharepoint.com", "sharepoint.com:443"),
    encodeURIComponent(MONITOR),
    `url/${MONITOR}`,
    MONITOR.replace("//", "\n//"),
  ])("a copy monitor that is written oddly is not repeated, either: %s", (pasted) => {
    expect(JSON.stringify(find(pasted))).not.toContain("4A3407B5");
  });

  test("what is told of a stranger's host is scheme and host only", () => {
    expect(find(`https://graph.example.com/v1.0${KEYED}?code=SECRET`).nearMisses).toEqual([
      { ok: false, problem: "unknownHost", text: "https://graph.example.com" },
    ]);
  });

  test("beside an address only what was surely meant is told", () => {
    const { addresses, nearMisses } = find(
      `Location: ${KEYED}
Content-Location: /teams('${TEAM}')
{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#teams('a')/operations/$entity"}
see https://learn.microsoft.com/graph/long-running-actions-overview
https://graph.microsoft.us/v1.0${SLASHED}
/teams/{id}/operations/{op}`,
    );
    expect(addresses.map(({ key }) => key)).toEqual([KEY]);
    expect(nearMisses.map(({ problem }) => problem)).toEqual(["otherCloud", "placeholder"]);
  });

  test("the same near miss is told once, and of a log not all", () => {
    expect(missesIn("/teams/{id}/operations/{op} /teams/{id}/operations/{op}")).toEqual(["placeholder"]);
    const log = Array.from({ length: 500 }, (_, index) => `/teams/{id}/operations/x${index}`).join("\n");
    expect(missesIn(log).length).toBeLessThanOrEqual(50);
  });

  test("an address past fifty near misses is found", () => {
    const log = Array.from({ length: 500 }, (_, index) => `/teams/{id}/operations/x${index}`).join("\n");
    expect(keysIn(`${log}\n${KEYED}`)).toEqual([KEY]);
  });
});

describe("what is no operation of Graph's", () => {
  test.each([
    "/var/log/operations/1",
    "~/src/operations/2",
    "./operations/2",
    "C:\\operations\\2",
    "src/operations/index.ts",
    "home/alex/operations/3",
    "https://learn.microsoft.com/graph/api/resources/teamsasyncoperation",
    "https://learn.microsoft.com/azure/operations/1",
    "https://github.com/contoso/operations/1",
    "https://example.com/teams/a",
    "mailto:operations@contoso.com",
    "operations/1",
    "a/operations/1",
    "teamsoperations",
    "and/or",
  ])("%s", (pasted) => {
    expect(keysIn(pasted)).toEqual([]);
    expect(keysIn(`see ${pasted}, ok`)).toEqual([]);
    expect(keysIn(`${pasted} ${KEYED}`)).toEqual([KEY]);
  });
});

describe("bare ids", () => {
  test.each<[string, readonly string[]]>([
    [OPERATION, [OPERATION]],
    [` ${OPERATION}\n`, [OPERATION]],
    [`"${OPERATION}"`, [OPERATION]],
    [`${OPERATION} ${TEAM} ${OPERATION}`, [OPERATION, TEAM]],
    [ENGAGE_ID, [ENGAGE_ID]],
    ["contentTypeCopy,0x0101", ["contentTypeCopy,0x0101"]],
    [`please watch ${OPERATION}`, []],
    ["operations", []],
    ["1234567", []],
    ["x".repeat(513) + "1", []],
    [`${OPERATION} ${KEYED}`, []],
    [`${OPERATION} /teams/{id}/operations/{op}`, []],
  ])("in %s: %j", (pasted, ids) => {
    expect(find(pasted).bareIds).toEqual(ids);
  });
});

/** How an address may be wrapped; what stands around it has none of its own. */
const WRAPPINGS: readonly ((address: string) => string)[] = [
  (it) => it,
  (it) => `Location: ${it}`,
  (it) => `OPERATION-LOCATION:${it}\r\n`,
  (it) => `HTTP/1.1 202 Accepted\r\nContent-Location: ${it}\r\nContent-Length: 0\r\n\r\n`,
  (it) => `"${it}"`,
  (it) => `{"location":"${it}","status":202}`,
  (it) => JSON.stringify({ Location: [it] }),
  (it) => JSON.stringify({ Location: [it] }, null, 2).replaceAll("'", "\\u0027"),
  (it) => JSON.stringify(JSON.stringify({ Location: it }).replaceAll("'", "\\u0027")),
  (it) => `Location                  {${it}}`,
  (it) => `Key   : Location\nValue : {${it}}\n`,
  (it) => `@{Location=${it}; StatusCode=202}`,
  (it) => `<${it}>`,
  (it) => `\`${it}\``,
  (it) => `\`\`\`\n${it}\n\`\`\``,
  (it) => `[here](${it})`,
  (it) => `(${it})`,
  (it) => `see ${it}, please.`,
  (it) => `<a href="${it}">here</a>`,
  (it) => `<a href="${it}" title="x">${it}</a>`,
  (it) => `<p>${it}</p>`,
  (it) => `<div>&nbsp;${it.replaceAll("&", "&amp;").replaceAll("'", "&#39;")}&nbsp;</div>`,
  (it) => `“${it}”`,
  (it) => it.replaceAll("('", "(‘").replaceAll("')", "’)"),
  (it) => `\u200b${it}\ufeff`,
  (it) => `| a | ${it} |`,
  (it) => `${it}\n${it}`,
];

const word = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._:@=~-]{0,60}[A-Za-z0-9])?$/u);
const anId = fc.oneof(
  fc.uuid(),
  fc.stringMatching(/^19:[0-9a-f_-]{1,60}@(?:thread\.v2|thread\.tacv2|unq\.gbl\.spaces)$/u),
  fc.stringMatching(/^eyJ[A-Za-z0-9_-]{1,140}$/u),
  word.filter((id) => !id.includes("...")),
);

/** An address of any kind, as it is made of a path's own ids. */
const anAddress: fc.Arbitrary<Address> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    fc.array(anId, { minLength: 3, maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom("/v1.0", "/beta", "https://graph.microsoft.com/v1.0", ""),
  )
  .map(([kind, ids, isSlashed, root]) => {
    const count = (kind.paths[0] ?? "").split("{").length - 1;
    const path = isSlashed
      ? (kind.paths[0] ?? "").replaceAll(/\{\w+\}/gu, () => "\u0000").split("\u0000")
      : null;
    const text =
      path === null
        ? writePath(kind, ids.slice(0, count))
        : path.map((part, index) => part + (index < count ? (ids[index] ?? "") : "")).join("");
    const [address] = find(root + text).addresses;
    if (address === undefined) throw new Error(`Not found: ${root}${text}`);
    return address;
  });

describe("properties", () => {
  test("what is printed is read back, of every kind", () => {
    fc.assert(
      fc.property(anAddress, (address) => {
        expect(find(printAddress(address)).addresses).toEqual([address]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("what a bare id is taken for is read back, too", () => {
    fc.assert(
      fc.property(fc.constantFrom("team" as const, "chat" as const), anId, anId, (kind, owner, operation) => {
        const address = addressIn(kind, owner, operation);
        expect(find(printAddress(address)).addresses).toEqual([address]);
      }),
    );
  });

  test("whatever is around it, it is found, and nothing else", () => {
    fc.assert(
      fc.property(anAddress, fc.constantFrom(...WRAPPINGS), fc.boolean(), (address, wrap, isAbsolute) => {
        const printed = printAddress(address);
        const pasted = wrap(isAbsolute ? `https://graph.microsoft.com${printed}` : printed);
        expect(find(pasted)).toEqual({ addresses: [address], nearMisses: [], bareIds: [] });
      }),
      { numRuns: 4_000 },
    );
  });

  test("several are found in their order, whatever stands between them", () => {
    const between = fc.constantFrom(
      "\n",
      " ",
      ", ",
      "; ",
      "\r\nLocation: ",
      "</p><p>",
      " and ",
      '","',
      "\t| ",
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(anAddress, { minLength: 2, maxLength: 6, selector: ({ key }) => key }),
        between,
        (addresses, separator) => {
          const pasted = addresses.map(printAddress).join(separator);
          expect(find(pasted).addresses).toEqual(addresses);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const FRAGMENTS = [
    ..."/ // ( ) ' '' \" % %27 %2F %00 %zz \\ \\u0027 \\u . .. ? # { } < > | ` [ ] ]( @ @{ = : ; , & &amp; &#39; &#x27; &nbsp; &#55555555; ’ “ \u200b \u0000 \n \t x 1 \u{1f600} \ud800 \udc00 İ".split(
      " ",
    ),
    ..."teams chats operations operations/ groups team employeeExperience engagementAsyncOperations beta v1.0 https:// http://evil".split(
      " ",
    ),
    ..."$metadata# Location: location= … <a href=\" <a href=' </a> <p> <br/> $entity me users authentication sites".split(
      " ",
    ),
    "https://graph.microsoft.com",
    "https://contoso.sharepoint.com/_api/v2.0/monitor/",
    OPERATION,
    " ",
  ];
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 100 }),
    fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 80 }).map((parts) => parts.join("")),
  );

  test("no text makes it throw, and what it tells is bounded and whole", () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...CLOUD_NAMES), (pasted, cloud) => {
        const { addresses, nearMisses, bareIds } = findAddresses(pasted, graphOf(cloud));
        expect(new Set(addresses.map(({ key }) => key)).size).toBe(addresses.length);
        expect(addresses.length === 0 || bareIds.length === 0).toBe(true);
        const secret = nearMisses.filter(
          ({ problem }) => problem === "copyMonitor" || problem === "authentication",
        );
        expect(secret.every(({ text }) => text === "")).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("an address is found in the middle of anything, after a space", () => {
    fc.assert(
      fc.property(anything, anything, (before, behind) => {
        fc.pre(!/[<\\&]/u.test(before) && !/[>]/u.test(behind));
        expect(keysIn(`${before} \n${KEYED}\n ${behind}`)).toContain(KEY);
      }),
      { numRuns: 2_000 },
    );
  });

  /** The least of several runs, in the processor's time: a busy machine makes some longer, none shorter. */
  function leastMs(pasted: string): number {
    return Math.min(
      ...Array.from({ length: 3 }, () => {
        const from = process.threadCpuUsage();
        find(pasted);
        return process.threadCpuUsage(from).user / 1_000;
      }),
    );
  }

  // Linear: four times the text takes about four times as long; sixteen would be quadratic, and
  // what is quadratic takes seconds for a text of this length.
  test.each([
    ...FRAGMENTS.filter((unit) => unit !== ""),
    "<a ",
    '<a href="',
    "<p ",
    "('",
    "('a\n ",
    "('a \n",
    "[x](",
    "@{a=",
    "a:",
    "a='",
    "http://",
    "a+",
    "{a ",
    "<a_",
    "\\\\",
    "\\\\\\\\u0027",
    "/a",
    "/teams('a')/operations('b'",
    "/operations(",
    "operations(''",
    "https://a.sharepoint.com/_api/v2.1/drives/",
    "https://a.sharepoint.com/x/",
    "&#1",
    "''",
    "(''",
    "a(",
    KEYED,
    `${KEYED} `,
    `${KEYED},`,
    "/teams/{id}/operations/{x} ",
  ])("as long as the text, for texts of %j", (unit) => {
    const short = unit.repeat(Math.ceil(28_672 / unit.length));
    for (const [open, close] of [
      ["", ""],
      ["/teams('", "')/operations('b')"],
      ['<a href="https://', '">'],
    ] as const) {
      const [one, four] = [leastMs(open + short + close), leastMs(open + short.repeat(4) + close)];
      expect(four).toBeLessThan(Math.max(one * 12, 100));
    }
  });
});
