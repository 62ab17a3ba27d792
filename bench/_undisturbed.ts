// deno-lint-ignore-file no-console
/**
 * The people whom others must not disturb, in a process of their own: reads a {@link Chat} as a line of JSON from standard
 * input, prints `in` once all are in, talks when told to `talk`, and prints what was {@link Heard}.
 */
import { Crowd, type Entrance } from "./_crowd.ts";
import type { Faults, Seating } from "./_oracle.ts";
import { Talk } from "./_talk.ts";
import { seatPeople, type Workload } from "./_workloads.ts";

/** Who talks how, and where. */
export interface Chat {
  readonly workload: Workload;
  readonly seconds: number;
  readonly entrance: Entrance;
}

/** How long messages took, from the moment they were handed to a socket until they were read, and what befell them. */
export interface Heard {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly faults: Faults & { readonly dropped: number };
}

if (import.meta.main) {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  const chat: Chat = JSON.parse((await lines.read()).value!);
  console.log(JSON.stringify(await talkAndListen(chat, () => lines.read())));
  Deno.exit();
}

async function talkAndListen(
  { workload, seconds, entrance }: Chat,
  isToldToTalk: () => Promise<unknown>,
): Promise<Heard> {
  const { names, roomsOf } = seatPeople(workload);
  const seating: Seating = { roomsOf, rooms: names.length, speakers: workload.speakers };
  const talking: { talk?: Talk } = {};
  using crowd = new Crowd(
    { entrances: [entrance], rooms: roomsOf.map((rooms) => rooms.map((room) => names[room]!)) },
    {
      hears: (person, bytes, at, nowMs) => talking.talk?.hears(person, bytes, at, nowMs) ?? false,
      hasRead: () => talking.talk?.hasRead(),
    },
  );
  await crowd.comesIn();
  console.log("in");
  await isToldToTalk();
  const talk = talking.talk = new Talk(crowd, seating);
  await talk.goesOn(workload.pace, seconds);
  const { latencies } = talk;
  return {
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    mostMs: latencies.quantileMs(1),
    faults: { ...talk.faults, dropped: crowd.dropped },
  };
}
