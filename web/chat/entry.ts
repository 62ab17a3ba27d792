import type { DirectMessage, RoomMessage } from "../../server/wire/json_types.ts";
import { timeOfId } from "./ulid.ts";

/** What stands in a conversation, one below the other, in the order of the ids. */
export type Entry = Said | Note;

/** What somebody has said: it is in the server's database. */
export interface Said {
  readonly type: "said";
  /** A ULID. */
  readonly id: string;
  readonly from: string;
  readonly text: string;
  /** Said with `/me`. */
  readonly action: boolean;
  readonly atMs: number;
}

/** Something that only this page knows of: an answer to a command, another topic. */
export interface Note {
  readonly type: "note";
  /** The id of the message that it comes after, and what tells it from other notes. */
  readonly id: string;
  readonly text: string;
  /** Announced to all, or about oneself. */
  readonly loud: boolean;
  readonly atMs: number;
}

/** A message as it came. */
export function saidBy(message: RoomMessage | DirectMessage): Said {
  const { id, from, text } = message;
  const action = message.type === "message" && message.action;
  return { type: "said", id, from, text, action, atMs: timeOfId(id) };
}

/** A message of one's own, once the server has given it an id. */
export function ownSaid(id: string, { from, text, action }: Pick<Said, "from" | "text" | "action">): Said {
  return { type: "said", id, from, text, action, atMs: timeOfId(id) };
}

/**
 * A note that stands after a message, and before the next.
 *
 * @param after The id of the message.
 * @param number Rises from note to note.
 */
export function noteAfter(after: string, number: number, note: Pick<Note, "text" | "loud" | "atMs">): Note {
  return { type: "note", id: `${after}~${String(number).padStart(9, "0")}`, ...note };
}

/** How long after a message the same person's next one still stands below the same name. */
const TOGETHER_MS = 5 * 60_000;

/** Whether an entry stands below the name of the one before it. */
export function continues(entry: Entry, previous: Entry | undefined): boolean {
  if (entry.type !== "said" || previous?.type !== "said" || entry.action || previous.action) return false;
  return entry.from === previous.from && entry.atMs - previous.atMs < TOGETHER_MS &&
    !beginsDay(entry, previous);
}

/** Whether an entry is the first of its day in the reader's zone. */
export function beginsDay({ atMs }: Entry, previous: Entry | undefined): boolean {
  return previous === undefined || dayOf(atMs) !== dayOf(previous.atMs);
}

/** When a moment's day began in the reader's zone. */
function dayOf(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}
