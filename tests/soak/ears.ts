import type { ConnectionId, Happening, PersonId, Said } from "./happening.ts";
import { LOBBY } from "./_rooms.ts";

/** Who listens over a connection. */
export interface Listener {
  readonly connection: ConnectionId;
  readonly person: PersonId;
}

/** What people say begins with the number by which it is known: `m17 good morning`. */
export function numberIn(text: string): number | undefined {
  const [, digits] = /^m(\d+)(?: |$)/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Understands the objects that a program is sent. */
export class JsonEar {
  #listener: Listener;
  #entered = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** What a line says; nothing where it is no object, as is the greeting. */
  hears(line: string): Happening[] {
    const { connection, person } = this.#listener;
    if (!line.startsWith("{")) return [];
    const message = JSON.parse(line);
    const shown: Happening = { type: "is shown", connection, text: textsIn(message) };
    switch (message.type) {
      case "welcome":
        this.#entered = true;
        return [shown, { type: "enters", connection, person, name: message.name, rooms: message.rooms }];
      case "error":
        return this.#entered ? [shown] : [shown, { type: "may end", connection }]; // who is refused is shown out
      case "message":
      case "direct":
        return [shown, { type: "is told", connection, said: saidIn(message) }];
      default:
        return [shown];
    }
  }
}

/** What was said, as an object of JSON mode has it. */
export function saidIn(
  message: { id: string; room?: string; from: string; to?: string; text: string; action?: boolean },
): Said {
  const { id, room, from, to, text, action = false } = message;
  return { number: numberIn(text), id, room, from, to, text, action };
}

/** All texts in an object; notices may have several lines. */
function textsIn(message: unknown): string {
  const texts: string[] = [];
  JSON.stringify(message, (_, value) => {
    if (typeof value === "string") texts.push(value);
    return value;
  });
  const isNotice = (message as { type: string }).type === "notice";
  return isNotice ? texts.join(" ").replaceAll("\n", " ") : texts.join(" ");
}

/** Understands the lines that somebody at a terminal is shown. */
export class TextEar {
  /** The room whose messages do not say where they were said. */
  looksAt = LOBBY;
  #listener: Listener;
  #entered = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  hears(line: string): Happening[] {
    const { connection } = this.#listener;
    const [, prompt = "", text = ""] = /^((?:(?:Enter your username|Password): )*)(.*)$/.exec(line) ?? [];
    const understood = this.#entered ? this.#understand(text) : this.#understandDoor(text, prompt !== "");
    return [{ type: "is shown", connection, text: line }, ...understood];
  }

  /** @param asked Whether it answers what somebody has come with: who is refused is shown out. */
  #understandDoor(line: string, asked: boolean): Happening[] {
    const { connection, person } = this.#listener;
    const [, name] = /^Hello (\S+)! You are now connected\.$/.exec(line) ?? [];
    if (name === undefined) return asked ? [{ type: "may end", connection }] : [];
    this.#entered = true;
    return [
      { type: "enters", connection, person, name },
      { type: "looks at", connection, room: LOBBY },
    ];
  }

  #understand(line: string): Happening[] {
    const { connection, person } = this.#listener;
    const [, entered] = /^You are in #([^\s:]+?)(?:\.$|: )/.exec(line) ?? [];
    if (entered !== undefined) {
      this.looksAt = entered;
      return [{ type: "is in", person, room: entered }, { type: "looks at", connection, room: entered }];
    }
    return this.#understandSaid(line) ?? [];
  }

  #understandSaid(line: string): Happening[] | undefined {
    const { connection, person } = this.#listener;
    const [, past, live = ""] = /^((?:\d{4}-\d\d-\d\d )?\d\d:\d\d )?(.*)$/.exec(line) ?? [];
    const said = this.#privateIn(live) ?? this.#publicIn(live);
    if (said === undefined) return undefined;
    return past === undefined
      ? [{ type: "is told", connection, said }]
      : [{ type: "reads", person, said: [said], askedAt: 0 }];
  }

  #privateIn(line: string): Said | undefined {
    const [, way, name = "", text = ""] = /^Private message (from|to) (\S+): (m\d+(?: .*)?)$/.exec(line) ??
      [];
    if (way === undefined) return undefined;
    return { number: numberIn(text), [way]: name, text, action: false };
  }

  #publicIn(line: string): Said | undefined {
    const [, room, said = ""] = /^(?:#(\S+) )?(.*)$/.exec(line) ?? [];
    const [, from, text] = /^(\S+): (m\d+(?: .*)?)$/.exec(said) ?? [];
    const [, who, what] = /^\* (\S+) (m\d+(?: .*)?)$/.exec(said) ?? [];
    const words = text ?? what;
    if (words === undefined) return undefined;
    return {
      number: numberIn(words),
      room: room ?? this.looksAt,
      from: from ?? who,
      text: words,
      action: what !== undefined,
    };
  }
}
