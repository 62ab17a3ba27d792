import { AttemptLimit } from "../accounts/attempt_limit.ts";
import { addressKey, isLoopback } from "../accounts/address.ts";
import { noSuchRoom, roomClosing, tooManyNewRooms, tooManyRooms } from "../refusals.ts";
import type { RoomSummary } from "./event.ts";
import type { Person } from "./member.ts";
import { newRoom, Room, type RoomParts } from "./room.ts";
import { LOBBY, roomName } from "./room_name.ts";

/** How many rooms there are at most, and how many one address makes within an hour; loopback any number. */
const MOST_ROOMS = 10_000;
const NEW_ROOMS_PER_HOUR = 20;

/** All rooms that there are. */
export class Rooms implements Disposable {
  readonly lobby: Room;
  #parts: RoomParts;
  #rooms = new Map<string, Room>();
  /** The names of rooms that were deleted, of which something is left: nobody may make another of that name yet. */
  #closing = new Set<string>();
  /** Name → the room that is just being made. */
  #making = new Map<string, Promise<Room>>();
  #newRooms = new AttemptLimit({
    most: NEW_ROOMS_PER_HOUR,
    perMs: 3_600_000,
    now: () => performance.now(),
  });

  private constructor(lobby: Room, parts: RoomParts) {
    this.lobby = lobby;
    this.#parts = parts;
    this.#rooms.set(LOBBY, lobby);
  }

  static async open(parts: RoomParts): Promise<Rooms> {
    const records = await Array.fromAsync(parts.store.list());
    const lobby = records.find(({ name }) => name === LOBBY) ?? newRoom(LOBBY, undefined, new Date());
    const rooms = new Rooms(new Room(lobby, parts), parts);
    for (const record of records) {
      if (record.closing) rooms.#closing.add(record.name);
      else if (record.name !== LOBBY) rooms.#rooms.set(record.name, new Room(record, parts));
    }
    await rooms.lobby.open();
    return rooms;
  }

  get size(): number {
    return this.#rooms.size;
  }

  get all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** The names of those that were deleted, of which something is left. */
  get closing(): ReadonlySet<string> {
    return this.#closing;
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /**
   * A room that somebody may see. To those who may not it is as if it were not there.
   *
   * @param raw As typed, with or without #.
   * @throws {Refusal} `bad_room_name`, `no_such_room`
   */
  seenBy(person: Pick<Person, "key" | "isIn">, raw: string): Room {
    const room = this.#rooms.get(raw) ?? this.#rooms.get(roomName(raw));
    if (room === undefined || !room.mayRead(person)) throw noSuchRoom(roomName(raw));
    return room;
  }

  /** The rooms that somebody may see, the lobby first, then by how many are there. */
  listFor(person: Pick<Person, "key" | "isIn">): RoomSummary[] {
    const seen = [...this.#rooms.values()].filter((room) => room.mayRead(person));
    return seen.map(summaryOf).sort(byPlaceInList);
  }

  /**
   * The room of this name, made where there is none.
   *
   * @throws {Refusal} `room_closing`, `too_many_rooms`, `not_stored`
   */
  async findOrMake(name: string, maker: Pick<Person, "key" | "address">): Promise<Room> {
    if (this.#closing.has(name)) throw roomClosing(name);
    const room = this.#rooms.get(name) ?? await this.#make(name, maker);
    await room.open();
    return room;
  }

  /**
   * Takes a room away, with nobody in it.
   *
   * @throws {Refusal} `not_stored`
   */
  async remove(room: Room): Promise<void> {
    this.#rooms.delete(room.name);
    room[Symbol.dispose]();
    await this.#parts.store.remove(room.name);
  }

  /**
   * Takes a room from all who see it; its name is given out again when it is {@link forget forgotten}.
   *
   * @param putOut Has those leave who are in it: in one go with the end of the room, so that nobody comes in between.
   * @throws {Refusal} `no_such_room` where another has done that, `not_stored`
   */
  async close(room: Room, putOut: () => void): Promise<void> {
    await room.change((record) => ({ ...record, closing: true }));
    if (this.#rooms.get(room.name) !== room) throw noSuchRoom(room.name);
    putOut();
    this.#rooms.delete(room.name);
    this.#closing.add(room.name);
    await room.close();
  }

  /**
   * Nothing is left of a room that was closed.
   *
   * @throws {Refusal} `not_stored`
   */
  async forget(name: string): Promise<void> {
    await this.#parts.store.remove(name);
    this.#closing.delete(name);
  }

  [Symbol.dispose](): void {
    for (const room of this.#rooms.values()) room[Symbol.dispose]();
  }

  #make(name: string, maker: Pick<Person, "key" | "address">): Promise<Room> {
    const making = this.#making.get(name) ??
      this.#makeOnce(name, maker).finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }

  async #makeOnce(name: string, { key, address }: Pick<Person, "key" | "address">): Promise<Room> {
    if (this.#rooms.size >= MOST_ROOMS) throw tooManyRooms(MOST_ROOMS);
    if (!isLoopback(address)) {
      const seconds = this.#newRooms.take(addressKey(address));
      if (seconds > 0) throw tooManyNewRooms(NEW_ROOMS_PER_HOUR, seconds);
    }
    const record = newRoom(name, key, new Date());
    await this.#parts.store.put(record);
    const room = new Room(record, this.#parts);
    this.#rooms.set(name, room);
    return room;
  }
}

function summaryOf({ name, size, record }: Room): RoomSummary {
  return { name, topic: record.topic, present: size, private: record.private, quiet: record.quiet };
}

function byPlaceInList(one: RoomSummary, other: RoomSummary): number {
  if (one.name === LOBBY || other.name === LOBBY) return one.name === LOBBY ? -1 : 1;
  return other.present - one.present || (one.name < other.name ? -1 : 1);
}
