// deno-lint-ignore-file no-console
/**
 * Whether the server's memory stays what it is while people come and go: `deno task bench:churn --help`. It starts the
 * server from its sources, or the binary that the environment names (`PARLEY=dist/parley`).
 */
import { parseArgs } from "node:util";
import { makeCertificate } from "../tests/support/certificates.ts";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { Chatter, type Door } from "./_chatter.ts";
import { pause } from "./_crowd.ts";
import { DIALECTS, LOBBY } from "./_dialects.ts";
import { cpuSecondsOf, memoryMibOf, quantile } from "./_figures.ts";

const HELP = `deno task bench:churn [options]

So many people are connected over TLS, in the lobby and some in rooms. Those who have been there longest go, half of them
with a word, half cut off; others come, and some say something. Each minute is a line of the table; the heap is the least
that was seen within it, for not all of it lives. The first third of the time is the warm-up. The exit status is 1 where
the heap is larger in the last third than in the second, by more than 2 MiB and a twentieth.

  --minutes N         how long (10)
  --rate N            how many come a second, and go (50)
  --people N          how many are there (500)
`;

/** How much the heap may grow: what the engine keeps of its own, as compiled code. */
const GROWTH_MIB = 2, GROWTH_SHARE = 0.05;

/** How often the heap is looked at. */
const LOOK_EVERY_MS = 2_000;

/** Every so many say something; every so many go into a room, one of so many. */
const ONE_SPEAKS_OF = 10, ONE_ENTERS_OF = 5, ROOMS = 50;

/** What a minute has shown. */
interface Minute {
  readonly came: number;
  readonly present: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Of the server, by everybody who came: with the going of another, and all that was told because of it. */
  readonly cpuMsPerJoin: number;
  /** From the first byte of a connection until its welcome. */
  readonly joinP50Ms: number;
  readonly joinP99Ms: number;
  readonly failed: number;
}

/** People who come to a server and go. */
class Passers implements Disposable {
  came = 0;
  failed = 0;
  /** How long they took to come in, within this minute. */
  joinsMs: number[] = [];
  #door: Door;
  /** Those who are in, in the order of their coming. */
  #present = new Set<Chatter>();

  constructor(door: Door) {
    this.#door = door;
  }

  get present(): number {
    return this.#present.size;
  }

  async comes(): Promise<void> {
    const person = this.came++;
    const beganMs = performance.now();
    const [dialect, room] = [DIALECTS.text, `room${person % ROOMS}`];
    const rooms = person % ONE_ENTERS_OF === 0 ? [LOBBY, room] : [LOBBY];
    const audience = { hears: () => false, hasRead: () => {}, isGone: () => {} };
    try {
      const chatter = await Chatter.dial(this.#door, { person, dialect, audience });
      await chatter.comesIn(dialect.comeIn({ name: `p${person}`, rooms }));
      this.joinsMs.push(performance.now() - beganMs);
      this.#present.add(chatter);
      if (person % ONE_SPEAKS_OF === 0) chatter.says("hello", LOBBY);
    } catch {
      this.failed++;
    }
  }

  /** Whoever has been here longest. */
  goes(): void {
    for (const chatter of this.#present) {
      this.#present.delete(chatter);
      if (chatter.person % 2 === 0) return chatter.cut();
      return chatter.says(".exit", LOBBY);
    }
  }

  [Symbol.dispose](): void {
    for (const chatter of this.#present) chatter.cut();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean" },
      minutes: { type: "string", default: "10" },
      rate: { type: "string", default: "50" },
      people: { type: "string", default: "500" },
    },
  });
  const [minutes, rate, people] = [values.minutes, values.rate, values.people].map(Number);
  if (values.help) console.log(HELP);
  else if (!await churn({ minutes: minutes!, rate: rate!, people: people! })) Deno.exit(1);
}

/** @returns Whether the heap has stayed what it is. */
async function churn(wanted: { minutes: number; rate: number; people: number }): Promise<boolean> {
  await using machine = await Machine.make();
  const { certPem } = await makeCertificate(machine.dir);
  const [cert, key] = [machine.path("cert.pem"), machine.path("key.pem")];
  const flags = [`--cert=${cert}`, `--key=${key}`, "--max-connections=20000", "--plain=off", "--https=off"];
  const server = await machine.serve([...UNLIMITED, ...flags]);
  using passers = new Passers({ port: server.address("tls").port, certPem });
  for (let left = wanted.people; left > 0; left -= 8) {
    await Promise.all(Array.from({ length: Math.min(8, left) }, () => passers.comes()));
  }
  const seen: Minute[] = [];
  for (let minute = 1; minute <= wanted.minutes; minute++) {
    seen.push(await watchMinute(passers, server, wanted.rate));
    console.log(lineOf(minute, seen.at(-1)!));
  }
  const third = Math.floor(seen.length / 3);
  const heap = (part: readonly Minute[]) => quantile(part.map(({ heapMiB }) => heapMiB), 0.5);
  const [before, after] = [heap(seen.slice(third, 2 * third)), heap(seen.slice(2 * third))];
  console.log(
    `${passers.came} came, ${passers.failed} could not. Heap ${before.toFixed(1)} MiB in the second third, ` +
      `${after.toFixed(1)} in the last.`,
  );
  return !(after - before > Math.max(GROWTH_MIB, before * GROWTH_SHARE));
}

async function watchMinute(passers: Passers, server: RunningParley, rate: number): Promise<Minute> {
  const before = { came: passers.came, failed: passers.failed, cpu: await cpuSecondsOf(server.pid) };
  passers.joinsMs = [];
  let heapMiB = Infinity;
  const beganMs = performance.now();
  const looking = setInterval(() => {
    void heapMibOf(server).then((mib) => heapMiB = Math.min(heapMiB, mib));
  }, LOOK_EVERY_MS);
  for (let passed = 0; passed < 60 * rate; passed++) {
    await pause(Math.max(0, beganMs + passed / rate * 1_000 - performance.now()));
    passers.goes();
    void passers.comes();
  }
  clearInterval(looking);
  const came = passers.came - before.came;
  return {
    came,
    present: passers.present,
    rssMiB: await memoryMibOf(server.pid),
    heapMiB: Math.min(heapMiB, await heapMibOf(server)),
    cpuMsPerJoin: (await cpuSecondsOf(server.pid) - before.cpu) * 1_000 / came,
    joinP50Ms: quantile(passers.joinsMs, 0.5),
    joinP99Ms: quantile(passers.joinsMs, 0.99),
    failed: passers.failed - before.failed,
  };
}

/** What is in use of the heap of the main thread, by the server's own account. */
async function heapMibOf(server: RunningParley): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.address("http").port}/metrics`);
  const [, bytes] = /^process_heap_bytes(?:\{.*\})? (\S+)$/m.exec(await response.text()) ?? [];
  return Number(bytes) / 1_048_576;
}

function lineOf(minute: number, { came, present, failed, ...seen }: Minute): string {
  return [
    `minute ${String(minute).padStart(3)}`,
    `${came} came, ${failed} could not, ${present} there`,
    `RSS ${seen.rssMiB.toFixed(1)} MiB`,
    `heap ${seen.heapMiB.toFixed(1)} MiB`,
    `CPU ${seen.cpuMsPerJoin.toFixed(2)} ms per join`,
    `in after ${seen.joinP50Ms.toFixed(0)} ms, p99 ${seen.joinP99Ms.toFixed(0)}`,
  ].join(" | ");
}
