import {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  match,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import { PasswordHasher } from "../../../server/accounts/password.ts";
import { checkPasswordLength } from "../../../server/accounts/password_rules.ts";
import { badPasswordLength, tooBusyToHash } from "../../../server/refusals.ts";

const password = "correct horse battery staple";

/** Made by OpenSSL's Argon2id, by way of Deno 2.9's WebCrypto. */
const known = {
  atPresentCost:
    "$argon2id$v=19$m=19456,t=2,p=1$KIoTsZLnFCzD8YvEPi4xlg$N7HyCdMw0ym0Gku3oylSmFvZ+QSzSO2y9dzOZ6i49kM",
  withMoreMemory:
    "$argon2id$v=19$m=24576,t=1,p=1$utH6WMM0nkbE+10JcHzGVg$dG7Q2q/x6LwjiGL3FKvYIXideT5esfwcjdsQjFhmcCc",
  withLessMemory:
    "$argon2id$v=19$m=1024,t=3,p=1$CQFuaTLL4ofr8PvmuPNE3Q$c00KXC+kLS6FYJ/Bv3sufeNo8vlyX83LXVhbi6JyuV8",
};

Deno.test("a password is 8 to 1,024 bytes of UTF-8 long", () => {
  const cases = [
    ["1234567", false],
    ["12345678", true],
    ["密码密", true], // 9 bytes
    ["éé1", false], // 5 bytes
    ["x".repeat(1024), true],
    ["x".repeat(1025), false],
    ["密".repeat(341) + "x", true], // 1,024 bytes
    ["密".repeat(342), false], // 1,026 bytes
    ["", false],
  ] as const;
  for (const [password, allowed] of cases) {
    if (allowed) checkPasswordLength(password);
    else throws(() => checkPasswordLength(password), badPasswordLength());
  }
});

Deno.test("a hash is a PHC string that tells its cost and has a salt of its own", async () => {
  using hasher = startHasher();
  const first = await hasher.hash(password);
  const second = await hasher.hash(password);
  match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  notEqual(first.split("$")[4], second.split("$")[4]);
  equal(await hasher.verify(password, first), true);
  equal(await hasher.verify(password, second), true);
  equal(await hasher.verify("correct horse battery stapler", first), false);
  equal(await hasher.verify("Correct horse battery staple", first), false);
});

Deno.test("hashes of others and of other costs are understood, in any order by one worker", async () => {
  using hasher = startHasher();
  const { atPresentCost, withMoreMemory, withLessMemory } = known;
  for (const hash of [withLessMemory, atPresentCost, withMoreMemory, withLessMemory, atPresentCost]) {
    equal(await hasher.verify(password, hash), true, hash);
    equal(await hasher.verify("something else", hash), false, hash);
  }
});

Deno.test("two ways of typing the same password are one", async () => {
  using hasher = startHasher();
  const cases = [
    ["pässwörd", "pa\u0308sswo\u0308rd", true],
    ["with a space", "with\u00a0a\u3000space", true],
    ["full width", "ｆｕｌｌ width", false],
    ["with a tab", "with a\ttab", false],
  ] as const;
  for (const [chosen, typed, same] of cases) {
    equal(await hasher.verify(typed, await hasher.hash(chosen)), same, typed);
  }
  const decomposed = await hasher.hash("pa\u0308sswo\u0308rd");
  equal(await hasher.verify("pässwörd", decomposed), true);
});

Deno.test("a password as long as allowed counts to its last byte", async () => {
  using hasher = startHasher();
  const longest = "x".repeat(1023);
  const hash = await hasher.hash(longest + "y");
  equal(await hasher.verify(longest + "y", hash), true);
  equal(await hasher.verify(longest + "z", hash), false);
  equal(await hasher.verify(longest, hash), false);
});

Deno.test("what cannot be a password is not hashed, and no account has it", async () => {
  using hasher = startHasher();
  for (const impossible of ["", "x".repeat(1025)]) {
    await rejects(hasher.hash(impossible), badPasswordLength());
    equal(await hasher.verify(impossible, known.atPresentCost), false);
    equal(await hasher.verify(impossible, undefined), false);
  }
  await rejects(hasher.hash("7 bytes"), badPasswordLength());
  equal(await hasher.verify("7 bytes", known.atPresentCost), false);
});

Deno.test("an unknown account costs as much as a wrong password", async () => {
  using hasher = startHasher();
  equal(await hasher.verify(password, undefined), false);
  const wrongMs: number[] = [];
  const unknownMs: number[] = [];
  for (let rounds = 0; rounds < 7; rounds++) {
    wrongMs.push(await duration(() => hasher.verify("something else", known.atPresentCost)));
    unknownMs.push(await duration(() => hasher.verify("something else", undefined)));
  }
  // the least of each is what it costs when the machine is left to it
  const [unknown, wrong] = [Math.min(...unknownMs), Math.min(...wrongMs)];
  ok(unknown > wrong / 2 && unknown < wrong * 2, `unknown: ${unknown} ms, wrong: ${wrong} ms`);
});

Deno.test("a hash that cannot be read is a defect that quotes neither it nor the password", async () => {
  using hasher = startHasher();
  const unreadable = [
    "",
    "plain text",
    known.atPresentCost.replace("argon2id", "argon2d"),
    known.atPresentCost.replace("v=19", "v=16"),
    known.atPresentCost + "$",
    known.atPresentCost.replace("t=2,", ""),
    known.atPresentCost.replace("m=19456", "m=4"), // less than Argon2 takes
    known.atPresentCost.replace("m=19456", "m=4194303"), // more than WebAssembly has
    known.atPresentCost.replace("t=2", "t=0"),
  ];
  for (const hash of unreadable) {
    const error = await failure(hasher.verify(password, hash));
    doesNotMatch(Deno.inspect(error), /horse|KIoTsZLn/, hash);
  }
  equal(await hasher.verify(password, known.atPresentCost), true);
});

Deno.test("passwords are hashed in the order in which they came, and past the queue's end refused at once", async () => {
  using hasher = new PasswordHasher({ workers: 1, maxQueued: 3, idleMs: 60_000 });
  const done: number[] = [];
  const queued = [0, 1, 2, 3].map((place) => hasher.hash(password).then(() => done.push(place)));
  await rejects(hasher.hash(password), tooBusyToHash());
  await rejects(hasher.verify(password, known.atPresentCost), tooBusyToHash());
  await rejects(hasher.verify(password, undefined), tooBusyToHash());
  deepEqual(done, []);
  await Promise.all(queued);
  deepEqual(done, [0, 1, 2, 3]);
  equal(await hasher.verify(password, known.atPresentCost), true);
});

Deno.test("without a queue as many passwords are taken as there are workers", async () => {
  using hasher = new PasswordHasher({ workers: 2, maxQueued: 0, idleMs: 60_000 });
  const taken = [hasher.hash(password), hasher.hash(password)];
  await rejects(hasher.hash(password), tooBusyToHash());
  await Promise.all(taken);
});

Deno.test("the event loop goes on while passwords are hashed", async () => {
  using hasher = startHasher();
  await hasher.hash(password);
  let hashed = false;
  const hashing = Promise.all(Array.from({ length: 8 }, () => hasher.hash(password))).then(() =>
    hashed = true
  );
  let turns = 0;
  while (!hashed) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    turns++;
  }
  await hashing;
  ok(turns > 8, `only ${turns} turns of the event loop`); // one for each answer that arrives
});

Deno.test("workers start when there is work and stop when there has been none for a while", async () => {
  using workers = watchWorkers();
  using hasher = new PasswordHasher({ workers: 2, maxQueued: 64, idleMs: 20 });
  equal(workers.started.length, 0);
  await Promise.all([1, 2, 3, 4].map(() => hasher.hash(password)));
  equal(workers.started.length, 2);
  await workers.untilStopped(2);
  equal(await hasher.verify(password, known.atPresentCost), true);
  equal(workers.started.length, 3);
});

Deno.test("a worker is used again as long as it is idle for less than that", async () => {
  using workers = watchWorkers();
  using hasher = startHasher();
  for (let hashes = 0; hashes < 3; hashes++) await hasher.hash(password);
  equal(workers.started.length, 1);
  equal(workers.stopped.length, 0);
});

Deno.test("a worker that dies fails its own password only, without quoting it, and is replaced", async () => {
  using _workers = replaceFirstWorker("onmessage = ({ data }) => { throw new Error(data.password); };");
  using hasher = startHasher();
  const doomed = failure(hasher.hash(password));
  const waiting = [hasher.hash(password), hasher.verify(password, known.atPresentCost)];
  const error = await doomed;
  equal(error.message, "Cannot hash a password: the worker died");
  doesNotMatch(Deno.inspect(error), /horse/);
  match(String(await waiting[0]), /^\$argon2id/);
  equal(await waiting[1], true);
});

Deno.test("a worker that dies while it is idle is replaced", async () => {
  using workers = watchWorkers();
  using hasher = startHasher();
  await hasher.hash(password);
  const death = new ErrorEvent("error", { cancelable: true });
  workers.started[0]!.dispatchEvent(death);
  ok(death.defaultPrevented, "it would end the process");
  equal(workers.stopped.length, 1);
  match(await hasher.hash(password), /^\$argon2id/);
  equal(workers.started.length, 2);
});

Deno.test("closing fails what is under way, what waits and what comes later", async () => {
  using workers = watchWorkers();
  const hasher = startHasher();
  await hasher.hash(password);
  const unfinished = [1, 2, 3].map(() => failure(hasher.hash(password)));
  hasher.close();
  hasher.close();
  for (const error of await Promise.all(unfinished)) {
    equal(error.message, "Server is shutting down.");
  }
  equal((await failure(hasher.hash(password))).message, "Server is shutting down.");
  equal(
    (await failure(hasher.verify(password, undefined))).message,
    "Server is shutting down.",
  );
  deepEqual(workers.stopped, workers.started);
});

function startHasher(): PasswordHasher {
  return new PasswordHasher({ workers: 1, maxQueued: 64, idleMs: 60_000 });
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    ok(error instanceof Error);
    return error;
  }
  throw new Error("It did not fail");
}

async function duration(deed: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await deed();
  return performance.now() - startedAt;
}

/** Sees the workers that start and stop until it is disposed of. */
function watchWorkers() {
  return standInForWorker((url) => url);
}

/** The first worker that starts runs this script instead. */
function replaceFirstWorker(script: string) {
  return standInForWorker((url, place) =>
    place === 0 ? `data:text/javascript,${encodeURIComponent(script)}` : url
  );
}

function standInForWorker(choose: (url: string | URL, place: number) => string | URL) {
  const original = globalThis.Worker;
  const started: Worker[] = [];
  const stopped: Worker[] = [];
  const events = new EventTarget();
  globalThis.Worker = class extends original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(choose(url, started.length), options);
      started.push(this);
    }
    override terminate() {
      super.terminate();
      stopped.push(this);
      events.dispatchEvent(new Event("stopped"));
    }
  };
  return {
    started,
    stopped,
    async untilStopped(workers: number) {
      while (stopped.length < workers) {
        await new Promise((resolve) => events.addEventListener("stopped", resolve, { once: true }));
      }
    },
    [Symbol.dispose]: () => void (globalThis.Worker = original),
  };
}

Deno.test({
  name: "passwords are hashed by a thread that gives way to the others",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using hasher = new PasswordHasher({ workers: 1, maxQueued: 1, idleMs: 60_000 });
    await hasher.hash(password);
    const threads = Array.from(Deno.readDirSync("/proc/self/task"), ({ name }) => nicenessOf(name));
    ok(threads.includes(10), `none among ${threads}`);
    ok(threads.includes(0), "all others give way as well");
  },
});

/** How much a thread of this process gives way: from -20 to 19. */
function nicenessOf(thread: string): number {
  const stat = Deno.readTextFileSync(`/proc/self/task/${thread}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
}
