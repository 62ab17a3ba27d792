// deno-lint-ignore-file no-console
/**
 * The people of one workload, in a process of their own: reads a {@link Task} as JSON from standard input, and prints the
 * {@link Outcome}.
 */
import { Crowd, type Entrance, pause } from "./_crowd.ts";
import { memoryMibOf } from "./_figures.ts";
import { type CpuUse, cpuUse, shares } from "./_machine.ts";
import type { Limit, Outcome } from "./_measured.ts";
import type { Seating } from "./_oracle.ts";
import { Talk } from "./_talk.ts";
import { seatPeople, type Workload } from "./_workloads.ts";

/** What is to be measured, and where. */
export interface Task {
  readonly workload: Workload;
  readonly seconds: number;
  readonly serverPid: number;
  readonly entrances: readonly Entrance[];
}

/** From this share of a core on a process is taken to have no more. */
const BUSY = 0.85;

if (import.meta.main) {
  const task: Task = JSON.parse(await new Response(Deno.stdin.readable).text());
  console.log(JSON.stringify(await measure(task)));
  Deno.exit();
}

async function measure({ workload, seconds, serverPid, entrances }: Task): Promise<Outcome> {
  const { names, roomsOf } = seatPeople(workload);
  const seating: Seating = { roomsOf, rooms: names.length, speakers: workload.speakers };
  let talk: Talk | undefined;
  using crowd = new Crowd(
    { entrances, rooms: roomsOf.map((rooms) => rooms.map((room) => names[room]!)) },
    {
      hears: (person, bytes, at, nowMs) => talk !== undefined && talk.hears(person, bytes, at, nowMs),
      hasRead: () => talk?.hasRead(),
    },
  );
  const joining = await measureJoining(crowd, serverPid);
  talk = new Talk(crowd, seating);
  const before = await cpuUse(serverPid);
  await talk.goesOn(workload.pace, seconds);
  const after = await cpuUse(serverPid);
  await talk.doublesCame();
  const { dropped } = crowd;
  const first = talk;
  talk = undefined; // who comes back may be shown again what was said last
  const stormed = performance.now();
  await crowd.stormsIn();
  talk = new Talk(crowd, seating);
  await talk.goesRound();
  const recoverySeconds = (performance.now() - stormed) / 1_000;
  const { server, generator, others } = shares(before, after);
  return {
    measured: {
      cpuUsPerDelivery: (after.server - before.server) * 1e6 / first.received,
      deliveriesPerSecond: first.received / (first.lastHeardMs - first.firstSaidMs) * 1_000,
      p50Ms: first.latencies.quantileMs(0.5),
      p99Ms: first.latencies.quantileMs(0.99),
      p999Ms: first.latencies.quantileMs(0.999),
      ...joining,
      recoverySeconds,
    },
    circumstances: {
      said: first.said,
      received: first.received,
      faults: { ...sumOf(first.faults, talk.faults), dropped },
      stalls: first.stalls,
      limit: limitOf(workload, before, after),
      serverCores: server,
      generatorCores: generator,
      othersCores: others,
      lateP99Ms: first.lateness.quantileMs(0.99),
    },
  };
}

async function measureJoining(
  crowd: Crowd,
  serverPid: number,
): Promise<{ joinsPerSecond: number; kibPerConnection: number }> {
  const mibBefore = await restingMibOf(serverPid);
  const beganMs = performance.now();
  await crowd.comesIn();
  const joinsPerSecond = crowd.size / (performance.now() - beganMs) * 1_000;
  await crowd.isQuiet();
  const kibPerConnection = (await memoryMibOf(serverPid) - mibBefore) * 1_024 / crowd.size;
  return { joinsPerSecond, kibPerConnection };
}

/** The memory of a server that has done what it does after its start; but this is not waited for for ever. */
async function restingMibOf(pid: number): Promise<number> {
  const seen = [await memoryMibOf(pid)];
  while (seen.length < 40) {
    await pause(250);
    seen.push(await memoryMibOf(pid));
    if (seen.length > 4 && !(seen.at(-1)! > seen.at(-5)! * 1.005)) break;
  }
  return seen.at(-1)!;
}

function limitOf({ pace }: Workload, before: CpuUse, after: CpuUse): Limit {
  const { server, generator } = shares(before, after);
  if (server > BUSY && generator > BUSY) return "both";
  if (server > BUSY) return "server";
  if (generator > BUSY) return "generator";
  return "perSecond" in pace ? "pace" : "window";
}

function sumOf<Key extends string>(
  one: Record<Key, number>,
  other: Record<Key, number>,
): Record<Key, number> {
  const keys = Object.keys(one) as Key[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as Record<Key, number>;
}
