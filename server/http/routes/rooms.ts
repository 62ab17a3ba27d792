import { z } from "zod";
import { mayChat, mayReadRoom } from "../../accounts/scopes.ts";
import type { Range } from "../../chat/message_log.ts";
import { checkLength } from "../../commands/command.ts";
import { noteOn } from "../../commands/talk.ts";
import {
  badField,
  lineTooLong,
  mailboxFull,
  muted,
  noSuchRoom,
  readOnly,
  roomIsQuiet,
  userNotFound,
} from "../../refusals.ts";
import { flagField, idField, textField } from "../../wire/json_input.ts";
import { eventMessage } from "../../wire/json_output.ts";
import { quotable } from "../../wire/printable.ts";
import { callerOf } from "../caller.ts";
import { memberRoute } from "../route.ts";
import { moment, room, roomMessage, ulid } from "../shapes.ts";

/** How many messages a page holds where nothing is said, and at most. */
const USUAL_MESSAGES = 100, MOST_MESSAGES = 1_000;

/** A text to be said; it is read as in JSON mode. */
const text = z.string().describe("What is said: one line, each line break in it becomes a space.");

/** What all calls have that say something; what they refuse of their fields is said as in JSON mode. */
const speech = {
  takesText: true,
  speaks: true,
  badBody(field: string | undefined) {
    if (field === undefined) return 'The body is {"text": …} as JSON, or text/plain.';
    return badField(field, field === "text" ? "be a text that is not empty" : "be true or false").message;
  },
} as const;

/** Why nothing may be said. */
const SILENCED = [
  badField("text", "be a text that is not empty"),
  lineTooLong(4_096),
  muted({ room: undefined, until: undefined, reason: "" }, 0),
  readOnly(new Date("2026-02-03T04:05:00Z"), Date.parse("2026-02-03T04:00:00Z")),
];

export const list = memberRoute({
  method: "GET",
  path: "/rooms",
  scope: "read",
  summary: "The rooms that the account may see, and the token may read.",
  answers: z.array(room),
  async run({ parts: { hub }, address }, { account, token }) {
    const person = await callerOf(account, { hub, address });
    return hub.rooms.listFor(person).filter(({ name }) => mayReadRoom(token.scope, name));
  },
});

export const messages = memberRoute({
  method: "GET",
  path: "/rooms/:room/messages",
  scope: "read:#room",
  summary: "What was said in a room, oldest first: the newest, or what came before or after a message.",
  answers: z.object({
    room: z.string(),
    messages: z.array(roomMessage),
    more: z.boolean().describe("Whether there is more in the direction asked."),
  }).meta({ id: "RoomHistory" }),
  query: z.object({
    before: ulid.optional().describe("The id of a message: those that came before it."),
    after: ulid.optional().describe("The id of a message: those that came after it."),
    limit: z.int().min(1).max(MOST_MESSAGES).default(USUAL_MESSAGES).describe("How many."),
  }),
  example: { params: { room: "lobby" } },
  refuses: [badField("before", "be the id of a message"), noSuchRoom("garden")],
  async run({ parts: { hub, archive }, address, params, query }, { account, token }) {
    const person = await callerOf(account, { hub, address });
    const marks = mayChat(token.scope); // who holds a narrower one reads for somebody else
    const range = readRange(query);
    const { room, messages, more } = await archive.ofRoom(person, params.room ?? "", range, { marks });
    return { room, messages: messages.map(eventMessage), more };
  },
});

export const say = memberRoute({
  ...speech,
  method: "POST",
  path: "/rooms/:room/messages",
  scope: "post:#room",
  summary: "Says something in a room; answers when it is kept.",
  body: z.object({ text, action: z.boolean().optional().describe("As `/me` does.") }),
  answers: z.object({ id: ulid, room: z.string(), at: moment }).meta({ id: "Said" }),
  example: { params: { room: "lobby" }, body: { text: "backup done" } },
  refuses: [...SILENCED, noSuchRoom("garden"), roomIsQuiet("garden")],
  async run({ parts: { hub, settings }, address, params, body }, { account }) {
    const person = await callerOf(account, { hub, address });
    const room = hub.rooms.seenBy(person, params.room ?? "");
    hub.moderation.checkMayJoin(person, room.name);
    const text = textField(body, "text");
    checkLength({ settings }, text);
    const { id, at } = await hub.say(person, room, { text, action: flagField(body, "action"), origin: "" });
    return { id, room: room.name, at: at.toISOString() };
  },
});

export const direct = memberRoute({
  ...speech,
  method: "POST",
  path: "/direct/:name",
  scope: "chat",
  summary: "Writes to one person; an account that is away gets it on return.",
  body: z.object({ text }),
  answers: z.object({
    id: ulid,
    to: z.string().describe("The name as it is written."),
    kept: z.boolean().describe("It waits until the other one is back."),
    note: z.string().optional().describe("Whether the other one is offline or away, as a sentence."),
  }).meta({ id: "SentDirect" }),
  example: { params: { name: "bob" }, body: { text: "the backup is done" } },
  refuses: [...SILENCED, userNotFound("bob"), mailboxFull("bob")],
  async run({ parts: { hub, settings }, address, params, body }, { account }) {
    const person = await callerOf(account, { hub, address });
    const text = textField(body, "text");
    checkLength({ settings }, text);
    const { direct, waits, away } = await hub.direct(person, quotable(params.name ?? ""), {
      text,
      origin: "",
    });
    return { id: direct.id, to: direct.to, kept: waits, ...noteOn(direct.to, { waits, away }) };
  },
});

/** @throws {Refusal} `bad_request` */
function readRange(query: URLSearchParams): Range {
  const fields = Object.fromEntries(query);
  return {
    before: idField(fields, "before"),
    after: idField(fields, "after"),
    limit: readLimit(query.get("limit")),
  };
}

/** More than a page holds is a page. */
function readLimit(text: string | null): number {
  if (text === null) return USUAL_MESSAGES;
  if (!/^0*[1-9]\d*$/.test(text)) throw badField("limit", `be a whole number from 1 to ${MOST_MESSAGES}`);
  return Math.min(MOST_MESSAGES, Number(text));
}
