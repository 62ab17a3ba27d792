import { MOST_TOLD_OF_EACH } from "../chat/audience.ts";
import type {
  Answer,
  ChatEvent,
  Direct,
  Message,
  Messages,
  Missed,
  RoomSummary,
  Telling,
} from "../chat/event.ts";
import type { Roster } from "../chat/roster.ts";
import { eventLine, messageLine, nameIn, timeIn } from "./_event_line.ts";
import { GatheredBytes } from "./_gathered_bytes.ts";
import { concernsPeople, GatheredLines } from "./_gathered_lines.ts";
import { qrCodeLines } from "./qr_code.ts";
import { changedView, ledByRoom, type View } from "./view.ts";

/** Who reads, and where that one looks. */
export interface Reader {
  /** As `Person.key` has it. */
  readonly key: string;
  /** The room whose messages need not say where they were said. */
  readonly looksAt: string;
}

/**
 * Of more than are told of one by one, so many are named to those who come in: in a storm all would be told the names of
 * all.
 */
const SHOWN_OF_MANY = 50;

const encoder = new TextEncoder();

/**
 * Renders what has happened into lines, once for each way of looking: when many readers are told of an event in turn,
 * the first of each kind pays.
 */
export class TextOutput {
  #event: ChatEvent | undefined;
  /** Number of a view → the lines of `#event` in it. */
  #rendered: (Uint8Array | undefined)[] = [];
  #passages = new GatheredLines();
  /** Number of a view → messages that are told together in it. */
  #messages: (GatheredBytes<Message> | undefined)[] = [];

  /** The lines of an event for a reader who looks so; undefined where people are not told of it. */
  render(event: Telling, view: View, reader: Reader): Uint8Array | undefined {
    if (event.type === "passages") return this.#passages.render(event, view);
    if (event.type === "messages") return this.#messagesSeen(seenBy(reader, event, view)).of(event);
    if (event.type === "direct") return encoder.encode(directLines(event, view, reader.key));
    if (event !== this.#event) {
      if (!concernsPeople(event)) return undefined;
      this.#event = event;
      this.#rendered = [];
    }
    const seen = seenBy(reader, event, view);
    return this.#rendered[seen.number] ??= encoder.encode(eventLine(event, seen) + "\n");
  }

  #messagesSeen(view: View): GatheredBytes<Message> {
    return this.#messages[view.number] ??= new GatheredBytes((message) => eventLine(message, view) + "\n");
  }
}

/** What is told of another room than the one that one looks at says of which. */
function seenBy({ looksAt }: Reader, event: ChatEvent | Messages, view: View): View {
  return "room" in event && event.room !== looksAt ? ledByRoom(view) : view;
}

/** The lines of an answer, without the last line ending; empty where people see by themselves that it is done. */
export function answerLines(answer: Answer, view: View, reader: Reader): string {
  switch (answer.type) {
    case "notice":
      return answer.text;
    case "roster":
      return rosterLine(answer.names);
    case "rooms":
      return [`Rooms (${answer.rooms.length}):`, ...answer.rooms.map(roomLine)].join("\n");
    case "entered":
      return [
        `You are in #${answer.room}${answer.topic === "" ? "." : `: ${answer.topic}`}`,
        shortRosterLine(answer.names.length, (most) => answer.names.slice(0, most), `/u #${answer.room}`),
        ...answer.recent.map((message) => eventLine(message, view)),
      ].join("\n");
    case "ack":
      return answer.note ?? "";
    case "pong":
      return "Pong.";
    case "history":
      return pastLines(answer.messages, view, reader) || "Nothing was said there.";
    case "found":
      return pastLines(answer.messages, view, reader) || "Nothing was found.";
    case "conversations":
      return pastLines(answer.conversations.map(({ last }) => last), view, reader) ||
        "You have written with nobody yet.";
    case "ignored":
      return ignoredLine(answer.names);
    case "waiting":
      return waitingLines(answer, view);
    case "signed up":
      return `You have an account now, ${answer.name}. Next time: /login ${answer.username}`;
    case "secret":
      return secretLines(answer, view);
    case "missed":
      return answer.rooms.map(missedLine).join("\n");
  }
}

/**
 * What somebody reads who has just come in.
 *
 * @param arrival.roster Who is online.
 * @param arrival.motd The message of the day; "" for none.
 */
export function welcomeLines(
  { name, roster, motd, recent }: {
    name: string;
    roster: Pick<Roster, "size" | "firstNames">;
    motd: string;
    recent: readonly Message[];
  },
  view: View,
): string {
  return [
    `Hello ${name}! You are now connected.`,
    "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
    shortRosterLine(roster.size, (most) => roster.firstNames(most), "/u"),
    ...motd === "" ? [] : [motd],
    ...recent.map((message) => eventLine(message, view)),
  ].join("\n");
}

/** The private messages that somebody finds who was away. */
function waitingLines(
  { directs, all }: Extract<Answer, { type: "waiting" }>,
  view: View,
): string {
  const head = all === undefined ? [] : [`You have ${all} private messages from while you were away:`];
  return [...head, ...directs.map((direct) => receivedLine(direct, view))].join("\n");
}

function pastLines(messages: readonly (Message | Direct)[], view: View, reader: Reader): string {
  return messages.map((message) => pastLine(message, view, reader)).join("\n");
}

/** A line of the past, led by its time, and by its room where that is not the one that one looks at. */
function pastLine(message: Message | Direct, view: View, reader: Reader): string {
  const plain = changedView(view, { timestamps: false });
  const time = pastTime(message.at);
  if (message.type === "direct") return `${time} ${directLines(message, plain, reader.key).trimEnd()}`;
  const roomFirst = view.roomFirst || message.room !== reader.looksAt;
  return `${time} ${messageLine(message, changedView(plain, { roomFirst }))}`;
}

/** Who writes to oneself gets both lines. */
function directLines(direct: Direct, view: View, reader: string): string {
  const received = direct.toKey === reader ? receivedLine(direct, view) + "\n" : "";
  const sent = direct.fromKey === reader ? sentLine(direct, view) + "\n" : "";
  return received + sent;
}

function receivedLine({ at, from, text }: Direct, view: View): string {
  return `${timeIn(view, at)}Private message from ${nameIn(view, from)}: ${text}`;
}

function sentLine({ at, to, text }: Direct, view: View): string {
  return `${timeIn(view, at)}Private message to ${nameIn(view, to)}: ${text}`;
}

/** Groups of four letters are easier to type. */
function secretLines({ secret, uri }: Extract<Answer, { type: "secret" }>, { color }: View): string {
  const drawing = qrCodeLines(uri, { color });
  const toType = secret.replace(/.{4}(?=.)/g, "$& ");
  if (drawing.length === 0) return `Type this secret into your authenticator app:\n${toType}`;
  const condition = color ? "" : "It is drawn for a dark background. ";
  return [
    ...drawing,
    `Scan this with your authenticator app. ${condition}If it does not scan, type this secret into the app:`,
    toType,
  ].join("\n");
}

function rosterLine(names: readonly string[]): string {
  return `Users currently online (${names.length}): ${names.join(", ")}`;
}

/** The roster as it is shown without having been asked for. */
function shortRosterLine(
  present: number,
  first: (most: number) => readonly string[],
  toSeeAll: string,
): string {
  if (present <= MOST_TOLD_OF_EACH) return rosterLine(first(present));
  const names = first(SHOWN_OF_MANY).join(", ");
  return `Users currently online (${present}): ${names} and ${
    present - SHOWN_OF_MANY
  } others; ${toSeeAll} shows all`;
}

function ignoredLine(names: readonly string[]): string {
  return names.length === 0 ? "You ignore nobody." : `You ignore (${names.length}): ${names.join(", ")}`;
}

function roomLine(room: RoomSummary): string {
  const kinds = [...room.private ? ["private"] : [], ...room.quiet ? ["quiet"] : []];
  const kind = kinds.length === 0 ? "" : `, ${kinds.join(", ")}`;
  return `#${room.name} (${room.present}${kind})${room.topic === "" ? "" : `: ${room.topic}`}`;
}

function missedLine({ room, count, atLeast, since }: Missed): string {
  return `— ${count}${atLeast ? " or more" : ""} new in #${room} since ${
    pastTime(since)
  }; /missed shows them —`;
}

/** Hour and minute, UTC; with the day where it is not today. */
function pastTime(at: Date, now = new Date()): string {
  const [day, today] = [at.toISOString().slice(0, 10), now.toISOString().slice(0, 10)];
  const time = at.toISOString().slice(11, 16);
  return day === today ? time : `${day} ${time}`;
}
