import type { Hub } from "../chat/hub.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { keepTooLong, lobbyStaysOpen } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";

/** What holds in a room, and how that is changed. Whether somebody may is asked before. */

const MOST_TOPIC = 200;

/** A topic as it is kept. */
export function topicFrom(text: string): string {
  return quotable(text, MOST_TOPIC);
}

/**
 * Closes a room to all but its members and those invited, or opens it; those in it are told.
 *
 * @throws {Refusal} `lobby_stays_open`, `not_stored`
 */
export async function setPrivate(hub: Hub, room: Room, on: boolean): Promise<void> {
  if (room.name === LOBBY) throw lobbyStaysOpen();
  await room.change((record) => ({ ...record, private: on }));
  if (on) hub.distribution.closeToWatches(room);
  hub.note(
    room,
    on ? "the room is private now; /invite <name> lets somebody in." : "the room is open to all now.",
  );
}

/** Lets only a room's staff speak, or everybody; those in it are told. @throws {Refusal} `not_stored` */
export async function setQuiet(hub: Hub, room: Room, on: boolean): Promise<void> {
  await room.change((record) => ({ ...record, quiet: on }));
  hub.note(
    room,
    on ? "the room is quiet now: its staff speaks, others read." : "everybody may speak now.",
  );
}

/** How long the server keeps messages. */
interface Keeping {
  readonly keepDays: number | "forever";
}

/**
 * Says how long a room's messages are kept.
 *
 * @param days Undefined for as long as the server keeps messages.
 * @throws {Refusal} `keep_too_long`, `not_stored`
 */
export async function setKeepDays(room: Room, days: number | undefined, server: Keeping): Promise<void> {
  checkKeepDays(days, server);
  await room.change((record) => ({ ...record, keepDays: days }));
}

/** A room can only shorten what the server allows. @throws {Refusal} `keep_too_long` */
export function checkKeepDays(days: number | undefined, { keepDays }: Keeping): void {
  if (days !== undefined && keepDays !== "forever" && days > keepDays) throw keepTooLong(keepDays);
}
