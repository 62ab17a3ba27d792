import type { Role } from "../../../server/accounts/roles.ts";
import { Archive } from "../../../server/chat/archive.ts";
import type { ChatEvent, LeaveReason, Message, Telling } from "../../../server/chat/event.ts";
import { type Arrival, Hub } from "../../../server/chat/hub.ts";
import type { Identity, Listener, Member } from "../../../server/chat/member.ts";
import { Moderation } from "../../../server/chat/moderation.ts";
import type { Place } from "../../../server/chat/place_store.ts";
import type { Room } from "../../../server/chat/room.ts";
import { LocalBus } from "../../../server/cluster/local_bus.ts";
import { MemoryAudit } from "../../support/memory_audit.ts";
import { MemoryBans } from "../../support/memory_bans.ts";
import { MemoryLockdowns } from "../../support/memory_lockdowns.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { MemoryPlaces } from "../../support/memory_places.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { MemorySearch } from "../../support/memory_search.ts";

/** The accounts that there are, present or away: id → name. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  "id of Bob": "Bob",
  "id of Carl": "Carl",
  "id of Dora": "Dora",
};

/** What a chat keeps, without a disk. */
interface Kept {
  readonly log: MemoryLog;
  readonly rooms: MemoryRooms;
  readonly places: MemoryPlaces;
  readonly search: MemorySearch;
}

/** A chat in which nobody is yet, to be disposed of. */
export interface OpenChat extends Kept, Disposable {
  readonly hub: Hub;
  readonly archive: Archive;
  readonly moderation: Moderation;
  /** What went wrong where nobody waited for it. */
  readonly failures: unknown[];
  /** Opens what it has kept once more, as after a restart. */
  openAgain(clock?: { nowMs?: number }): Promise<OpenChat>;
}

/** Opens a chat for one test. */
export async function openChat(
  { nowMs }: { nowMs?: number } = {},
  kept: Kept = {
    log: new MemoryLog(),
    rooms: new MemoryRooms(),
    places: new MemoryPlaces(),
    search: new MemorySearch(),
  },
): Promise<OpenChat> {
  const failures: unknown[] = [];
  const moderation = await Moderation.open({
    bans: new MemoryBans(),
    audit: new MemoryAudit(),
    lockdowns: new MemoryLockdowns(),
  });
  const hub = await Hub.open({
    ...kept,
    bus: new LocalBus(),
    counts: { messages: 0, directs: 0, deliveries: 0 },
    moderation,
    directory: { findByName: (name) => Promise.resolve(accountNamed(name)) },
    failed: (error) => failures.push(error),
    ...nowMs === undefined ? {} : { now: () => nowMs },
  });
  return {
    ...kept,
    hub,
    archive: new Archive({ hub, ...kept }),
    moderation,
    failures,
    openAgain: (clock) => openChat(clock, kept),
    [Symbol.dispose]: () => {
      hub[Symbol.dispose]();
      moderation[Symbol.dispose]();
    },
  };
}

/** How somebody comes in, where it is not as everybody does. */
interface Coming {
  readonly ignored?: string[];
  readonly role?: Role;
  readonly address?: string;
  readonly place?: Place | undefined;
  readonly echoesDirects?: boolean;
}

/** Somebody who has come in by one connection, and all that this connection is told. */
export class Visitor implements Listener {
  static #count = 0;
  readonly id = `listener ${Visitor.#count++}`;
  readonly address: string;
  readonly how = "TLS";
  readonly token = undefined;
  readonly echoesDirects: boolean;
  /** Whether its connection is still there. */
  hears = true;
  readonly events: ChatEvent[] = [];
  /** The last sentences that it was told, of which there should be one at most. */
  readonly ended: string[] = [];
  readonly arrival: Arrival;
  /** What was said before, as it was shown on arrival: the hub goes on using its list. */
  readonly shownOnArrival: string[];
  /** Who was present then. */
  readonly presentOnArrival: readonly string[];
  #hub: Hub;

  /** A name that is an account's is that account; every other is a guest. */
  constructor(hub: Hub, name: string, { place, echoesDirects = true, ...coming }: Coming = {}) {
    this.#hub = hub;
    this.echoesDirects = echoesDirects;
    this.address = coming.address ?? "127.0.0.1";
    this.arrival = hub.enter(identityOf(name, coming), this, place);
    this.shownOnArrival = this.arrival.recent.map(inShort);
    this.presentOnArrival = hub.roster.names;
  }

  /** An account that comes in where it has been before. */
  static async returns(hub: Hub, name: string, coming: Coming = {}): Promise<Visitor> {
    const place = await hub.places.find(accountNamed(name)!.id);
    return new Visitor(hub, name, { ...coming, place });
  }

  get member(): Member {
    return this.arrival.member;
  }

  get account(): string | undefined {
    return this.member.account;
  }

  get name(): string {
    return this.member.name;
  }

  /** What it was told but for comings and goings, which may be told a little later than they happen. */
  get heard(): string[] {
    return this.events.filter((event) => !isPassage(event)).map(inShort);
  }

  /** The comings and goings that it was told of. */
  get saw(): string[] {
    return this.events.filter(isPassage).map(inShort);
  }

  deliver(event: Telling): void {
    if (event.type === "passages") this.events.push(...event.all.slice(event.from));
    else if (event.type === "messages") this.events.push(...event.all.slice(event.from, event.to));
    else this.events.push(event);
  }

  end(sentence: string): void {
    this.ended.push(sentence);
  }

  /** @param room The lobby where none is named. */
  says(text: string, room?: string): Promise<Message> {
    const place = room === undefined ? this.#hub.lobby : this.#hub.rooms.find(room)!;
    return this.#hub.say(this.member, place, { text, action: false, origin: this.id });
  }

  writes(to: string, text: string) {
    return this.#hub.direct(this.member, to, { text, origin: this.id });
  }

  async joins(name: string): Promise<Room> {
    return await this.#hub.join(this.member, name, { origin: this.id });
  }

  /** Leaves a room. */
  parts(room: string, reason: LeaveReason = "quit"): Promise<void> {
    return this.#hub.part(this.member, this.#hub.rooms.find(room)!, { reason, origin: this.id });
  }

  /** Leaves the chat. */
  leaves(reason: LeaveReason = "quit"): void {
    this.#hub.leave(this.member, this, reason);
  }
}

/** Who somebody of this name is. */
export function identityOf(
  name: string,
  { ignored = [], role, address = "127.0.0.1" }: { ignored?: string[]; role?: Role; address?: string } = {},
): Identity {
  const account = Object.entries(ACCOUNTS).find(([, held]) => held === name)?.[0];
  return { name, role: role ?? (account === undefined ? "guest" : "member"), account, ignored, address };
}

/** Lets everything happen that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** An event in a few words; the lobby is where it happened if nothing else is said. */
export function inShort(event: ChatEvent): string {
  switch (event.type) {
    case "message":
      return `${event.room === "lobby" ? "" : `#${event.room} `}${event.from}: ${event.text}`;
    case "direct":
      return `${event.from} to ${event.to}: ${event.text}`;
    case "joined":
      return `${event.name} ${event.passage === "door" ? "joined" : "came to"} #${event.room}`;
    case "left":
      return `${event.name} ${event.passage === "door" ? "left" : "went from"} #${event.room}${
        event.reason === "quit" ? "" : ` (${event.reason})`
      }`;
    case "renamed":
      return `${event.from} is ${event.to}`;
    case "topic":
      return `${event.by} set the topic of #${event.room}: ${event.topic}`;
    case "deleted":
      return `${event.by} deleted ${event.number} of ${event.from} in #${event.room}`;
    case "noted":
      return `#${event.room}: ${event.text}`;
    case "told":
    case "announced":
      return event.text;
  }
}

function isPassage({ type }: ChatEvent): boolean {
  return type === "joined" || type === "left";
}

function accountNamed(name: string): { id: string; name: string } | undefined {
  const found = Object.entries(ACCOUNTS).find(([, held]) => held.toLowerCase() === name.toLowerCase());
  return found && { id: found[0], name: found[1] };
}
