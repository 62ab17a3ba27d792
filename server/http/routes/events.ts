import { z } from "zod";
import { mayChat, mayReadRoom, readableRooms, type Scope } from "../../accounts/scopes.ts";
import type { Hub } from "../../chat/hub.ts";
import type { Person } from "../../chat/member.ts";
import type { Room } from "../../chat/room.ts";
import { roomName } from "../../chat/room_name.ts";
import {
  badField,
  badRoomName,
  noSuchRoom,
  shuttingDown,
  tokenScopeTooNarrow,
  tooManyStreams,
} from "../../refusals.ts";
import { idField } from "../../wire/json_input.ts";
import { callerOf } from "../caller.ts";
import { type Call, memberRoute } from "../route.ts";
import { ulid } from "../shapes.ts";

/** How many rooms one stream may be about. */
const MOST_ROOMS = 100;

export const events = memberRoute({
  method: "GET",
  path: "/events",
  scope: "read",
  summary: "What happens, as it happens, as server-sent events; Last-Event-ID goes on where one was.",
  answers: { type: "text/event-stream" },
  query: z.object({
    room: z.array(z.string()).max(MOST_ROOMS).optional()
      .describe(
        "A room to hear of, any number of times; those that the account has joined where there is none.",
      ),
    last_event_id: ulid.optional()
      .describe(
        "What was read last, for those who cannot set the header: all that came after it is told first.",
      ),
  }),
  refuses: [
    badField("last_event_id", "be the id of a message"),
    badRoomName(),
    noSuchRoom("garden"),
    tooManyStreams(20),
    shuttingDown(),
  ],
  async run(call, { account, token }) {
    const { parts: { hub, streams, login }, address } = call;
    const person = await callerOf(account, { hub, address });
    const rooms = roomsWanted(call.query, { hub, person, scope: token.scope });
    const after = lastEventId(call);
    await Promise.all(rooms.map((room) => room.open()));
    const stream = streams.open({
      person,
      rooms,
      after,
      ignored: account.ignored,
      token: token.id,
      directs: mayChat(token.scope),
    });
    try {
      await login.checkAgain(account.id, token.id); // it may have been revoked before anybody could end the stream
    } catch (error) {
      stream.cut();
      throw error;
    }
    return new Response(stream.body, {
      headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" }, // which nginx would do
    });
  },
});

/**
 * The rooms that are named or, where none is, those that the account has joined, of a narrow token those that it may read.
 *
 * @throws {Refusal} `bad_request`, `bad_room_name`, `token_scope`, `no_such_room`
 */
function roomsWanted(
  query: URLSearchParams,
  { hub, person, scope }: { hub: Hub; person: Person; scope: Scope },
): Room[] {
  const named = query.getAll("room").map(roomName);
  if (named.length > MOST_ROOMS) throw badField("room", `be given ${MOST_ROOMS} times at most`);
  if (!named.every((room) => mayReadRoom(scope, room))) throw tokenScopeTooNarrow(scope);
  if (named.length > 0) return [...new Set(named)].map((room) => hub.rooms.seenBy(person, room));
  const usual = mayChat(scope)
    ? Array.from(hub.rooms.all).filter(({ name }) => person.isIn(name))
    : readableRooms(scope).map((room) => hub.rooms.find(room)).filter((room) => room?.mayRead(person));
  const rooms = usual.filter((room) => room !== undefined);
  if (rooms.length === 0) throw noSuchRoom(readableRooms(scope)[0] ?? "");
  return rooms;
}

/**
 * The header is what a browser sends that comes back to the same address.
 *
 * @throws {Refusal} `bad_request`
 */
function lastEventId({ headers, query }: Pick<Call<unknown>, "headers" | "query">): string | undefined {
  const name = "last_event_id";
  return idField({ [name]: headers.get("last-event-id") || (query.get(name) ?? undefined) }, name);
}
