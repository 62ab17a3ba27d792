import { canonicalFold, nameFolds } from "../accounts/names.ts";
import type { Role } from "../accounts/roles.ts";
import type { ChatEvent, LeaveReason } from "./event.ts";

/** Who somebody is, once a door has let them in. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  /** The account's id; guests have none. */
  readonly account: string | undefined;
  /** The names of those whom the account does not want to hear. */
  readonly ignored: readonly string[];
}

/** One connection of a member, as the chat sees it. */
export interface Listener {
  /** Unique among all connections of all nodes. */
  readonly id: string;
  /** In words for `/whois`: how this connection came in. */
  readonly how: string;
  /** The `jti` of the token that it logged in with. */
  readonly token: string | undefined;
  /** Tells what has happened. Must neither wait nor throw: others are next. */
  deliver(event: ChatEvent): void;
  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** Somebody who is present, through one connection or several. */
export class Member {
  /** The account's id; guests have none. Only the roster sets it: it keeps members by their accounts. */
  account: string | undefined;
  readonly since: Date;
  readonly listeners: Set<Listener> = new Set();
  /** Folded name → name of those whom this member does not want to hear. The roster changes it. */
  readonly ignored: Map<string, string>;
  role: Role;
  /** Why this member is away ("" without a reason); undefined when here. */
  away: string | undefined;
  /** Who wrote privately last, for `/r`. */
  lastCorrespondent: string | undefined;
  #name: string;
  #fold: string;
  #folds: readonly string[];

  constructor(identity: Identity, now: Date) {
    this.account = identity.account;
    this.role = identity.role;
    this.ignored = new Map(identity.ignored.map((name) => [canonicalFold(name), name]));
    this.since = now;
    this.#name = identity.name;
    this.#fold = canonicalFold(identity.name);
    this.#folds = nameFolds(identity.name);
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
    return this.account === undefined;
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
}
