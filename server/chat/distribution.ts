import { loggedOutEverywhere } from "../refusals.ts";
import type { Audience } from "./audience.ts";
import type { ChatCounts } from "./counts.ts";
import type { ChatEvent, Direct, LeaveReason, Message, Renamed, Told } from "./event.ts";
import type { Listener, Person } from "./member.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Roster } from "./roster.ts";
import type { SearchIndex } from "./search_index.ts";

/** A program that only listens, and where. */
export interface Watch {
  readonly listener: Listener;
  /** For whom. */
  readonly person: Person;
  readonly rooms: readonly Room[];
  /** The account whose private messages it is told of as well. */
  readonly directsOf: string | undefined;
}

/** Tells each event to those whom it concerns, in the order in which the events come. */
export class Distribution {
  #roster: Roster;
  #rooms: Rooms;
  #search: SearchIndex;
  #counts: ChatCounts;
  /** Listener id → listener; members' and watches. */
  #listeners = new Map<string, Listener>();
  #watches = new Set<Watch>();
  #lastId: string;
  /** Of the room in which something was said last: it may be told in a moment only. */
  #hearing: Audience | undefined;

  /** @param parts.lastId An id higher than that of anything that was told before. */
  constructor(
    parts: { roster: Roster; rooms: Rooms; search: SearchIndex; counts: ChatCounts; lastId: string },
  ) {
    this.#roster = parts.roster;
    this.#rooms = parts.rooms;
    this.#search = parts.search;
    this.#counts = parts.counts;
    this.#lastId = parts.lastId;
  }

  /**
   * The id of what was said last anywhere. All is told in the order of the ids: whatever has a lower one or this has been
   * told, and is in the log; whatever has a higher one is still to be told.
   */
  get lastId(): string {
    return this.#lastId;
  }

  add(listener: Listener): void {
    this.#listeners.set(listener.id, listener);
  }

  /** Answers false where it was not there. */
  remove(listener: Listener): boolean {
    return this.#listeners.delete(listener.id);
  }

  /** @param origin The id of the listener that it came from, which is not told of its own doing. */
  tell(event: ChatEvent, origin: string): void {
    if (event.type === "message") return this.#tellMessage(event, origin);
    this.#hearing?.tellMessages();
    switch (event.type) {
      case "direct":
        this.#lastId = event.id;
        this.#counts.directs++;
        this.#tellBoth(event, origin);
        return this.#search.add(event);
      case "joined":
      case "left":
      case "topic":
      case "noted":
        return this.#rooms.find(event.room)?.audience.tell(event, origin);
      case "deleted": {
        const room = this.#rooms.find(event.room);
        room?.forget(event.id);
        return room?.audience.tell(event, origin);
      }
      case "renamed":
        this.#followName(event);
        return this.#rooms.lobby.audience.tell(event, origin);
      case "announced":
        return this.#rooms.lobby.audience.tell(event, origin);
    }
  }

  /** Tells whatever is open of an account, also programs that only listen, if they may read what is written to it. */
  tellAccount(event: Told, account: string, except: (listener: Listener) => boolean): void {
    this.#hearing?.tellMessages();
    const watching = [...this.#watches].filter(({ directsOf }) => directsOf === account);
    const present = this.#roster.findByKey(account)?.listeners ?? [];
    for (const listener of [...present, ...watching.map(({ listener }) => listener)]) {
      if (!except(listener)) listener.deliver(event);
    }
  }

  /** Those who only listen must show anew that they may: the room has become private, or one person has lost it. */
  closeToWatches(room: Room, person?: Pick<Person, "key">): void {
    this.endWatches((watch) =>
      watch.rooms.includes(room) && (person?.key ?? watch.person.key) === watch.person.key
    );
  }

  /** Ends what only listens. */
  endWatches(which: (watch: Watch) => boolean, sentence = "You may no longer read along here."): void {
    for (const watch of [...this.#watches]) {
      if (which(watch)) watch.listener.end(sentence, "kicked");
    }
  }

  /** Lets a program listen, until what is answered is disposed of. */
  watch(watch: Watch): Disposable {
    this.#watches.add(watch);
    this.#listeners.set(watch.listener.id, watch.listener);
    for (const room of watch.rooms) room.audience.add(watch.listener);
    return {
      [Symbol.dispose]: () => {
        this.#watches.delete(watch);
        this.#listeners.delete(watch.listener.id);
        for (const room of watch.rooms) room.audience.remove(watch.listener);
      },
    };
  }

  /** Ends the connections of an account, but for those that `except` picks: what they came in by is good no more. */
  logOut(account: string, except: (listener: Listener) => boolean = () => false): void {
    const { message } = loggedOutEverywhere();
    this.disconnect((listener) => listener.account === account && !except(listener), message, "kicked");
  }

  /** Ends the connections that `which` picks. */
  disconnect(which: (listener: Listener) => boolean, sentence: string, reason: LeaveReason): void {
    this.#hearing?.tellMessages();
    for (const listener of [...this.#listeners.values()]) {
      if (which(listener)) listener.end(sentence, reason);
    }
  }

  #tellMessage(message: Message, origin: string): void {
    const room = this.#rooms.find(message.room);
    this.#lastId = message.id;
    this.#counts.messages++;
    if (this.#hearing !== room?.audience) this.#hearing?.tellMessages();
    this.#hearing = room?.audience;
    room?.told(message);
    room?.audience.tell(message, origin);
    this.#search.add(message);
  }

  /** Whoever has the old name next is not the one that wrote. */
  #followName({ from, to }: Renamed): void {
    for (const member of this.#roster.members) {
      if (member.lastCorrespondent === from) member.lastCorrespondent = to;
    }
  }

  #tellBoth(direct: Direct, origin: string): void {
    this.#rooms.lobby.audience.tellPassages(direct.from); // those who came have to be known before they write
    const from = this.#roster.findByKey(direct.fromKey);
    const to = this.#roster.findByKey(direct.toKey);
    if (to !== undefined) to.corresponds = true;
    if (from !== undefined) from.corresponds = true;
    const heard = to !== undefined && !to.ignores(direct.from);
    if (heard) {
      to.lastCorrespondent = direct.from;
      for (const listener of to.listeners) this.#deliver(direct, listener);
    }
    for (const { listener, directsOf } of this.#watches) {
      if (directsOf === direct.toKey || directsOf === direct.fromKey) this.#deliver(direct, listener);
    }
    if (from === undefined || (from === to && heard)) return;
    for (const listener of from.listeners) {
      if (listener.id !== origin || listener.echoesDirects) this.#deliver(direct, listener);
    }
  }

  #deliver(direct: Direct, listener: Listener): void {
    listener.deliver(direct);
    this.#counts.deliveries++;
  }
}
