import type { Role } from "../accounts/roles.ts";
import type { Answer, ChatEvent, Direct, Joined, Left, Message, Missed, Telling } from "../chat/event.ts";
import type { Refusal } from "../refusals.ts";
import { GatheredBytes } from "./_gathered_bytes.ts";
import type { DirectMessage, Ref, RoomMessage, ServerMessage } from "./json_types.ts";

const encoder = new TextEncoder();

/** Renders what has happened into JSON lines, once for all readers: when they are told in turn, the first pays. */
export class JsonOutput {
  #event: ChatEvent | undefined;
  /** The line of `#event`. */
  #rendered = new Uint8Array();
  #passages = new GatheredBytes<Joined | Left>((event) => line(eventMessage(event)));
  #messages = new GatheredBytes<Message>((message) => line(eventMessage(message)));

  /** The line of an event, or those of several. Both sides of a private message read the same. */
  render(event: Telling): Uint8Array {
    if (event.type === "passages") return this.#passages.of(event);
    if (event.type === "messages") return this.#messages.of(event);
    if (event !== this.#event) {
      this.#event = event;
      this.#rendered = encoder.encode(line(eventMessage(event)));
    }
    return this.#rendered;
  }
}

/**
 * The lines of an answer, each with its LF: one, unless private messages or missed rooms are listed. Who has signed up is
 * answered by {@link welcomeJson}.
 */
export function answerJson(answer: Exclude<Answer, { type: "signed up" }>, ref?: Ref): string {
  switch (answer.type) {
    case "notice":
      return noticeJson(answer.text, ref);
    case "roster":
      return line({ type: "roster", room: answer.room, names: [...answer.names], ref });
    case "rooms":
      return line({
        type: "rooms",
        rooms: answer.rooms.map((room) => ({
          name: room.name,
          topic: room.topic,
          present: room.present,
          private: room.private,
          quiet: room.quiet,
        })),
        ref,
      });
    case "entered": {
      const { room, names, topic, private: closed, quiet, staff } = answer;
      return line({ type: "roster", room, names: [...names], topic, private: closed, quiet, staff, ref });
    }
    case "ack":
      return line({ type: "ack", id: answer.id, note: answer.note, ref });
    case "pong":
      return line({ type: "pong", ref });
    case "history":
      return line(historyMessage(answer, ref));
    case "found":
      return line({ type: "found", messages: answer.messages.map(saidMessage), more: answer.more, ref });
    case "conversations": {
      const conversations = answer.conversations.map(({ with: name, last }) => ({
        with: name,
        last: directMessage(last),
      }));
      return line({ type: "conversations", conversations, ref });
    }
    case "ignored":
      return line({ type: "ignored", names: [...answer.names], ref });
    case "waiting":
      return answer.directs.map((direct) => line(directMessage(direct))).join("");
    case "secret":
      return noticeJson(answer.uri, ref);
    case "missed":
      return answer.rooms.map((missed) => line(missedMessage(missed))).join("");
  }
}

/** A line for people to read. */
export function noticeJson(text: string, ref?: Ref): string {
  return line({ type: "notice", text, ref });
}

/** The line that says that something was not done. */
export function refusalJson({ code, message, retryAfterSeconds }: Refusal, ref?: Ref): string {
  return line({ type: "error", code, text: message, retry_after_seconds: retryAfterSeconds, ref });
}

/** What a program reads first that has come in. */
export function welcomeJson(
  { server, version, name, role, rooms }: {
    server: string;
    version: string;
    name: string;
    role: Role;
    rooms: readonly string[];
  },
  ref?: Ref,
): string {
  return line({ type: "welcome", server, version, name, role, rooms: [...rooms], ref });
}

/** The line that says how a browser lets a program in. */
export function linkJson(
  { url, code, expiresAt }: { url: string; code: string; expiresAt: Date },
  ref?: Ref,
): string {
  return line({ type: "link", url, code, expires_at: expiresAt.toISOString(), ref });
}

/** The line that asks whether somebody is still there. */
export function pingJson(): string {
  return line({ type: "ping" });
}

/**
 * Control characters, line endings and lone surrogates among them, are escaped by `JSON.stringify`; fields that are
 * undefined it leaves out.
 */
function line(message: ServerMessage): string {
  return JSON.stringify(message) + "\n";
}

/** What programs are sent of what has happened. */
export function eventMessage(event: ChatEvent): ServerMessage {
  switch (event.type) {
    case "message":
    case "direct":
      return saidMessage(event);
    case "joined": {
      const { type, room, name, at } = event;
      return { type, room, name, at: at.toISOString() };
    }
    case "left": {
      const { type, room, name, reason, at } = event;
      return { type, room, name, at: at.toISOString(), reason };
    }
    case "renamed": {
      const { type, from, to, at } = event;
      return { type, from, to, at: at.toISOString() };
    }
    case "topic": {
      const { type, room, topic, by, at } = event;
      return { type, room, topic, by, at: at.toISOString() };
    }
    case "deleted": {
      const { type, room, id, by, at } = event;
      return { type, room, id, by, at: at.toISOString() };
    }
    case "noted":
      return { type: "notice", text: event.text, room: event.room };
    case "told":
      return { type: "notice", text: event.text };
    case "announced":
      return { type: "notice", text: `Announcement: ${event.text}` };
  }
}

function saidMessage(said: Message | Direct): RoomMessage | DirectMessage {
  return said.type === "message" ? roomMessage(said) : directMessage(said);
}

function roomMessage({ type, id, room, from, text, action, at }: Message): RoomMessage {
  return { type, id, room, from, text, action, at: at.toISOString() };
}

function directMessage({ type, id, from, to, text, at }: Direct): DirectMessage {
  return { type, id, from, to, text, at: at.toISOString() };
}

function historyMessage(answer: Extract<Answer, { type: "history" }>, ref?: Ref): ServerMessage {
  const { type, more } = answer;
  return "room" in answer
    ? { type, room: answer.room, messages: answer.messages.map(roomMessage), more, ref }
    : { type, with: answer.with, messages: answer.messages.map(directMessage), more, ref };
}

function missedMessage({ room, count, atLeast, after, since }: Missed): ServerMessage {
  return { type: "missed", room, count, at_least: atLeast, after, since: since.toISOString() };
}
