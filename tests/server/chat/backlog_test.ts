import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { backlog, type Unread } from "../../../server/chat/backlog.ts";
import type { Direct, Message } from "../../../server/chat/event.ts";
import { directOf, messageOf } from "../../suites/message_log.ts";
import { MemoryLog } from "../../support/memory_log.ts";

/** Comes after every id that there is. */
const LAST = "Z";

/** A log in which this was said, in this order. */
async function logOf(...said: (Message | Direct)[]): Promise<MemoryLog> {
  const log = new MemoryLog();
  for (const one of said) await (one.type === "message" ? log.append(one) : log.appendDirect(one));
  return log;
}

/** What somebody catches up with who was told nothing yet. */
function read(log: MemoryLog, unread: Partial<Unread>): Promise<(Message | Direct)[]> {
  const usual = { rooms: ["lobby"], directsOf: undefined, after: "", upTo: LAST };
  return Array.fromAsync(backlog(log, { ...usual, ...unread }));
}

Deno.test("several rooms and private messages are read as one, in the order of the ids", async () => {
  const said = Array.from({ length: 900 }, (_, index) => {
    if (index % 3 === 0) return messageOf(`${index}`);
    return index % 3 === 1 ? messageOf(`${index}`, { room: "garden" }) : directOf(`${index}`);
  });
  const log = await logOf(...said);
  deepEqual(await read(log, { rooms: ["garden", "lobby"], directsOf: "ann's id" }), said);
  deepEqual(await read(log, {}), said.filter((one) => one.type === "message" && one.room === "lobby"));
  deepEqual(
    await read(log, { rooms: [], directsOf: "bob's id" }),
    said.filter(({ type }) => type === "direct"),
  );
});

Deno.test("it begins after one message and ends with another", async () => {
  const said = Array.from({ length: 250 }, (_, index) => messageOf(`${index}`));
  const log = await logOf(...said);
  const between = (after: number, upTo: number) =>
    read(log, { after: said[after]!.id, upTo: said[upTo]!.id });
  deepEqual(await between(9, 240), said.slice(10, 241));
  deepEqual(await between(9, 10), [said[10]]);
  deepEqual(await between(9, 9), []);
  deepEqual(await between(249, 249), []);
});

Deno.test("no more is read from the log than somebody wants", async () => {
  const log = await logOf(...Array.from({ length: 1_000 }, (_, index) => messageOf(`${index}`)));
  let pages = 0;
  const counting = {
    page: (...asked: Parameters<MemoryLog["page"]>) => {
      pages++;
      return log.page(...asked);
    },
  } as unknown as MemoryLog;
  for await (
    const { text } of backlog(counting, { rooms: ["lobby"], directsOf: undefined, after: "", upTo: LAST })
  ) {
    if (text === "50") break;
  }
  equal(pages, 1);
});
