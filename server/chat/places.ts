import type { Member, Seat } from "./member.ts";
import type { Mark, Place, PlaceStore } from "./place_store.ts";
import type { Room } from "./room.ts";
import { LOBBY } from "./room_name.ts";
import type { Rooms } from "./rooms.ts";

/** From how many accounts a room is taken at a time. */
const TAKEN_AT_ONCE = 100;

/** Places that are written together. */
interface Batch {
  readonly places: Map<string, Place>;
  readonly written: Promise<void>;
}

/**
 * Where accounts belong and how far they have read: kept when they go, and now and then while they are here. There is one
 * write at a time, and what comes meanwhile goes together with the next: thousands may leave at once.
 */
export class Places {
  #store: PlaceStore;
  #rooms: Rooms;
  #failed: (error: unknown) => void;
  /** What is being written, and what is written next. */
  #writing: Batch = { places: new Map(), written: Promise.resolve() };
  #next: Batch | undefined;
  /** Account → its marks as they were kept last. */
  #kept = new Map<string, string>();
  /** The pass over all places that is under way. */
  #counting: Promise<Map<string, number>> | undefined;

  /** @param failed Told why a place could not be kept when nobody waits for it. */
  constructor(store: PlaceStore, rooms: Rooms, failed: (error: unknown) => void) {
    this.#store = store;
    this.#rooms = rooms;
    this.#failed = failed;
  }

  /** The place of an account, its rooms open, so that it can come in; without rooms that are no more. */
  async find(account: string): Promise<Place | undefined> {
    const place = await this.#find(account);
    if (place === undefined) return undefined;
    const rooms = [...place.rooms].filter(([name]) => this.#rooms.find(name) !== undefined);
    await Promise.all(rooms.map(([name]) => this.#rooms.find(name)!.open()));
    return { rooms: new Map(rooms) };
  }

  /** The rooms that an account has joined, present or not. */
  async roomsOf(account: string): Promise<ReadonlySet<string>> {
    const place = await this.#find(account);
    return new Set([LOBBY, ...place?.rooms.keys() ?? []]);
  }

  /**
   * Keeps the place of an account that is here, as it will be when it has joined a room or left one.
   *
   * @throws {Refusal} `not_stored`
   */
  async keep(member: Member, change: { joining?: Room; leaving?: Room } = {}): Promise<void> {
    if (member.account === undefined) return;
    const place = changed(placeOf(member), change);
    await this.#putOrForget(member.account, place);
    this.#kept.set(member.account, textOf(place));
  }

  /** Keeps the place of an account that goes; nobody waits for it. */
  keepLast(member: Member): void {
    const { account } = member;
    if (account === undefined) return;
    const place = placeOf(member);
    this.#kept.delete(account);
    this.#put(new Map([[account, place]])).catch(this.#failed);
  }

  /** Keeps the places of those here who have read on since the last time, so that even a crash forgets little. */
  keepAll(members: Iterable<Member>): void {
    const moved = new Map<string, Place>();
    for (const member of members) {
      if (member.account === undefined) continue;
      const place = placeOf(member);
      const text = textOf(place);
      if (this.#kept.get(member.account) === text) continue;
      this.#kept.set(member.account, text);
      moved.set(member.account, place);
    }
    if (moved.size > 0) this.#put(moved).catch((error) => this.#keptNot(moved, error));
  }

  /**
   * Gives an account that is not here a room.
   *
   * @throws {Refusal} `not_stored`
   */
  async give(account: string, room: Room): Promise<void> {
    const place = await this.#find(account) ?? { rooms: new Map() };
    await this.#putOrForget(account, changed(place, { joining: room }));
    await room.change((record) => ({ ...record, emptySince: undefined }));
  }

  /**
   * Takes a room away from an account that is not here.
   *
   * @returns Whether it had joined the room.
   * @throws {Refusal} `not_stored`
   */
  async takeAway(account: string, room: string): Promise<boolean> {
    const place = await this.#find(account);
    if (!place?.rooms.has(room)) return false;
    const rooms = new Map(place.rooms);
    rooms.delete(room);
    await this.#putOrForget(account, { rooms });
    return true;
  }

  /**
   * Takes a room that is no more away from all accounts: they shall not be in the next one of its name.
   *
   * @throws {Refusal} `not_stored`
   */
  async takeAwayFromAll(room: string): Promise<void> {
    await this.settled(); // what is still to be kept would not be in the list
    let some: Promise<unknown>[] = [];
    for await (const { account, place } of this.#store.list()) {
      if (!place.rooms.has(room)) continue;
      some.push(this.takeAway(account, room));
      if (some.length < TAKEN_AT_ONCE) continue;
      await Promise.all(some);
      some = [];
    }
    await Promise.all(some);
  }

  /** An account that is not here has read a room up to a message, by another way than the chat; nobody waits for it. */
  markLater(account: string, room: string, upTo: string): void {
    this.#mark(account, room, upTo).catch(this.#failed);
  }

  /** The accounts that have joined each room: room → how many. Who asks meanwhile gets the same answer. */
  count(): Promise<ReadonlyMap<string, number>> {
    return this.#counting ??= this.#count().finally(() => this.#counting = undefined);
  }

  /** @throws {Refusal} `not_stored` */
  async remove(account: string): Promise<void> {
    await this.settled();
    this.#writing.places.delete(account);
    await this.#store.remove(account);
  }

  /** Answers when all that was to be kept is kept, or could not be. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#writing.written, this.#next?.written]);
  }

  async #count(): Promise<Map<string, number>> {
    const joined = new Map<string, number>();
    for await (const { place } of this.#store.list()) {
      for (const room of place.rooms.keys()) joined.set(room, (joined.get(room) ?? 0) + 1);
    }
    return joined;
  }

  /** Those are tried again the next time, even if they have not read on by then. */
  #keptNot(places: ReadonlyMap<string, Place>, error: unknown): void {
    for (const account of places.keys()) this.#kept.delete(account);
    this.#failed(error);
  }

  async #mark(account: string, room: string, upTo: string): Promise<void> {
    const place = await this.#find(account);
    const mark = place?.rooms.get(room);
    if (place === undefined || mark === undefined || mark.readUpTo >= upTo) return;
    const rooms = new Map([...place.rooms, [room, { readUpTo: upTo, at: new Date() }]]);
    await this.#putOrForget(account, { rooms });
  }

  async #find(account: string): Promise<Place | undefined> {
    return this.#next?.places.get(account) ?? this.#writing.places.get(account) ??
      await this.#store.find(account);
  }

  /** What is refused has not happened: it must not be found either, as that of somebody is who has gone. */
  async #putOrForget(account: string, place: Place): Promise<void> {
    try {
      await this.#put(new Map([[account, place]]));
    } catch (error) {
      if (this.#writing.places.get(account) === place) this.#writing.places.delete(account);
      throw error;
    }
  }

  #put(places: ReadonlyMap<string, Place>): Promise<void> {
    this.#next ??= {
      places: new Map(),
      written: this.#writing.written.catch(() => {}).then(() => this.#write()),
    };
    for (const [account, place] of places) this.#next.places.set(account, place);
    return this.#next.written;
  }

  #write(): Promise<void> {
    this.#writing = this.#next!;
    this.#next = undefined;
    return this.#store.put(this.#writing.places);
  }
}

function changed({ rooms }: Place, { joining, leaving }: { joining?: Room; leaving?: Room }): Place {
  const left = new Map([...rooms].filter(([name]) => name !== leaving?.name));
  if (joining !== undefined) left.set(joining.name, { readUpTo: joining.lastId, at: new Date() });
  return { rooms: left };
}

/** How far a member has read in each room. */
function placeOf(member: Member): Place {
  return { rooms: new Map(Array.from(member.seats, ([name, seat]) => [name, markOf(seat)])) };
}

/** What was told while one was here is read; what was said before, only where it was shown. */
function markOf({ room, enteredAfter, readUpTo, sinceMs }: Seat): Mark {
  const unread = room.lastId === enteredAfter && readUpTo < enteredAfter;
  return unread ? { readUpTo, at: new Date(sinceMs) } : { readUpTo: room.lastId, at: new Date() };
}

/** What makes it worth keeping a place anew. */
function textOf({ rooms }: Place): string {
  return JSON.stringify(Array.from(rooms, ([room, { readUpTo }]) => [room, readUpTo]));
}
