// deno-lint-ignore-file no-console
/**
 * What those with bad networks cost the others: `deno task bench:networks [--seconds 45] [--pace 20] [case…]`, on Linux
 * as root; of the sources, or of the binary that the environment names (`PARLEY=dist/parley`).
 *
 * Three hundred people chat on loopback, undisturbed at first, then beside those who read badly on the other side of a
 * link of its own: real packets, and the system's TCP at both ends (tests/support/bad_link.py). The options of the server
 * are those that it comes with, but for limits of what one address may do.
 */
import { parseArgs } from "node:util";
import { BadNetwork, type Weather } from "../tests/support/bad_network.ts";
import { makeCertificate } from "../tests/support/certificates.ts";
import { Machine, Printed, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { BadReader, type Manner } from "./_bad_reader.ts";
import { inMs, memoryMibOf } from "./_figures.ts";
import type { Chat, Heard } from "./_undisturbed.ts";
import type { Workload } from "./_workloads.ts";

/** How people read badly, and what befalls their link, so long after the chat has begun. */
interface Case {
  readonly name: string;
  readonly readers: number;
  readonly manner?: Manner;
  readonly weather?: Weather;
  /** They are cut off for so long, and all come back at once. */
  readonly comeBackAfterMs?: number;
}

const CASES: readonly Case[] = [
  { name: "undisturbed", readers: 0 },
  { name: "stall", readers: 50, manner: "stalls" },
  { name: "crawl", readers: 50, manner: "crawls" },
  { name: "lossy", readers: 50, weather: { delayMs: 200, loss: 0.05 } },
  { name: "cut", readers: 50, weather: { cut: true } },
  { name: "storm", readers: 300, weather: { cut: true }, comeBackAfterMs: 1_000 },
];

const PACES = [20, 300];

/** How long the chat goes on before it is disturbed. */
const CALM_MS = 3_000;

const LOOK_EVERY_MS = 250;

/** What was seen of the server. */
interface Seen {
  readonly mostMib: number;
  /** How long after the disturbance the last connection was let go of, in seconds; NaN where none was. */
  readonly lastGoneS: number;
  readonly tooSlow: number;
  readonly stalled: number;
}

async function measure(
  one: Case,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<{ heard: Heard; seen: Seen }> {
  await using network = await BadNetwork.lay();
  await using machine = await Machine.make();
  const { certPem } = await makeCertificate(machine.dir);
  const server = await network.on("near", () => machine.serve(flagsFor(machine)));
  const { port } = server.address("tls");
  const workload: Workload = {
    name: one.name,
    what: "",
    people: 300,
    speakers: perSecond > 100 ? 50 : 1,
    pace: { perSecond },
    seats: "lobby",
  };
  await using people = await People.come(network, {
    workload,
    seconds,
    entrance: { dialect: "text", port, certPem },
  });
  const enter = () =>
    network.on("far", () => {
      const names = Array.from({ length: one.readers }, (_, index) => `bad${index}`);
      const address = { hostname: network.near, port };
      return Promise.all(names.map((name) => BadReader.enter(address, { certPem, name })));
    });
  const readers = await enter();
  using watch = new Watch(server, network);
  const hearing = people.talks();
  await pause(CALM_MS);
  watch.begin();
  for (const reader of readers) reader.manner = one.manner ?? "reads on";
  if (one.weather !== undefined) await network.becomes(one.weather);
  if (one.comeBackAfterMs !== undefined) {
    await pause(one.comeBackAfterMs);
    for (const reader of readers) reader.leave();
    await network.becomes({});
    readers.push(...await enter());
  }
  const heard = await hearing;
  for (const reader of readers) reader.leave();
  return { heard, seen: await watch.sees() };
}

function flagsFor(machine: Machine): string[] {
  return [
    ...UNLIMITED,
    `--cert=${machine.path("cert.pem")}`,
    `--key=${machine.path("key.pem")}`,
    "--connections-per-address=off",
    "--new-connections-per-minute=off",
    "--tls=0.0.0.0:0",
    "--plain=off",
    "--https=off",
  ];
}

/** Those who chat undisturbed. */
class People implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #printed: Printed;
  #orders: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#printed = new Printed(process.stdout);
    this.#orders = process.stdin.getWriter();
  }

  /** All come in. */
  static async come(network: BadNetwork, chat: Chat): Promise<People> {
    const process = await network.on("near", () => {
      const program = new URL("_undisturbed.ts", import.meta.url).pathname;
      const args = ["run", "--quiet", "--allow-all", program];
      const pipes = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
      return Promise.resolve(new Deno.Command(Deno.execPath(), { args, ...pipes }).spawn());
    });
    const people = new People(process);
    await people.#isTold(JSON.stringify(chat));
    await people.#printed.reads(/^in\n/);
    return people;
  }

  /** They talk, and answer what they have heard. */
  async talks(): Promise<Heard> {
    await this.#isTold("talk");
    await this.#process.status;
    await this.#printed.ended;
    const [, heard] = await this.#printed.reads(/^(\{.+\})\n/);
    return JSON.parse(heard!, (_, value) => value === null ? NaN : value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill();
    } catch {
      // ended already
    }
    await Promise.all([this.#process.status, this.#printed.ended, this.#orders.close().catch(() => {})]);
  }

  #isTold(what: string): Promise<void> {
    return this.#orders.write(new TextEncoder().encode(what + "\n"));
  }
}

/** Looks at a server from time to time. */
class Watch implements Disposable {
  #server: RunningParley;
  #network: BadNetwork;
  #timer: ReturnType<typeof setInterval>;
  #mostMib = 0;
  #beganMs = performance.now();
  #openFiles = 0;
  #lastGoneS = NaN;

  constructor(server: RunningParley, network: BadNetwork) {
    this.#server = server;
    this.#network = network;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The disturbance begins. */
  begin(): void {
    this.#beganMs = performance.now();
    this.#lastGoneS = NaN;
  }

  async sees(): Promise<Seen> {
    const { port } = this.#server.address("http");
    const response = await this.#network.on("near", () => fetch(`http://127.0.0.1:${port}/metrics`));
    const text = await response.text();
    const closed = (reason: string) =>
      Number(
        new RegExp(`^parley_slow_readers_closed_total\\{reason="${reason}"\\} (\\d+)$`, "m").exec(text)?.[1],
      );
    const [tooSlow, stalled] = [closed("too_slow"), closed("stalled")];
    return { mostMib: this.#mostMib, lastGoneS: this.#lastGoneS, tooSlow, stalled };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { pid } = this.#server;
    const openFiles = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    if (openFiles < this.#openFiles) this.#lastGoneS = (performance.now() - this.#beganMs) / 1_000;
    this.#openFiles = openFiles;
    this.#mostMib = Math.max(this.#mostMib, await memoryMibOf(pid));
  }
}

function row(
  { readers }: Case,
  { heard, seen, undisturbedMs }: { heard: Heard; seen: Seen; undisturbedMs: number },
): Record<string, string> {
  const faults = Object.entries(heard.faults).filter(([, count]) => count > 0);
  return {
    p50: inMs(heard.p50Ms),
    p99: inMs(heard.p99Ms),
    "÷ undisturbed": (heard.p99Ms / undisturbedMs).toFixed(2),
    most: inMs(heard.mostMs),
    "memory, at most": `${Math.round(seen.mostMib)} MiB`,
    "given up": `${seen.tooSlow} too slow, ${seen.stalled} stalled`,
    "last gone": readers === 0 || Number.isNaN(seen.lastGoneS) ? "" : `after ${Math.round(seen.lastGoneS)} s`,
    faults: faults.map(([fault, count]) => `${count} ${fault}`).join(", "),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: "string", default: "45" }, pace: { type: "string" } },
  });
  const wanted = CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const rows: Record<string, Record<string, string>> = {};
  for (const perSecond of values.pace === undefined ? PACES : [Number(values.pace)]) {
    let undisturbedMs = NaN;
    for (const one of wanted) {
      const { heard, seen } = await measure(one, { perSecond, seconds: Number(values.seconds) });
      if (one.readers === 0) undisturbedMs = heard.p99Ms;
      rows[`${one.name}, ${perSecond}/s`] = row(one, { heard, seen, undisturbedMs });
      console.error(`${one.name}, ${perSecond}/s:`, rows[`${one.name}, ${perSecond}/s`]);
    }
  }
  console.table(rows);
}
