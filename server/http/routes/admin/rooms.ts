import { z } from "zod";
import type { Actor } from "../../../accounts/audit_trail.ts";
import type { Hub } from "../../../chat/hub.ts";
import type { Room } from "../../../chat/room.ts";
import { LOBBY, roomName } from "../../../chat/room_name.ts";
import { checkKeepDays, setKeepDays, setPrivate, setQuiet, topicFrom } from "../../../commands/room_rules.ts";
import { badRoomName, keepTooLong, lobbyStaysOpen, noSuchRoom } from "../../../refusals.ts";
import { within } from "../../../transport/deadline.ts";
import type { AdminRoomRow, RoomChange } from "../../../wire/admin_types.ts";
import { type ApiParts, memberRoute } from "../../route.ts";
import { count, done, moment, shapeOf } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";
import { badLimit, firstOf, listQuery, readWanted } from "./_list.ts";

const LENGTHS = { usual: 1_000, most: 1_000 };

const MOST_KEEP_DAYS = 3_650;

/** How long a call waits until all that was said in a deleted room is gone; it goes on after that. */
const MOST_REMOVING_MS = 10_000;

const room = shapeOf<AdminRoomRow>("AdminRoom", {
  name: z.string().describe("Without its `#`."),
  topic: z.string(),
  present: count.describe("How many are there."),
  members: count.describe("Accounts that have joined it, be they here or away."),
  private: z.boolean(),
  quiet: z.boolean().describe("Only its staff speaks."),
  owner: z.string().nullable().describe("null for the lobby, and where the owner is gone."),
  keep_days: z.int().nullable().describe("null where messages are kept as long as the server keeps them."),
  last_at: moment.nullable().describe("When something was said last; null where nothing was."),
});

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/rooms",
  scope: "admin",
  role: "admin",
  summary: "All rooms, private ones as well, by their names.",
  query: z.object(listQuery(LENGTHS)),
  answers: z.object({ rooms: z.array(room), more: z.boolean() }),
  refuses: [badLimit(LENGTHS)],
  async run({ parts, query }) {
    const { after = "", limit } = readWanted(query, LENGTHS);
    const later = Array.from(parts.hub.rooms.all).filter(({ name }) => name > after);
    later.sort((one, other) => one.name < other.name ? -1 : 1);
    const { first, more } = await firstOf(later, limit);
    return { rooms: await rowsOf(first, parts), more };
  },
});

export const change = memberRoute({
  method: "PATCH",
  path: "/admin/api/rooms/:room",
  scope: "admin",
  role: "admin",
  summary: "Changes what holds in a room; those in it are told.",
  body: z.object({
    topic: z.string().optional().describe('At most 200 characters; "" takes it away.'),
    private: z.boolean().optional(),
    quiet: z.boolean().optional(),
    keep_days: z.int().min(1).max(MOST_KEEP_DAYS).nullable().optional(),
  }),
  badBody:
    "topic is a text, private and quiet are true or false, keep_days is a whole number or null; all may be left out.",
  answers: room,
  example: { params: { room: "ops" }, body: { topic: "What is on fire", keep_days: 30 } },
  refuses: [noSuchRoom("ops"), lobbyStaysOpen(), keepTooLong(90)],
  async run(call, caller) {
    const { parts, params, body } = call;
    const room = roomNamed(parts.hub, params.room);
    checkChange(room, body, parts.settings);
    await changeRoom(room, body, { ...parts, by: actorOf(call, caller) });
    const [row] = await rowsOf([room], parts);
    return { ...row };
  },
});

export const remove = memberRoute({
  method: "DELETE",
  path: "/admin/api/rooms/:room",
  scope: "admin",
  role: "admin",
  summary: "Deletes a room for good, with all that was said in it; those in it are told and put out.",
  answers: done,
  also: { 202: "The room is deleted; what was said in it is still being removed." },
  example: { params: { room: "ops" } },
  refuses: [badRoomName(), noSuchRoom("ops"), lobbyStaysOpen()],
  async run(call, caller) {
    const { hub, admin: { roomRemoval } } = call.parts;
    const room = roomNamed(hub, call.params.room);
    await roomRemoval.begin(actorOf(call, caller), room);
    const gone = await within(MOST_REMOVING_MS, roomRemoval.finish(room.name).then(() => true));
    if (gone) return { message: `#${room.name} is deleted.` };
    const message = `#${room.name} is deleted; what was said in it is still being removed.`;
    return Response.json({ message }, { status: 202 });
  },
});

/** @throws {Refusal} `bad_room_name`, `no_such_room` */
function roomNamed(hub: Hub, raw = ""): Room {
  const name = roomName(raw);
  const room = hub.rooms.find(name);
  if (room === undefined) throw noSuchRoom(name);
  return room;
}

/** All of it is looked at before any of it is done. @throws {Refusal} `lobby_stays_open`, `keep_too_long` */
function checkChange(
  { name }: Room,
  { private: closed, keep_days }: RoomChange,
  settings: ApiParts["settings"],
): void {
  if (closed && name === LOBBY) throw lobbyStaysOpen();
  checkKeepDays(keep_days ?? undefined, settings);
}

/** Does what is different from what is. */
async function changeRoom(
  room: Room,
  { topic, private: closed, quiet, keep_days }: RoomChange,
  { hub, settings, by }: Pick<ApiParts, "hub" | "settings"> & { by: Actor },
): Promise<void> {
  const { record } = room;
  const noted = (what: string, why: string) =>
    hub.moderation.record(by, { what, whom: `#${room.name}`, why });
  if (topic !== undefined && topicFrom(topic) !== record.topic) {
    await noted("topic", topicFrom(topic));
    await hub.setTopic(room, topicFrom(topic), by.name);
  }
  if (closed !== undefined && closed !== record.private) {
    await noted("private", closed ? "on" : "off");
    await setPrivate(hub, room, closed);
  }
  if (quiet !== undefined && quiet !== record.quiet) {
    await noted("quiet", quiet ? "on" : "off");
    await setQuiet(hub, room, quiet);
  }
  const days = keep_days ?? undefined;
  if (keep_days !== undefined && days !== record.keepDays) {
    await noted("keep", days === undefined ? "default" : `${days}d`);
    await setKeepDays(room, days, settings);
  }
}

async function rowsOf(rooms: readonly Room[], { hub, accounts }: ApiParts): Promise<AdminRoomRow[]> {
  const members = await hub.places.count();
  const rows: AdminRoomRow[] = [];
  for (const room of rooms) {
    const { topic, owner, quiet, private: closed, keepDays } = room.record;
    const present = owner === undefined ? undefined : hub.roster.findByKey(owner);
    const away = owner === undefined || present !== undefined ? undefined : await accounts.find(owner);
    rows.push({
      name: room.name,
      topic,
      present: room.size,
      members: members.get(room.name) ?? 0,
      private: closed,
      quiet,
      owner: present?.name ?? away?.name ?? null,
      keep_days: keepDays ?? null,
      last_at: (await room.lastSaidAt())?.toISOString() ?? null,
    });
  }
  return rows;
}
