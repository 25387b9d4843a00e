import { Agent, request } from "node:http";
import { aMessage, type Place as Chat } from "../../support/an-activity.ts";
import { monotonicMs } from "../world/clock.ts";
import { chatName, locationOf, tenantName } from "../world/names.ts";
import { startWorld, type World } from "../world/world.ts";
import { figuresOf, type Figures, type Marks, type Sent } from "./figures.ts";
import { cpuMsOf, memoryMbOf, waitedMsOf } from "./processes.ts";
import {
  KILL_AFTER,
  messagesOf,
  PAUSE_SECONDS,
  tenantsOf,
  type Message,
  type Scenario,
} from "./scenarios.ts";
import { startProcess, type Started } from "./started.ts";
import { makePlace, programOf, type Place, type Subject } from "./subjects.ts";

export type RunOptions = {
  readonly intervalSeconds: number;
  readonly seed: number;
  readonly latency: { readonly graphMs: number; readonly teamsMs: number };
  readonly log: (line: string) => void;
};

export type Outcome = Figures & {
  readonly windowSeconds: number;
  /** Of the subject's processes and of the server that works for it, in the window. */
  readonly cpuMs: number;
  readonly serverCpuMs: number | null;
  readonly worldCpuMs: number;
  /** How long the subject and the world were ready to run and had no processor. */
  readonly waitedMs: number;
  /** Of the subject's processes at the end of the window. */
  readonly memoryMb: number;
  /** From the first message until the last was sent or, where that was waited for, had its cards. */
  readonly rampSeconds: number;
  readonly rampCpuMs: number;
  readonly cards: number;
  /** It had ended by itself before the run was over. */
  readonly hasDied: boolean;
};

/** One subject in one scenario. */
export async function run(subject: Subject, scenario: Scenario, options: RunOptions): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makePlace(subject));
  const world = stack.use(await startWorld({ ...options.latency, limitsOfAll: scenario.limitsOfAll }));
  await world.people(tenantsOf(scenario));
  const env = {
    PORT: "0",
    OPWATCH_LOCAL: "1",
    GRAPH_ENDPOINT: world.graphUrl,
    CHECK_INTERVAL_SECONDS: String(options.intervalSeconds),
    ...(scenario.limitsOfAll ? {} : { GRAPH_REQUESTS_PER_SECOND_OF_ALL: "1000000" }),
    ...place.env,
  };
  const processes: Started[] = [];
  stack.defer(async () => void (await Promise.all(processes.map((each) => each.stop()))));
  for (let i = 0; i < subject.replicas; i += 1) processes.push(await startProcess(programOf(subject), env));
  return await new Run({ subject, scenario, options, world, place, processes, env }).go();
}

type Setting = {
  readonly subject: Subject;
  readonly scenario: Scenario;
  readonly options: RunOptions;
  readonly world: World;
  readonly place: Place;
  readonly processes: Started[];
  readonly env: Readonly<Record<string, string>>;
};

type Usage = {
  readonly own: number;
  readonly server: number;
  readonly world: number;
  readonly waited: number;
};

/** Messages under way at once while a subject is filled at its own pace; each waits for Teams some times. */
const PACED = 128;
/** As many connections as a busy Teams may open to a bot. */
const OPEN = 256;
/** Who posts no card for so long will not post those that are missing. */
const NO_CARD_MS = 15_000;
/** What fell due at the very end of the window may still come. */
const LATE_MS = 1_500;
const SETTLE_MS = 2_000;

class Run {
  readonly #setting: Setting;
  readonly #messages: readonly Message[];
  readonly #sent: Sent[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: OPEN });

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#messages = messagesOf(setting.scenario);
  }

  async go(): Promise<Outcome> {
    const { scenario, options, world, processes, place } = this.#setting;
    const intervalMs = 1_000 * options.intervalSeconds;
    const rampStart = monotonicMs();
    const cpuAtRamp = this.#cpuMs();
    await this.#ramp();
    const cards = await this.#awaitCards();
    const rampSeconds = (monotonicMs() - rampStart) / 1_000;
    const cpuAtStart = this.#cpuMs();
    if (scenario.begin === "cards") await passing(SETTLE_MS);

    const before = this.#usage();
    const windowStart = monotonicMs();
    const windowEnd = windowStart + scenario.window * intervalMs;
    const { changes, ends, changesWithin, operations } = scenario;
    const to = windowStart + changesWithin * intervalMs;
    const isPaused = scenario.fault === "pause";
    await world.begin(
      { operations, changes, ends, from: windowStart, to, seed: options.seed },
      isPaused ? { tenant: 0, from: windowStart, until: windowStart + PAUSE_SECONDS * 1_000 } : null,
    );
    const killed =
      scenario.fault === "kill" ? await this.#killAndRestart(windowStart + KILL_AFTER * intervalMs) : null;
    await passing(windowEnd - monotonicMs());
    const after = this.#usage();
    const memoryMb = memoryMbOf(processes.map(({ pid }) => pid));
    await passing(LATE_MS);
    await this.#awaitEnds(windowEnd + scenario.grace * intervalMs);
    // Who is still waited for gets no answer any more.
    this.#agent.destroy();
    const sent = this.#messages.map((_, index) => this.#sent[index] ?? NOT_ACKNOWLEDGED);
    const hasDied = processes.some((each) => !each.isRunning());
    const end = monotonicMs();

    const { columns, plan } = await world.collect();
    const marks: Marks = {
      intervalMs,
      windowStart,
      windowEnd,
      end,
      killedAt: killed?.at ?? null,
      pausedTenant: isPaused ? 0 : null,
    };
    return {
      ...figuresOf(columns, plan, this.#messages, sent, marks),
      windowSeconds: (windowEnd - windowStart) / 1_000,
      // What the killed process had used is counted up to its death.
      cpuMs: after.own - before.own + (killed?.cpuMs ?? 0),
      serverCpuMs: place.serverPid === null ? null : after.server - before.server,
      worldCpuMs: after.world - before.world,
      waitedMs: Math.max(after.waited - before.waited, 0),
      memoryMb,
      rampSeconds,
      rampCpuMs: cpuAtStart - cpuAtRamp,
      cards,
      hasDied,
    };
  }

  #cpuMs(): number {
    return cpuMsOf(this.#setting.processes.map(({ pid }) => pid));
  }

  #usage(): Usage {
    const { place, world, processes } = this.#setting;
    return {
      waited: waitedMsOf([world.pid, ...processes.map(({ pid }) => pid)]),
      own: this.#cpuMs(),
      server: place.serverPid === null ? 0 : cpuMsOf([place.serverPid]),
      world: cpuMsOf([world.pid]),
    };
  }

  async #ramp(): Promise<void> {
    const { scenario, processes, world, options } = this.#setting;
    const each = (1_000 * scenario.perMessage) / (scenario.perSecond * scenario.watchers);
    const start = monotonicMs();
    const most = scenario.ramp === "paced" ? PACED : Infinity;
    const underWay = new Set<Promise<void>>();
    for (const [index, message] of this.#messages.entries()) {
      const dueAt = start + index * each;
      await passing(dueAt - monotonicMs());
      while (underWay.size >= most) await Promise.race(underWay);
      const from = scenario.ramp === "paced" ? Math.max(dueAt, monotonicMs()) : dueAt;
      const url = processes[index % processes.length]?.url ?? "";
      const sending = post(this.#agent, `${url}/api/messages`, activityOf(message, world.teamsUrl))
        .then((status) => void (this.#sent[index] = { dueAt: from, ackedAt: monotonicMs(), status }))
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    options.log(`${this.#messages.length} messages in ${((monotonicMs() - start) / 1_000).toFixed(1)} s`);
    if (scenario.begin === "cards") {
      await Promise.race([Promise.all(underWay), passing(ACKNOWLEDGED_WITHIN_MS)]);
    }
  }

  async #awaitCards(): Promise<number> {
    const { scenario, world } = this.#setting;
    const wanted = scenario.operations * scenario.watchers;
    let last = { posted: -1, at: monotonicMs() };
    for (;;) {
      const { posted } = await world.count();
      if (posted >= wanted || scenario.begin === "sent") return posted;
      if (posted > last.posted) last = { posted, at: monotonicMs() };
      else if (monotonicMs() - last.at > NO_CARD_MS) return posted;
      await passing(100);
    }
  }

  /** Not longer than until all ends are shown. */
  async #awaitEnds(until: number): Promise<void> {
    const { scenario, world } = this.#setting;
    while (monotonicMs() < until) {
      const { ended } = await world.count();
      if (ended >= scenario.ends * scenario.watchers) return;
      await passing(200);
    }
  }

  async #killAndRestart(at: number): Promise<{ readonly at: number; readonly cpuMs: number }> {
    const { processes, subject, env, options } = this.#setting;
    await passing(at - monotonicMs());
    const victim = processes[0];
    if (victim === undefined) throw new Error("There is nobody to be killed.");
    const cpuMs = cpuMsOf([victim.pid]);
    const killedAt = monotonicMs();
    await victim.kill();
    processes[0] = await startProcess(programOf(subject), env);
    options.log(`killed, and ready again after ${((monotonicMs() - killedAt) / 1_000).toFixed(1)} s`);
    return { at: killedAt, cpuMs };
  }
}

const ACKNOWLEDGED_WITHIN_MS = 60_000;
const NOT_ACKNOWLEDGED: Sent = { dueAt: 0, ackedAt: Infinity, status: 0 };

function activityOf({ tenant, chat, operations }: Message, serviceUrl: string): string {
  const where: Chat = { kind: "groupChat", id: chatName(tenant, chat), tenant: tenantName(tenant) };
  return JSON.stringify(aMessage(serviceUrl, where, `track ${operations.map(locationOf).join(" ")}`));
}

/** The status; 0: there was no answer. */
function post(agent: Agent, url: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sending = request(
      url,
      {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode ?? 0));
      },
    );
    sending.once("error", () => resolve(0));
    sending.end(body);
  });
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(ms, 0));
  });
}
