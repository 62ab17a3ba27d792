import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { Direct, LeaveReason } from "../../../server/chat/event.ts";
import { Mailbox } from "../../../server/chat/mailbox.ts";
import { notStored } from "../../../server/refusals.ts";
import { CatchUp } from "../../../server/session/catch_up.ts";
import type { SessionParts } from "../../../server/session/stage.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { directOf } from "../../suites/message_log.ts";
import { openChat, settle, Visitor } from "../chat/_chat.ts";

const OUTBOX_BYTES = 1_000;

Deno.test("who never takes what waits is not sent ever so much after it, but let go", async () => {
  using chat = await openChat();
  const log = new MemoryLog();
  await log.appendDirect({ ...directOf("waits"), toKey: "id of Bob" }, { waiting: true });
  const reader = new Reader();
  const settings = { limits: { outboxBytes: OUTBOX_BYTES } } as SessionParts["settings"];
  const parts = { ...chat, mailbox: new Mailbox(log), report: reader, settings };
  const catchUp = new CatchUp(new Visitor(chat.hub, "Bob").member, reader, parts);
  const running = catchUp.run();
  await settle();
  const held = [OUTBOX_BYTES - 1, 1].map((length) => catchUp.holdsBack(directOf("x".repeat(length))));
  deepEqual([held, reader.told], [[true, true], ["waiting"]]);
  catchUp.holdsBack(directOf("x"));
  deepEqual(reader.told, ["waiting", "too slow"]);
  await running;
});

Deno.test("what came while somebody caught up, and went before reading it, waits for the next time", async () => {
  using chat = await openChat();
  const log = new MemoryLog();
  await log.appendDirect({ ...directOf("waits"), toKey: "id of Bob" }, { waiting: true });
  const reader = new Reader();
  const settings = { limits: { outboxBytes: OUTBOX_BYTES } } as SessionParts["settings"];
  const parts = { ...chat, mailbox: new Mailbox(log), report: reader, settings };
  const bob = new Visitor(chat.hub, "Bob");
  const catchUp = new CatchUp(bob.member, reader, parts);
  const running = catchUp.run();
  await settle();
  const live = { ...directOf("came meanwhile"), toKey: "id of Bob" };
  deepEqual(catchUp.holdsBack(live), true);
  reader.gone = true;
  bob.hears = false;
  await running;
  deepEqual((await log.waitingFor("id of Bob")).map(({ text }) => text), ["waits", "came meanwhile"]);
});

Deno.test("a disk that cannot keep what was shown is no defect of the session, and what was shown goes on waiting", async () => {
  using chat = await openChat();
  const log = new MemoryLog();
  await log.appendDirect({ ...directOf("waits"), toKey: "id of Bob" }, { waiting: true });
  log.shown = () => Promise.reject(notStored());
  const reader = Object.assign(new Reader(), { waitingBytes: 0 });
  const settings = { limits: { outboxBytes: OUTBOX_BYTES } } as SessionParts["settings"];
  const parts = { ...chat, mailbox: new Mailbox(log), report: reader, settings };
  await new CatchUp(new Visitor(chat.hub, "Bob").member, reader, parts).run();
  deepEqual(reader.told, ["waiting"]);
  deepEqual((await log.waitingFor("id of Bob")).length, 1);
});

/** Somebody who reads nothing, and so has the first bytes of all waiting. */
class Reader {
  gone = false;
  readonly waitingBytes = 1;
  readonly told: string[] = [];

  show({ type }: { type: string }): void {
    this.told.push(type);
  }

  deliver({ text }: Direct): void {
    this.told.push(text);
  }

  end(_sentence: string, reason: LeaveReason): void {
    this.gone = true;
    this.told.push(reason);
  }

  defect(error: unknown): void {
    throw error;
  }

  loggedIn(): void {}
}
