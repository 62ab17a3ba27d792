import { type Signal, signal } from "@preact/signals";
import type { ServerMessage } from "../../server/wire/json_types.ts";
import { Roster } from "./roster.ts";

/** Everybody is in it, and nobody can leave it. */
const LOBBY = "lobby";

/** What the page knows of a room beside what is said in it. */
export class Room {
  readonly name: string;
  readonly roster = new Roster();
  readonly topic: Signal<string> = signal("");
  /** Only its members and those who are invited may enter. */
  readonly closed: Signal<boolean> = signal(false);
  /** Only its staff speaks. */
  readonly quiet: Signal<boolean> = signal(false);
  /** The reader is of its staff. */
  readonly staff: Signal<boolean> = signal(false);

  constructor(name: string) {
    this.name = name;
  }
}

/** The rooms that the reader is in, or looks at. */
export class Rooms {
  /** Those that the reader is in, the lobby first. */
  readonly joined: Signal<readonly string[]> = signal([]);
  #rooms = new Map<string, Room>();

  get(name: string): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) this.#rooms.set(name, room = new Room(name));
    return room;
  }

  /** Its roster says who is online. */
  get lobby(): Room {
    return this.get(LOBBY);
  }

  isJoined(name: string): boolean {
    return this.joined.value.includes(name);
  }

  /** Takes over how a room is that the reader has entered. */
  learn(answer: Extract<ServerMessage, { type: "roster" }>): void {
    const room = this.get(answer.room);
    room.roster.replace(answer.names);
    if (answer.topic === undefined) return;
    room.topic.value = answer.topic;
    room.closed.value = answer.private ?? false;
    room.quiet.value = answer.quiet ?? false;
    room.staff.value = answer.staff ?? false;
  }

  replaceJoined(names: readonly string[]): void {
    this.joined.value = inOrder(names);
  }

  add(name: string): void {
    if (!this.isJoined(name)) this.joined.value = inOrder([...this.joined.value, name]);
  }

  /** Answers false where the reader was not in it. */
  remove(name: string): boolean {
    if (name === LOBBY || !this.isJoined(name)) return false;
    this.joined.value = this.joined.value.filter((room) => room !== name);
    this.#rooms.delete(name);
    return true;
  }

  comes(room: string, name: string): void {
    this.#rooms.get(room)?.roster.add(name);
  }

  goes(room: string, name: string): void {
    this.#rooms.get(room)?.roster.remove(name);
  }

  rename(from: string, to: string): void {
    for (const { roster } of this.#rooms.values()) {
      if (!roster.has(from)) continue;
      roster.remove(from);
      roster.add(to);
    }
  }
}

function inOrder(names: readonly string[]): readonly string[] {
  const others = names.filter((name) => name !== LOBBY).toSorted();
  return names.includes(LOBBY) ? [LOBBY, ...others] : others;
}
