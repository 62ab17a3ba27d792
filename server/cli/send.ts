import { ulid } from "ulid";
import { LOBBY, roomName } from "../chat/room_name.ts";
import { pause } from "../pause.ts";
import { KvOutgoingStore } from "../store/outgoing.ts";
import { KvRoomStore } from "../store/rooms.ts";
import { printable } from "../wire/printable.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { recordsIn } from "./records.ts";
import { print } from "./terminal.ts";

/** How long a running server may take to say it, and how often that is looked at. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** As a line of a person. */
const MOST_BYTES = 4_096;

export const send: CliCommand = {
  words: ["send"],
  takes: "<#room> <text>",
  help: "Says something in a room in the server's name; quote the #, for the shell.",
  flags: {},
  count: [2, 1_000],
  async run({ args: [rawRoom = "", ...words], json, dataDir }) {
    const room = roomName(rawRoom);
    const text = printable(words.join(" ").replace(/\r\n?|\n/g, " ")).trim();
    if (text === "") throw new UsageError("There is nothing to say; use parley send <#room> <text>");
    if (new TextEncoder().encode(text).length > MOST_BYTES) {
      throw new UsageError(`The text is too long; it may have ${MOST_BYTES} bytes`);
    }
    await using records = await recordsIn(dataDir);
    const rooms = await Array.fromAsync(new KvRoomStore(records.database).list(), ({ name }) => name);
    if (room !== LOBBY && !rooms.includes(room)) {
      throw new UsageError(`There is no room "#${room}"; somebody has to /join it first`);
    }
    const store = new KvOutgoingStore(records.database, records.changes);
    const id = ulid();
    await store.put({ id, room, text });
    const said = await isGone(() => store.find(id));
    const sentence = said
      ? `Sent to #${room}.`
      : `No server runs on this data directory; #${room} gets it when one starts.`;
    print(json ? JSON.stringify({ message: sentence, sent: said }) : sentence);
  },
};

async function isGone(find: () => Promise<unknown>): Promise<boolean> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (await find() !== undefined) {
    if (performance.now() > endsAtMs) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}
