import { z } from "zod";
import { isAtLeast } from "../../../accounts/roles.ts";
import type { ListedBan } from "../../../chat/bans_in_force.ts";
import { readDuration } from "../../../chat/duration.ts";
import type { Hub } from "../../../chat/hub.ts";
import type { Person } from "../../../chat/member.ts";
import { targetOf } from "../../../chat/moderation.ts";
import type { Room } from "../../../chat/room.ts";
import { roomName } from "../../../chat/room_name.ts";
import { absentGuest, ban, banFrom, mute, networkNamed, USUAL_MUTE_MS } from "../../../commands/measures.ts";
import { checkMayLift, checkPower, targetNamed } from "../../../commands/power.ts";
import {
  badField,
  badReason,
  banNotFound,
  mayNot,
  noSuchRoom,
  tooManyBans,
  userNotFound,
} from "../../../refusals.ts";
import type { BanRow } from "../../../wire/admin_types.ts";
import { callerOf } from "../../caller.ts";
import { type ApiParts, memberRoute } from "../../route.ts";
import { done, moment, shapeOf, ulid } from "../../shapes.ts";
import { badLimit, firstOf, listQuery, readWanted } from "./_list.ts";

const LENGTHS = { usual: 1_000, most: 1_000 };

const ID = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

const kind = z.enum(["ban", "mute"]);

const banRow = shapeOf<BanRow>("Ban", {
  id: ulid,
  kind,
  target: z.string().describe("A name, or a network."),
  target_type: z.enum(["account", "guest", "network"]),
  room: z.string().nullable().describe("null for the whole server."),
  reason: z.string(),
  by: z.string(),
  at: moment,
  until: moment.nullable().describe("null for good."),
});

const newBan = z.object({
  kind,
  target: z.string().min(1).describe("A name; for bans, an address or a network as well."),
  room: z.string().optional().describe("Left out for the whole server."),
  duration: z.string().optional().describe(
    "`10m`, `2h`, `1d`, `1w`; left out, a ban is for good and a mute for ten minutes.",
  ),
  reason: z.string().default("").describe("At most 200 characters."),
});

type Wanted = z.infer<typeof newBan>;

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/bans",
  scope: "admin",
  role: "moderator",
  summary: "Who is banned or muted; moderators see those of private rooms where they belong.",
  query: z.object(listQuery(LENGTHS)),
  answers: z.object({ bans: z.array(banRow), more: z.boolean() }),
  refuses: [badLimit(LENGTHS)],
  async run(call, { account }) {
    const { parts: { hub }, address, query } = call;
    const { after = "", limit } = readWanted(query, LENGTHS);
    const person = await callerOf(account, { hub, address });
    const later = hub.moderation.listAll().filter((ban) => ban.id > after && mayDecideOn(person, ban, hub));
    const { first, more } = await firstOf(later, limit);
    return { bans: first.map(rowOf), more };
  },
});

export const impose = memberRoute({
  method: "POST",
  path: "/admin/api/bans",
  scope: "admin",
  role: "moderator",
  summary: "Keeps somebody out, whose connections end, or silent; instead of such a decision from before.",
  body: newBan,
  badBody: "kind is ban or mute, target a text; room, duration and reason are texts and may be left out.",
  answers: banRow,
  example: { body: { kind: "ban", target: "198.51.100.0/24", duration: "1d", reason: "a flood of guests" } },
  refuses: [userNotFound("ann"), mayNot(), noSuchRoom("ops"), badReason(200), tooManyBans(10_000, undefined)],
  async run({ parts, address, body }, { account }) {
    const person = await callerOf(account, { hub: parts.hub, address });
    return { ...rowOf(await (body.kind === "ban" ? banWanted : muteWanted)(body, { ...parts, person })) };
  },
});

export const lift = memberRoute({
  method: "DELETE",
  path: "/admin/api/bans/:id",
  scope: "admin",
  role: "moderator",
  summary: "Ends a ban or a mute; moderators not their own, nor those of other moderators.",
  answers: done,
  example: { params: { id: ID } },
  refuses: [banNotFound()],
  async run({ parts: { hub, accounts }, address, params: { id = "" } }, { account }) {
    const person = await callerOf(account, { hub, address });
    const ban = hub.moderation.findById(id);
    if (ban === undefined || !mayDecideOn(person, ban, hub)) throw banNotFound();
    await checkMayLift(person, ban, accounts);
    await hub.moderation.liftById(person, id);
    return { message: `${targetText(ban)} is ${ban.kind === "ban" ? "banned" : "muted"} no longer.` };
  },
});

/** What a decision is made with. */
type Deciding = Pick<ApiParts, "hub" | "accounts"> & { readonly person: Person };

async function banWanted(wanted: Wanted, { hub, accounts, person }: Deciding): Promise<ListedBan> {
  const { target: text, reason } = wanted;
  const room = roomWanted(wanted, person, hub);
  const durationMs = durationWanted(wanted);
  const terms = { reason, ...durationMs === undefined ? {} : { until: new Date(Date.now() + durationMs) } };
  const network = networkNamed(text);
  if (network !== undefined && room === undefined) {
    return await ban(hub, person, { target: { type: "network", network }, ...terms });
  }
  const known = hub.roster.find(text) ?? await accounts.findByName(text);
  if (known === undefined && room === undefined) {
    return await ban(hub, person, { target: await absentGuest(accounts, text), ...terms });
  }
  const target = await targetNamed({ hub, accounts }, text);
  checkPower(person, target, room ?? hub.lobby);
  return room === undefined
    ? await ban(hub, person, { target: targetOf(target), ...terms })
    : await banFrom(hub, person, { target, room, ...terms });
}

async function muteWanted(wanted: Wanted, { hub, accounts, person }: Deciding): Promise<ListedBan> {
  const room = roomWanted(wanted, person, hub);
  const target = await targetNamed({ hub, accounts }, wanted.target);
  checkPower(person, target, room ?? hub.lobby);
  const until = new Date(Date.now() + (durationWanted(wanted) ?? USUAL_MUTE_MS));
  return await mute(hub, person, { target, room, until, reason: wanted.reason });
}

/** @throws {Refusal} `bad_room_name`, `no_such_room` */
function roomWanted({ room: raw }: Wanted, person: Person, hub: Hub): Room | undefined {
  if (raw === undefined) return undefined;
  const name = roomName(raw);
  const room = hub.rooms.find(name);
  if (room === undefined || !mayDecideIn(person, room)) throw noSuchRoom(name);
  return room;
}

/** @throws {Refusal} `bad_request` */
function durationWanted({ duration }: Wanted): number | undefined {
  const ms = duration === undefined ? undefined : readDuration(duration);
  if (ms === undefined && duration !== undefined) {
    throw badField("duration", "be like 10m, 2h, 1d or 1w, from a minute to ten years");
  }
  return ms;
}

/** Admins decide everywhere, moderators not in private rooms where they do not belong, of which they do not know. */
function mayDecideIn(person: Person, room: Room): boolean {
  return isAtLeast(person.role, "admin") || room.isStaff(person);
}

function mayDecideOn(person: Person, { room: name }: ListedBan, hub: Hub): boolean {
  if (name === undefined) return true;
  const room = hub.rooms.find(name);
  return room !== undefined && mayDecideIn(person, room);
}

function rowOf(ban: ListedBan): BanRow {
  const { id, kind, target, room, reason, by, at, until } = ban;
  return {
    id,
    kind,
    target: targetText(ban),
    target_type: target.type,
    room: room ?? null,
    reason,
    by,
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
  };
}

function targetText({ target }: Pick<ListedBan, "target">): string {
  return target.type === "network" ? target.network : target.name;
}
