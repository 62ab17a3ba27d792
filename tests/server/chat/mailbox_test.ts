import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Direct } from "../../../server/chat/event.ts";
import { Mailbox, type WaitingPart } from "../../../server/chat/mailbox.ts";
import { notStored } from "../../../server/refusals.ts";
import { directOf } from "../../suites/message_log.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { settle } from "./_chat.ts";

const bob = readerOf();

Deno.test("what waits is shown once, oldest first, however many connections come at once", async () => {
  const { log, mailbox, waiting } = await withWaiting("one", "two", "three");
  const shown: WaitingPart[][] = [[], [], []];
  await Promise.all(shown.map((parts) => mailbox.collect(bob, showInto(parts))));
  deepEqual(shown.map((parts) => parts.flatMap(({ directs }) => directs)), [waiting, [], []]);
  deepEqual(await log.waitingFor(bob.key), []);
});

Deno.test("what a connection that is gone could not show is shown to the next, and to that one alone", async () => {
  const { log, mailbox, waiting } = await withWaiting("one", "two");
  const gone = () => Promise.resolve(false);
  const shown: WaitingPart[][] = [[], []];
  await Promise.all([
    mailbox.collect(bob, gone),
    mailbox.collect(bob, showInto(shown[0]!)),
    mailbox.collect(bob, showInto(shown[1]!)),
  ]);
  deepEqual(shown.map((parts) => parts.flatMap(({ directs }) => directs)), [waiting, []]);
  deepEqual(await log.waitingFor(bob.key), []);
});

Deno.test("what nobody could show goes on waiting", async () => {
  const { log, mailbox, waiting } = await withWaiting("one", "two");
  for (let time = 0; time < 3; time++) await mailbox.collect(bob, () => Promise.resolve(false));
  deepEqual(await log.waitingFor(bob.key), waiting);
});

Deno.test("a connection that fails holds up none after it, and what it had goes on waiting", async () => {
  const { mailbox, waiting } = await withWaiting("one");
  const shown: WaitingPart[] = [];
  const failing = mailbox.collect(bob, () => Promise.reject(new TypeError("broken")));
  const next = mailbox.collect(bob, showInto(shown));
  await rejects(failing, TypeError);
  await next;
  deepEqual(shown, [{ directs: waiting, all: 1 }]);
});

Deno.test("nobody is shown that nothing waits", async () => {
  const { mailbox } = await withWaiting();
  const shown: WaitingPart[] = [];
  await mailbox.collect(bob, showInto(shown));
  deepEqual(shown, []);
});

Deno.test("much that waits is shown in parts, each when the one before was taken, the number of all first", async () => {
  const { log, mailbox, waiting } = await withWaiting(...Array.from({ length: 30 }, () => "x".repeat(4_000)));
  const parts: WaitingPart[] = [];
  const taken: PromiseWithResolvers<boolean>[] = [];
  const collecting = mailbox.collect(bob, (part) => {
    parts.push(part);
    taken.push(Promise.withResolvers());
    return taken.at(-1)!.promise;
  });
  await settle();
  equal(parts.length, 1);
  equal(parts[0]!.all, 30);
  equal(parts[0]!.directs.length < 30, true);
  taken[0]!.resolve(true);
  await settle();
  equal(parts.length, 2);
  equal(parts[1]!.all, undefined);
  deepEqual(
    await log.waitingFor(bob.key),
    waiting.slice(parts[0]!.directs.length),
    "what was taken waits no more",
  );
  taken[1]!.resolve(false);
  await collecting;
  equal(parts.length, 2, "and who has gone is shown no more");
  deepEqual(await log.waitingFor(bob.key), waiting.slice(parts[0]!.directs.length));
  const rest: WaitingPart[] = [];
  await mailbox.collect(bob, showInto(rest));
  deepEqual(rest.flatMap(({ directs }) => directs), waiting.slice(parts[0]!.directs.length));
});

Deno.test("what those wrote whom one ignores is not shown, now or later", async () => {
  const { log, mailbox, waiting } = await withWaiting("one", "two");
  await log.appendDirect(directOf("ignored", { from: "eve", to: "bob" }), { waiting: true });
  const shown: WaitingPart[] = [];
  await mailbox.collect(readerOf("eve"), showInto(shown));
  deepEqual(shown, [{ directs: waiting, all: 2 }]);
  deepEqual(await log.waitingFor(bob.key), []);
});

Deno.test("what was told as it came, while it was being kept, is not shown again", async () => {
  const { log, mailbox, waiting } = await withWaiting("one");
  const shown: WaitingPart[] = [];
  log.hold();
  const told = mailbox.told(waiting[0]!);
  const collecting = mailbox.collect(bob, showInto(shown));
  log.release();
  await Promise.all([told, collecting]);
  deepEqual(shown, []);
  deepEqual(await log.waitingFor(bob.key), []);
});

Deno.test("what was shown but could not be forgotten is a failure of that connection alone", async () => {
  const { log, mailbox, waiting } = await withWaiting("one");
  log.failing = true;
  await rejects(mailbox.collect(bob, () => Promise.resolve(true)), notStored());
  log.failing = false;
  deepEqual(await log.waitingFor(bob.key), waiting);
  await mailbox.collect(bob, () => Promise.resolve(true));
  deepEqual(await log.waitingFor(bob.key), []);
});

Deno.test("the boxes of others are left alone", async () => {
  const { log, mailbox } = await withWaiting("one");
  const forCarl = directOf("hi", { from: "ann", to: "carl" });
  await log.appendDirect(forCarl, { waiting: true });
  await mailbox.collect(bob, () => Promise.resolve(true));
  deepEqual(await log.waitingFor("carl's id"), [forCarl]);
});

/** A mailbox in which these wait for bob, from ann. */
async function withWaiting(
  ...texts: string[]
): Promise<{ log: MemoryLog; mailbox: Mailbox; waiting: Direct[] }> {
  const log = new MemoryLog();
  const waiting = texts.map((text) => directOf(text));
  for (const direct of waiting) await log.appendDirect(direct, { waiting: true });
  return { log, mailbox: new Mailbox(log), waiting };
}

function showInto(parts: WaitingPart[]): (part: WaitingPart) => Promise<boolean> {
  return (part) => {
    parts.push(part);
    return Promise.resolve(true);
  };
}

/** Bob, who ignores these. */
function readerOf(...ignored: string[]) {
  return { key: "bob's id", ignores: (name: string) => ignored.includes(name) };
}
