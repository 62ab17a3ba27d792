import { canonicalFold, nameFolds } from "../accounts/names.ts";
import type { Role } from "../accounts/roles.ts";
import type { LeaveReason, Telling } from "./event.ts";
import type { Room } from "./room.ts";

/** How the keys of guests begin, and no account's. It is kept, and stays as it is. */
export const GUEST = "guest:";

/** Who speaks or asks: somebody present, or an account that calls over HTTP. */
export interface Person {
  /**
   * What is kept goes by this: the account's id, or of a guest something that nobody else ever has. Names change; two
   * people never have the same key.
   */
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  /** The account's id; guests have none. */
  readonly account: string | undefined;
  /** The peer's IP address; of somebody with several connections, that of the first. */
  readonly address: string;
  /** Whether this person has joined a room. */
  isIn(room: string): boolean;
}

/** Who somebody is, once a door has let them in. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  /** The account's id; guests have none. */
  readonly account: string | undefined;
  /** The names of those whom the account does not want to hear. */
  readonly ignored: readonly string[];
  /** The peer's IP address. */
  readonly address: string;
}

/** Whoever is told what happens: one connection of a member, or a program that only listens. */
export interface Listener {
  /** Unique among all connections of all nodes. */
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  /** In words for `/whois`: how this connection came in. */
  readonly how: string;
  /** The account that it speaks for; guests have none. */
  readonly account: string | undefined;
  /** The `jti` of the token that it logged in with. */
  readonly token: string | undefined;
  /** Wants to be told of the private messages that it wrote itself. */
  readonly echoesDirects: boolean;
  /** Whether what it is told gets anywhere: its connection may be gone already. */
  readonly hears: boolean;
  /** Tells what has happened. Must neither wait nor throw: others are next. */
  deliver(event: Telling): void;
  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** A member's place in a room. */
export interface Seat {
  readonly room: Room;
  /** The last message that was read before coming in; "" for none. */
  readUpTo: string;
  /** The room's last message when the member came in: whatever is newer was told, and so read. */
  readonly enteredAfter: string;
  /** When there was nothing left to read, if the member was away since. */
  readonly sinceMs: number;
  /** What was said while the member was away, and has not been shown by `/missed`. */
  missed: { readonly after: string; readonly upTo: string } | undefined;
}

/** Whom most ignore. */
const NOBODY: ReadonlyMap<string, string> = new Map();

/** Somebody who is present, through one connection or several. */
export class Member implements Person {
  readonly listeners: Set<Listener> = new Set();
  /** Room name → seat. Only the rooms change it. */
  readonly seats: Map<string, Seat> = new Map();
  /** Folded name → name of those whom this member does not want to hear. The roster changes it. */
  ignored: ReadonlyMap<string, string>;
  readonly address: string;
  role: Role;
  /** Why this member is away ("" without a reason); undefined when here. */
  away: string | undefined;
  /** Has written or got a private message. */
  corresponds = false;
  /** Who wrote privately last, for `/r`. */
  lastCorrespondent: string | undefined;
  #sinceMs: number;
  #key: string;
  #guestKey: string | undefined;
  #account: string | undefined;
  #name: string;
  #fold: string;
  #folds: readonly string[];

  constructor(identity: Identity, now: Date) {
    this.#account = identity.account;
    this.#key = identity.account ?? `${GUEST}${crypto.randomUUID()}`;
    this.role = identity.role;
    this.address = identity.address;
    this.ignored = identity.ignored.length === 0
      ? NOBODY
      : new Map(identity.ignored.map((name) => [canonicalFold(name), name]));
    this.#sinceMs = now.getTime();
    this.#name = identity.name;
    this.#fold = canonicalFold(identity.name);
    this.#folds = nameFolds(identity.name);
  }

  get since(): Date {
    return new Date(this.#sinceMs);
  }

  get key(): string {
    return this.#key;
  }

  /** The key before the guest became a member: what was on its way then still has it. */
  get guestKey(): string | undefined {
    return this.#guestKey;
  }

  get account(): string | undefined {
    return this.#account;
  }

  get name(): string {
    return this.#name;
  }

  /** The name as it is looked up. */
  get fold(): string {
    return this.#fold;
  }

  /** The keys under which nobody else may be named (accounts/names.ts). */
  get folds(): readonly string[] {
    return this.#folds;
  }

  get guest(): boolean {
    return this.#account === undefined;
  }

  isIn(room: string): boolean {
    return this.seats.has(room);
  }

  /** Whether any connection still takes what is told. */
  get hears(): boolean {
    for (const listener of this.listeners) if (listener.hears) return true;
    return false;
  }

  /** Whether this member does not want to hear whoever has this name. */
  ignores(name: string): boolean {
    return this.ignored.size > 0 && this.ignored.has(canonicalFold(name));
  }

  /** Only the roster calls this: it keeps members by their names. */
  rename(name: string): void {
    this.#name = name;
    this.#fold = canonicalFold(name);
    this.#folds = nameFolds(name);
  }

  /** Only the roster calls this: it keeps members by their keys. */
  becomeAccount(account: string): void {
    this.#guestKey = this.#key;
    this.#account = account;
    this.#key = account;
  }
}
