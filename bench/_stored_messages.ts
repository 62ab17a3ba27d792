// deno-lint-ignore-file no-console
import { encodeTime } from "ulid";
import type { Message } from "../server/chat/event.ts";
import { messageKey, roomKey } from "../server/store/_keys.ts";
import { storedMessage } from "../server/store/_said.ts";
import { Database } from "../server/store/kv.ts";

const DAY_MS = 86_400_000;
const ROOMS = ["lobby", "garden", "ops", "random"];

/** Fills a database with messages in some rooms; so many of them are older than the server keeps them. */
export async function storeMessages(
  path: string,
  { messages, old = 0 }: { messages: number; old?: number },
): Promise<void> {
  await using database = await Database.open(path, console.error);
  for (let begin = 0; begin < messages; begin += 500) {
    const group = Array.from({ length: Math.min(500, messages - begin) }, (_, index) => {
      const daysAgo = begin + index < old ? 200 : 10;
      return messageOf(begin + index, Date.now() - daysAgo * DAY_MS);
    });
    await database.commit((operation) => {
      for (const message of group) {
        operation.set(messageKey(message.room, message.id), storedMessage(message));
      }
      return operation;
    });
  }
  for (const name of ROOMS) {
    const room = {
      name,
      topic: "",
      moderators: [],
      private: false,
      quiet: false,
      invitations: [],
      createdAt: new Date(),
    };
    await database.commit((operation) => operation.set(roomKey(name), room));
  }
}

function messageOf(index: number, atMs: number): Message {
  const room = ROOMS[index % ROOMS.length]!;
  const id = encodeTime(atMs + index % 1_000, 10) + String(index).padStart(16, "0");
  const text = `the quick brown fox jumps over the lazy dog, and a bit on top: ${index}`;
  const author = "01J0000000ABCDEFGHJKMNPQRS";
  return {
    type: "message",
    id,
    number: index,
    room,
    from: "ann",
    author,
    text,
    action: false,
    at: new Date(atMs),
  };
}
