import type { Answer, ChatEvent, Direct, Message } from "../chat/event.ts";
import { LOBBY } from "../chat/hub.ts";

/** How one connection looks at the chat. Connections that look alike share one view, and get the same bytes. */
export interface View {
  /** Which of all views it is. */
  readonly number: number;
  /** Lines are led by their time, UTC. */
  readonly timestamps: boolean;
  /** Names are coloured. */
  readonly color: boolean;
  /** Room messages are led by their room, whichever one looks at. */
  readonly roomFirst: boolean;
}

/** Number → view; each bit of the number is one way of looking. */
const VIEWS: readonly View[] = Array.from({ length: 8 }, (_, number) => ({
  number,
  timestamps: (number & 1) !== 0,
  color: (number & 2) !== 0,
  roomFirst: (number & 4) !== 0,
}));

/** How one looks at first. */
export const PLAIN_VIEW: View = VIEWS[0]!;

/** The view that differs from another so. */
export function changedView(view: View, change: Partial<Omit<View, "number">>): View {
  const { timestamps, color, roomFirst } = { ...view, ...change };
  return VIEWS[(timestamps ? 1 : 0) + (color ? 2 : 0) + (roomFirst ? 4 : 0)]!;
}

const encoder = new TextEncoder();

/**
 * Renders what has happened into lines, once for each way of looking: when many readers are told of an event in turn,
 * the first of each kind pays.
 */
export class TextOutput {
  #event: ChatEvent | undefined;
  /** Number of a view → the lines of `#event` in it. */
  #rendered: (Uint8Array | undefined)[] = [];

  /** The lines of an event for a reader who looks so. */
  render(event: ChatEvent, view: View, reader: { readonly name: string }): Uint8Array {
    if (event.type === "direct") return encoder.encode(directLines(event, view, reader.name));
    if (event !== this.#event) {
      this.#event = event;
      this.#rendered = [];
    }
    return this.#rendered[view.number] ??= encoder.encode(eventLine(event, view) + "\n");
  }
}

/** The lines of an answer, without the last line ending. */
export function answerLines(answer: Answer): string {
  switch (answer.type) {
    case "notice":
      return answer.text;
    case "roster":
      return `${rosterTitle(answer.room)} (${answer.names.length}): ${answer.names.join(", ")}`;
  }
}

/** What somebody reads who has just come in. */
export function welcomeLines(
  { name, names, recent }: { name: string; names: readonly string[]; recent: readonly Message[] },
  view: View,
): string {
  return [
    `Hello ${name}! You are now connected.`,
    "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
    answerLines({ type: "roster", room: LOBBY, names }),
    ...recent.map((message) => eventLine(message, view)),
  ].join("\n");
}

/** The private messages that somebody finds who was away. */
export function waitingLines(directs: readonly Direct[], view: View): string {
  const lines = directs.map((direct) => receivedLine(direct, view));
  return [`You have ${directs.length} private messages from while you were away:`, ...lines].join("\n");
}

/** One line, without its line ending. */
function eventLine(event: Exclude<ChatEvent, Direct>, view: View): string {
  const time = timeIn(view, event.at);
  switch (event.type) {
    case "message": {
      const room = view.roomFirst || event.room !== LOBBY ? `#${event.room} ` : "";
      const name = nameIn(view, event.from);
      return event.action ? `${time}${room}* ${name} ${event.text}` : `${time}${room}${name}: ${event.text}`;
    }
    case "joined":
      return `${time}${nameIn(view, event.name)} has joined ${placeOf(event.room)}.`;
    case "left":
      return `${time}${nameIn(view, event.name)} has left ${placeOf(event.room)}.`;
    case "renamed":
      return `${time}${nameIn(view, event.from)} is now called ${nameIn(view, event.to)}.`;
    case "announced":
      return `${time}Announcement: ${event.text}`;
  }
}

/** Who writes to oneself gets both lines. */
function directLines(direct: Direct, view: View, reader: string): string {
  const received = direct.to === reader ? receivedLine(direct, view) + "\n" : "";
  const sent = direct.from === reader ? sentLine(direct, view) + "\n" : "";
  return received + sent;
}

function receivedLine({ at, from, text }: Direct, view: View): string {
  return `${timeIn(view, at)}Private message from ${nameIn(view, from)}: ${text}`;
}

function sentLine({ at, to, text }: Direct, view: View): string {
  return `${timeIn(view, at)}Private message to ${nameIn(view, to)}: ${text}`;
}

function rosterTitle(room: string): string {
  return room === LOBBY ? "Users currently online" : `Users in #${room}`;
}

function placeOf(room: string): string {
  return room === LOBBY ? "the chat" : `#${room}`;
}

function timeIn(view: View, at: Date): string {
  return view.timestamps ? `${at.toISOString().slice(11, 16)} ` : "";
}

/** Foreground colours that can be read on a dark and on a light background. */
const COLORS = [31, 32, 33, 34, 35, 36];

function nameIn(view: View, name: string): string {
  if (!view.color) return name;
  const sum = [...name].reduce((hash, character) => (hash * 31 + character.codePointAt(0)!) >>> 0, 0);
  return `\x1b[${COLORS[sum % COLORS.length]}m${name}\x1b[0m`;
}
