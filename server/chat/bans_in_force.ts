import { addressKey, networksAround } from "../accounts/address.ts";
import { canonicalFold, nameFolds } from "../accounts/names.ts";
import type { Role } from "../accounts/roles.ts";
import type { Ban, BanTarget } from "./ban_list.ts";

/** Somebody whom a ban may hit. */
export interface Visitor {
  /** The account's id; guests have none. */
  readonly account?: string;
  readonly name: string;
  readonly role: Role;
  /** The peer's IP address. */
  readonly address: string;
  /** When somebody came in who is here. */
  readonly since?: Date;
}

/** A ban as it stands in the list. */
export interface ListedBan extends Ban {
  /** What it can be lifted by. It stays the same, and is no other's, for as long as the server runs. */
  readonly number: number;
}

/** The bans and mutes that hold in one place. Those that are over stay until {@link dropOver}. */
export class BansInForce {
  /** Kind and target → ban, oldest first. */
  #all = new Map<string, ListedBan>();
  #indexes = { ban: new BanIndex(), mute: new BanIndex() };

  get size(): number {
    return this.#all.size;
  }

  get hasMutes(): boolean {
    return !this.#indexes.mute.empty;
  }

  /** Oldest first. */
  list(): ListedBan[] {
    return [...this.#all.values()];
  }

  /** The one of the same kind on the same target. */
  like(ban: Pick<Ban, "kind" | "target">): ListedBan | undefined {
    return this.#all.get(identity(ban));
  }

  /** Takes the place of the one that is like it. */
  put(ban: ListedBan): void {
    this.remove(ban);
    this.#all.set(identity(ban), ban);
    this.#indexes[ban.kind].add(ban);
  }

  remove(ban: Pick<Ban, "kind" | "target">): void {
    const listed = this.like(ban);
    if (listed === undefined) return;
    this.#all.delete(identity(listed));
    this.#indexes[listed.kind].remove(listed);
  }

  dropOver(nowMs: number): void {
    for (const ban of this.#all.values()) {
      if (!holdsAt(ban, nowMs)) this.remove(ban);
    }
  }

  /** Of those that hit a visitor the one that lasts longest. */
  find(kind: Ban["kind"], visitor: Visitor, nowMs: number): Ban | undefined {
    return longest(
      this.#indexes[kind].of(visitor).filter((ban) => holdsAt(ban, nowMs) && !spares(ban, visitor)),
    );
  }

  /** The ban that keeps everybody out who comes from an address. */
  findByAddress(address: string, nowMs: number): Ban | undefined {
    return longest(this.#indexes.ban.ofNetwork(address).filter((ban) => holdsAt(ban, nowMs)));
  }
}

/** Whether a ban is not over yet. */
export function holdsAt({ until }: Ban, nowMs: number): boolean {
  return until === undefined || until.getTime() > nowMs;
}

/** A ban on a guest hits those who come from there later, under whatever name; who was here before is somebody else. */
function spares({ target, at }: Ban, { account, name, since }: Visitor): boolean {
  if (target.type !== "guest" || account !== undefined || since === undefined) return false;
  return since <= at && canonicalFold(name) !== canonicalFold(target.name);
}

function longest(bans: readonly Ban[]): Ban | undefined {
  const end = ({ until }: Ban) => until?.getTime() ?? Infinity;
  return bans.toSorted((one, other) => end(other) - end(one))[0];
}

function identity({ kind, target }: Pick<Ban, "kind" | "target">): string {
  switch (target.type) {
    case "account":
      return `${kind} account ${target.account}`;
    case "guest":
      return `${kind} guest ${canonicalFold(target.name)}`;
    case "network":
      return `${kind} network ${target.network}`;
  }
}

/** Finds bans by whom they hit; however many there are, it takes no longer. */
class BanIndex {
  /** {@link traits} of a target → the bans on it. */
  #bans = new Map<string, Set<Ban>>();
  /** Prefix length → how many bans are on networks of it. */
  #lengths = new Map<number, number>();

  get empty(): boolean {
    return this.#bans.size === 0;
  }

  add(ban: Ban): void {
    for (const trait of traits(ban.target)) {
      const bans = this.#bans.get(trait) ?? new Set();
      this.#bans.set(trait, bans.add(ban));
    }
    this.#countLength(ban.target, 1);
  }

  remove(ban: Ban): void {
    for (const trait of traits(ban.target)) {
      const bans = this.#bans.get(trait);
      bans?.delete(ban);
      if (bans?.size === 0) this.#bans.delete(trait);
    }
    this.#countLength(ban.target, -1);
  }

  /** The bans that hit a visitor; one may be among them twice. */
  of({ account, name, role, address }: Visitor): Ban[] {
    if (this.empty) return [];
    const person: BanTarget = account === undefined
      ? { type: "guest", name, network: addressKey(address) }
      : { type: "account", account, name };
    const bans = traits(person).flatMap((trait) => this.#with(trait));
    return role === "admin" ? bans : [...bans, ...this.ofNetwork(address)];
  }

  /** The bans on networks that an address is in. */
  ofNetwork(address: string): Ban[] {
    if (this.#lengths.size === 0) return [];
    const networks = networksAround(address, this.#lengths.keys());
    return networks.flatMap((network) => traits({ type: "network", network })).flatMap((trait) =>
      this.#with(trait)
    );
  }

  #with(trait: string): Ban[] {
    return [...this.#bans.get(trait) ?? []];
  }

  #countLength(target: BanTarget, change: 1 | -1): void {
    if (target.type !== "network") return;
    const length = Number(target.network.split("/")[1]);
    const count = (this.#lengths.get(length) ?? 0) + change;
    if (count > 0) this.#lengths.set(length, count);
    else this.#lengths.delete(length);
  }
}

/** What a target is recognised by: a ban hits whoever has one of its traits. */
function traits(target: BanTarget): string[] {
  switch (target.type) {
    case "account":
      return [`account ${target.account}`];
    case "guest": {
      const names = nameFolds(target.name).map((fold) => `guest ${fold}`);
      return target.network === undefined ? names : [...names, `from ${target.network}`];
    }
    case "network":
      return [`network ${target.network}`];
  }
}
