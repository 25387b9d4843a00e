import { readdirSync, readFileSync } from "node:fs";

import { printAddress } from "../../src/core/address.ts";
import { CLOUD_NAMES, CLOUDS, type GraphPlace } from "../../src/core/clouds.ts";
import { findAddresses, type Found } from "../../src/core/find-addresses.ts";
import { KINDS } from "../../src/core/kinds.ts";
import { some, type Random, type Violation } from "./random.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const SECRET = "S3CR3T-0AABD3412717";
const MONITORS = some([
  `https://contoso.sharepoint.com/_api/v2.0/monitor/${SECRET}`,
  `https://contoso-my.sharepoint.com/personal/a_b/_api/v2.1/drives/b!x/operations/${SECRET}`,
  `https://api.onedrive.com/monitor/${SECRET}`,
]);

/** One of them as a word, or as a word's beginning: not glued to another address. */
const MONITOR = new RegExp(
  `(?:^|[\\s"<|])(?:${MONITORS.map((monitor) => monitor.replaceAll(".", String.raw`\.`)).join("|")})`,
  "gu",
);

/** An id that Graph could have given. Odder ones are safe to ask for, but not every one is read back. */
const PLAIN_KEY = /^(?:[\w.:@=~+$!*-]+(?:,[\w.:@=~+$!*-]+)*[\w=~+*$-]|[\w-])$/u;

/** Whole texts that people paste. */
const SAMPLES = some([
  ...readdirSync(FIXTURES).flatMap((name) => {
    const text = readFileSync(new URL(name, FIXTURES), "utf8");
    return name.endsWith(".tsv")
      ? text.split("\n").map((line) => line.split("\t").slice(0, 2).join(": "))
      : [text];
  }),
  "HTTP/2 202\r\nlocation: /teams('dbd8de4f')/operations('3a6fdce1')\r\ncontent-location: /teams('dbd8de4f')\r\n\r\n",
  "Key   : Location\nValue : {/teams('dbd8de4f')/operations('3a6fdce1')}\n",
  "@{Location=/teams('dbd8de4f')/operations('3a6fdce1'); StatusCode=202}",
  `{"Location":["/teams(\\u0027dbd8de4f\\u0027)/operations(\\u00273a6fdce1\\u0027)"]}`,
  "{'Location': '/teams/a/operations/b', 'Date': 'x'}",
  `<div><p>Location:&nbsp;<a href="https://graph.microsoft.com/v1.0/teams('a')/operations('b')" title="x">here</a></p></div>`,
  '<codeblock class="Http"><code>location: /teams(&#39;a&#39;)/operations(&#39;b&#39;)<br></code></codeblock>',
  "[the clone](https://graph.microsoft.com/v1.0/teams('a')/operations('b')), “quoted”",
  "Please watch /teams/{team-id}/operations/{op-id}, or /me/onenote/operations/1!",
  "see /var/log/operations/1 and https://learn.microsoft.com/graph/operations/1",
  ...MONITORS,
]);

const FRAGMENTS = some([
  ..."/ // ( ) ' '' \" % %27 %2F %00 %25 %zz %E2%80%99 \\ \\u0027 \\/ \\\\\" . .. ... ? ?a=b&c=d ?$select=x # { } < > | ` [ ] ]( @ @{ = : ; , ,' & &amp; &lt; &#39; &#x27; &nbsp; &#55296;".split(
    " ",
  ),
  ..."teams chats operations /operations/ /operations(' groups team employeeExperience engagementAsyncOperations security beta v1.0 /v1.0/ https:// http://evil.example me users authentication sites onenote $metadata# $entity $batch Location: location= … ’ ‘ “ ”".split(
    " ",
  ),
  ..."<p> </p> <br/> </a> <a href=' <id> {id} @odata.context".split(" "),
  '<a href="',
  " ",
  "\n",
  "\r\n",
  "\n  ",
  "\t",
  "\u00a0",
  "\u200b",
  "\u0000",
  "\ud800",
  "\udc00",
  "\u{1f600}",
  "İ",
  "漢",
]);

const IDS = some([
  "dbd8de4f-5d47-48da-87f1-594bed003375",
  "3A6FDCE1-C261-48BC-89DE-1CFEF658C0D5",
  "19:82fe7758_bfb5bb25@unq.gbl.spaces",
  "19%3Ac253a29b%40thread.v2",
  "eyJfdHlwZSI6IkxvbmdSdW5uaW5nT3BlcmF0aW9uIn0",
  "contentTypeCopy,0x010100298A",
  "a",
  "..",
  "{id}",
  "o''neil",
  "x".repeat(300),
]);
const ROOTS = some([
  "",
  "/v1.0",
  "/beta",
  "/V1.0/",
  "//",
  "https://graph.microsoft.com",
  "https://graph.microsoft.com/beta/",
  "https://GRAPH.microsoft.com//v1.0",
  "https://graph.microsoft.us/v1.0",
  "https://graph.example.com/v1.0",
  "http://127.0.0.1:3979/v1.0",
]);
const PATHS = some([
  ...KINDS.flatMap(({ paths }) => paths),
  "/teams/{team}",
  "/teams/{team}/channels/{channel}",
  "/security/cases/ediscoverycases/{case}/operations/{operation}",
  "/users/{user}/authentication/operations/{operation}",
  "/drives/{drive}/items/{item}/workbook/operations/{operation}",
]);
const ENDS = some([
  "",
  "",
  "",
  "/",
  "?",
  "?$select=status",
  "?aadgdc=DUB02P&aadgsu=a",
  "#x",
  ",",
  ".",
  "'",
  ")",
  '"',
  "}]",
]);

function anAddress(random: Random): string {
  const isKeyed = random.isOneIn(2);
  const path = random.pick(PATHS).replaceAll(/\/\{\w+\}/gu, () => {
    const id = random.isOneIn(4) ? noise(random) : random.pick(IDS);
    return random.isOneIn(4) === isKeyed ? `/${id}` : `('${id}')`;
  });
  return random.pick(ROOTS) + path + random.pick(ENDS);
}

function noise(random: Random): string {
  let text = "";
  for (let length = random.below(6); length > 0; length -= 1) {
    text += random.isOneIn(3) ? String.fromCharCode(random.below(0x250)) : random.pick(FRAGMENTS);
  }
  return text;
}

function mutated(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const to = at + random.below(Math.min(40, text.length - at + 1));
  switch (random.below(10)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(to);
    case 3:
      return text.slice(0, to) + text.slice(at);
    case 4:
      return text.slice(0, at) + random.pick(FRAGMENTS) + text.slice(at);
    case 5:
      return (
        text.slice(0, at) +
        String.fromCharCode(random.below(random.isOneIn(4) ? 0x1_0000 : 0x100)) +
        text.slice(at + 1)
      );
    case 6:
      return text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to);
    case 7:
      return text.slice(0, at) + encodeURIComponent(text.slice(at, to).toWellFormed()) + text.slice(to);
    case 8:
      return random.isOneIn(2)
        ? JSON.stringify(text)
        : text.replaceAll("'", random.pick(["&#39;", "\\u0027", "’", "%27"]));
    default:
      return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&apos;");
  }
}

const LONGEST = 28_672;

/** What a person could paste: real samples and addresses, joined, and damaged. */
export function makePaste(random: Random): string {
  let text = "";
  for (let parts = random.below(3) + 1; parts > 0; parts -= 1) {
    const kind = random.below(12);
    if (kind < 6) text += anAddress(random);
    else if (kind < 9) text += random.pick(SAMPLES);
    else if (kind < 11) text += noise(random);
    else text += random.pick(MONITORS);
    text += random.pick([" ", "\n", ", ", "", '","', "</p><p>", "|"]);
  }
  if (text.length > 1_500) text = text.slice(0, 1_500);
  for (let count = random.below(5); count > 0; count -= 1) text = mutated(text, random);
  if (random.isOneIn(400)) {
    const unit = random.isOneIn(2) ? text : random.pick(FRAGMENTS) + random.pick(FRAGMENTS);
    text = mutated(unit.repeat(Math.ceil(LONGEST / Math.max(unit.length, 1))).slice(0, LONGEST), random);
  }
  return text.slice(0, LONGEST);
}

const PLACES = some<GraphPlace>([
  { origin: CLOUDS.global.graphOrigin, cloud: "global" },
  { origin: CLOUDS.global.graphOrigin, cloud: "global" },
  { origin: "http://127.0.0.1:3979", cloud: "global" },
  ...CLOUD_NAMES.map((cloud) => ({ origin: CLOUDS[cloud].graphOrigin, cloud })),
]);

/** A hundred times what a text of this length takes. */
function longestMs(text: string): number {
  return 50 + text.length * 0.005;
}

function timed(text: string, graph: GraphPlace): { readonly found: Found; readonly ms: number } {
  const from = performance.now();
  const found = findAddresses(text, graph);
  return { found, ms: performance.now() - from };
}

export type PasteCounts = {
  addresses: number;
  nearMisses: number;
  bareIds: number;
  characters: number;
  readBack: number;
};

/** The first thing that is wrong with what is found in a text, or null. */
export function checkPaste(text: string, random: Random, counts: PasteCounts): Violation | null {
  const wrong = (what: string): Violation => ({ what, input: text });
  const graph = random.pick(PLACES);
  try {
    const first = timed(text, graph);
    // A busy machine makes one run long, not all of four.
    const isSlow =
      first.ms > longestMs(text) && [1, 2, 3].every(() => timed(text, graph).ms > longestMs(text));
    if (isSlow) return wrong("it took too long");
    const { found } = first;
    counts.addresses += found.addresses.length;
    counts.nearMisses += found.nearMisses.length;
    counts.bareIds += found.bareIds.length;
    counts.characters += text.length;
    const isGlued = text.replaceAll(MONITOR, " ").includes(SECRET);
    if (!isGlued && JSON.stringify(found).includes(SECRET)) {
      return wrong("a copy monitor's address is repeated");
    }
    for (const address of found.addresses) {
      const { path, version } = address;
      if (!path.startsWith("/") || path.startsWith("//"))
        return wrong(`the path ${path} does not begin with one slash`);
      if (/[\u0000-\u0020\u007f-\u00a0\\#"]|\?\$|[?&][^=]*(?:token|secret)/u.test(path))
        return wrong(`the path ${path} is not clean`);
      const url = new URL(`${graph.origin}/${version}${path}`);
      const isThere =
        url.origin === graph.origin &&
        url.pathname.split("/").length === (path.split("?", 1)[0] ?? "").split("/").length + 1;
      if (!isThere || !url.pathname.startsWith(`/${version}/`))
        return wrong(`the path ${path} leads elsewhere`);
      if (!address.key.split("/").every((key) => PLAIN_KEY.test(key))) continue;
      const again = findAddresses(printAddress(address), graph).addresses;
      counts.readBack += 1;
      if (again.length !== 1 || again[0]?.key !== address.key)
        return wrong(`${printAddress(address)} is not read back`);
    }
    return null;
  } catch (error) {
    return wrong(`it throws ${String(error)}`);
  }
}
