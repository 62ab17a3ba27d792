import type { Hub } from "./hub.ts";
import type { MessageLog } from "./message_log.ts";
import type { Room } from "./room.ts";
import { LOBBY } from "./room_name.ts";
import type { RoomRecord } from "./room_store.ts";

/** How long a room stays to which nobody belongs, and of which nothing is kept. */
const KEPT_EMPTY_MS = 86_400_000;

/**
 * Takes rooms away that have been empty for a day, and invitations that nobody has used in time.
 *
 * @returns How many rooms went.
 * @throws {Refusal} `not_stored`
 */
export async function sweepRooms(
  { hub, log, now }: { hub: Hub; log: MessageLog; now: Date },
): Promise<number> {
  const joined = await hub.places.count();
  let count = 0;
  for (const room of [...hub.rooms.all]) {
    const empty = !isUsed(room) && !joined.has(room.name) && await hasNoHistory(room, log);
    await room.change((record) => tidied(record, { empty, now }));
    // nothing is awaited between this look and the end of the room, or somebody could come in
    if (isUsed(room) || !hasBeenEmpty(room.record, now)) continue;
    await hub.rooms.remove(room);
    await hub.moderation.forgetRoom(room.name);
    count++;
  }
  return count;
}

/** Whether somebody is in it or listens, or has to be able to come in. */
function isUsed({ name, size, audience }: Room): boolean {
  return name === LOBBY || size > 0 || Iterator.from(audience.listeners).some(() => true);
}

async function hasNoHistory({ name }: Room, log: MessageLog): Promise<boolean> {
  return (await log.page(name, { limit: 1 })).messages.length === 0;
}

function hasBeenEmpty({ emptySince }: RoomRecord, now: Date): boolean {
  return emptySince !== undefined && now.getTime() - emptySince.getTime() >= KEPT_EMPTY_MS;
}

/** The same record where there is nothing to change. */
function tidied(record: RoomRecord, { empty, now }: { empty: boolean; now: Date }): RoomRecord {
  const emptySince = empty ? record.emptySince ?? now : undefined;
  const invitations = record.invitations.filter(({ until }) => until > now);
  const same = emptySince === record.emptySince && invitations.length === record.invitations.length;
  return same ? record : { ...record, emptySince, invitations };
}
