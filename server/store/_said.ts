import type { Direct, Message } from "../chat/event.ts";
import { timeOf } from "../chat/ids.ts";
import { directKey } from "./_keys.ts";

/**
 * A message without what its key says: room, id and, within the id, the time. The author is "" for guests. Kept as JSON:
 * a string costs Deno KV a third less than an array does.
 */
type StoredMessage = readonly [number: number, author: string, from: string, text: string, action?: 1];

/** A private message, without what its key says, as the owner of the key has it; 1 where that one wrote it. */
type StoredDirect = readonly [from: string, to: string, text: string, own?: 1];

/** What is kept of a message. */
export function storedMessage({ number, author, from, text, action }: Message): string {
  const plain = [number, author ?? "", from, text] as const;
  const stored: StoredMessage = action ? [...plain, 1] : plain;
  return JSON.stringify(stored);
}

/** What is kept of a message under its room and id. */
export function messageOf(room: string, id: string, value: string): Message {
  const [number, author, from, text, action] = JSON.parse(value) as StoredMessage;
  return {
    type: "message",
    id,
    number,
    room,
    from,
    author: author === "" ? undefined : author,
    text,
    action: action === 1,
    at: timeOf(id),
  };
}

/** What is kept of a private message, under the keys of whoever has it and of the other. */
export function directOf(
  { key, otherKey, id }: { key: string; otherKey: string; id: string },
  value: string,
): Direct {
  const [from, to, text, own] = JSON.parse(value) as StoredDirect;
  const [fromKey, toKey] = own === 1 ? [key, otherKey] : [otherKey, key];
  return { type: "direct", id, from, to, fromKey, toKey, text, at: timeOf(id) };
}

/** A private message as each of the two has it; one, where somebody writes to oneself. */
export function copiesOf(
  { id, fromKey, toKey, from, to, text }: Direct,
): readonly (readonly [key: Deno.KvKey, value: string])[] {
  const sent: StoredDirect = [from, to, text, 1];
  const received: StoredDirect = [from, to, text];
  const own = [directKey(fromKey, toKey, id), JSON.stringify(sent)] as const;
  if (fromKey === toKey) return [own];
  return [own, [directKey(toKey, fromKey, id), JSON.stringify(received)]];
}
