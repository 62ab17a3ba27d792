import { z } from "zod";
import { mayChat, mayReadRoom } from "../../accounts/scopes.ts";
import type { Range } from "../../chat/message_log.ts";
import { checkLength } from "../../commands/command.ts";
import { noteOn } from "../../commands/talk.ts";
import { badField } from "../../refusals.ts";
import { flagField, idField, textField } from "../../wire/json_input.ts";
import { eventMessage } from "../../wire/json_output.ts";
import { quotable } from "../../wire/printable.ts";
import { callerOf } from "../caller.ts";
import { memberRoute } from "../route.ts";

/** How many messages a page holds where nothing is said, and at most. */
const USUAL_MESSAGES = 100, MOST_MESSAGES = 1_000;

/** What is said; its fields are read as those of JSON mode. */
const said = {
  takesText: true,
  speaks: true,
  body: z.record(z.string(), z.unknown()),
  badBody: 'The body is {"text": …} as JSON, or text/plain.',
} as const;

export const list = memberRoute({
  method: "GET",
  path: "/rooms",
  scope: "read",
  summary: "The rooms that the account may see, and the token may read.",
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
  async run({ parts: { hub, archive }, address, params, query }, { account, token }) {
    const person = await callerOf(account, { hub, address });
    const marks = mayChat(token.scope); // who holds a narrower one reads for somebody else
    const range = readRange(query);
    const { room, messages, more } = await archive.ofRoom(person, params.room ?? "", range, { marks });
    return { room, messages: messages.map(eventMessage), more };
  },
});

export const say = memberRoute({
  ...said,
  method: "POST",
  path: "/rooms/:room/messages",
  scope: "post:#room",
  summary: "Says something in a room; answers when it is kept.",
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
  ...said,
  method: "POST",
  path: "/direct/:name",
  scope: "chat",
  summary: "Writes to one person; an account that is away gets it on return.",
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
