import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import {
  type Addressee,
  MailToWorker,
  readMailToWorker,
  type WorkerReceiver,
} from "../../../server/transport/_mail_to_worker.ts";

Deno.test("a worker is told everything in the order in which it was written", () => {
  const mail = new MailToWorker(() => {});
  const [ann, bob] = [addressee(1), addressee(2)];
  mail.admitted(1);
  mail.turnedAway(3, "Server is full.");
  mail.send(encode("hi\n"), ann);
  mail.dealtWith(1);
  mail.send(encode("é\n"), bob);
  mail.settled(2);
  mail.allowLongLines(2);
  mail.avoid(1, ["bob:", "é:"]);
  mail.end(2, "too slow");
  deepEqual(read(mail.take()), [
    "admitted 1",
    "turned away 3: Server is full.",
    "hi → 1",
    "dealt with 1",
    "é → 2",
    "settled 2",
    "long lines 2",
    "avoid 1: bob:,é:",
    "end 2: too slow",
  ]);
  equal(mail.byteLength, 0);
});

Deno.test("what many readers get crosses once, though they read it differently", () => {
  const mail = new MailToWorker(() => {});
  const readers = Array.from({ length: 6 }, (_, index) => addressee(index + 1));
  for (const event of ["one", "two"]) {
    const looks = [encode(`text ${event}\n`), encode(`json ${event}\n`), encode(`12:00 ${event}\n`)];
    for (const reader of readers) mail.send(looks[reader.number % 3]!, reader);
  }
  deepEqual(read(mail.take()), [
    "json one → 1,4",
    "12:00 one → 2,5",
    "text one → 3,6",
    "json two → 1,4",
    "12:00 two → 2,5",
    "text two → 3,6",
  ]);
});

Deno.test("each reader gets all in the order in which it was sent", () => {
  const mail = new MailToWorker(() => {});
  const [ann, bob] = [addressee(1), addressee(2)];
  const [first, second] = [encode("first\n"), encode("second\n")];
  mail.send(first, ann);
  mail.send(second, bob);
  mail.send(first, bob); // which ann's copy would bring before the second
  mail.send(first, ann);
  deepEqual(read(mail.take()), ["first → 1", "second → 2", "first → 2,1"]);
});

Deno.test("for any readers and events, each reads its own in order", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = dice(seed);
    const mail = new MailToWorker(() => {});
    const readers = Array.from({ length: 4 }, (_, index) => addressee(index));
    const pool = Array.from({ length: 6 }, (_, index) => encode(`${index}\n`));
    const sent: string[][] = readers.map(() => []);
    const got: string[][] = readers.map(() => []);
    for (let batch = 0; batch < 3; batch++) {
      for (let count = 0; count < 40; count++) {
        const to = readers[random(4)]!;
        const bytes = pool[random(6)]!;
        if (random(10) === 0) mail.dealtWith(to.number);
        mail.send(bytes, to);
        sent[to.number]!.push(decode(bytes));
      }
      readMailToWorker(mail.take(), {
        ...SILENT,
        send: (bytes, numbers) => numbers.forEach((number) => got[number]!.push(decode(bytes))),
      });
    }
    deepEqual(got, sent, `seed ${seed}`);
  }
});

Deno.test("whoever takes the mail is told once that there is some", () => {
  let told = 0;
  const mail = new MailToWorker(() => told++);
  const ann = addressee(1);
  mail.send(encode("hi\n"), ann);
  mail.dealtWith(1);
  mail.send(encode("hi\n"), ann);
  equal(told, 1);
  ok(mail.byteLength > 0);
  mail.take();
  mail.dealtWith(1);
  equal(told, 2);
});

const SILENT: WorkerReceiver = {
  admitted() {},
  turnedAway() {},
  send() {},
  dealtWith() {},
  settled() {},
  allowLongLines() {},
  avoid() {},
  end() {},
};

function addressee(number: number): Addressee {
  return { number, lastItem: 0 };
}

/** What a worker is told, a line for each. */
function read(batch: ArrayBuffer): string[] {
  const told: string[] = [];
  readMailToWorker(batch, {
    admitted: (number) => told.push(`admitted ${number}`),
    turnedAway: (number, sentence) => told.push(`turned away ${number}: ${sentence}`),
    send: (bytes, numbers) => told.push(`${decode(bytes)} → ${numbers}`),
    dealtWith: (number) => told.push(`dealt with ${number}`),
    settled: (number) => told.push(`settled ${number}`),
    allowLongLines: (number) => told.push(`long lines ${number}`),
    avoid: (number, beginnings) => told.push(`avoid ${number}: ${beginnings}`),
    end: (number, reason) => told.push(`end ${number}: ${reason}`),
  });
  return told;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trimEnd();
}

/** Whole numbers below a bound, the same for the same seed (Park and Miller). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = state * 16_807 % 2_147_483_647) % below;
}
