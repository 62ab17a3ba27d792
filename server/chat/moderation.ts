import { addressKey, readNetwork } from "../accounts/address.ts";
import type { Actor, AuditEntry, AuditTrail } from "../accounts/audit_trail.ts";
import { canonicalFold } from "../accounts/names.ts";
import {
  badLockdownMinutes,
  badReason,
  banned,
  banNotFound,
  muted,
  noLockdown,
  notBanned,
  notMuted,
  tooManyBans,
} from "../refusals.ts";
import { LockdownInForce } from "./_lockdown_in_force.ts";
import type { Ban, BanStore, BanTarget } from "./ban_list.ts";
import { BansInForce, holdsAt, type ListedBan, type Visitor } from "./bans_in_force.ts";
import { Ids } from "./ids.ts";
import type { Lockdown, LockdownMode, LockdownStore } from "./lockdown.ts";

/** How many bans and mutes are in force at most, in the whole server and in each room. */
const MOST = 10_000;
const MOST_IN_ROOM = 1_000;

const MOST_REASON_CHARACTERS = 200;

/** A week. */
const MOST_LOCKDOWN_MINUTES = 10_080;

/** What is decided about somebody. */
export interface Measure {
  readonly target: BanTarget;
  /** The one room that it holds in; left out for the whole server. */
  readonly room?: string;
  /** Left out for good. */
  readonly until?: Date;
  /** At most 200 characters; may be empty. */
  readonly reason: string;
}

interface ModerationParts {
  readonly bans: BanStore;
  readonly audit: AuditTrail;
  readonly lockdowns: LockdownStore;
  readonly now?: () => number;
}

/**
 * Who is kept out, who is kept silent, and what is closed for a while. Whether somebody may decide that is for the
 * caller to know, and to end connections as well.
 *
 * A deed goes into the audit trail first, then into its store, and only then holds: where either refuses nothing has
 * changed, and nothing is ever done that is not in the trail.
 */
export class Moderation implements Disposable {
  #bans: BanStore;
  #audit: AuditTrail;
  #lockdowns: LockdownStore;
  #now: () => number;
  #ids: Ids;
  #everywhere = new BansInForce();
  /** Room → what holds in it alone. */
  #inRooms = new Map<string, BansInForce>();
  #lastNumber = 0;
  #lockdown: LockdownInForce;
  /** The deed that is being done, or was last. */
  #doing: Promise<unknown> = Promise.resolve();

  private constructor({ bans, audit, lockdowns, now = Date.now }: ModerationParts) {
    this.#bans = bans;
    this.#audit = audit;
    this.#lockdowns = lockdowns;
    this.#now = now;
    this.#ids = new Ids(now);
    this.#lockdown = new LockdownInForce(now);
  }

  /** Opens it with what the stores hold; what is over is not taken up. */
  static async open(parts: ModerationParts): Promise<Moderation> {
    const moderation = new Moderation(parts);
    const kept = await Array.fromAsync(parts.bans.list());
    for (const ban of kept.toSorted((one, other) => one.at.getTime() - other.at.getTime())) {
      if (holdsAt(ban, moderation.#now())) moderation.#put(ban);
    }
    const lockdown = await parts.lockdowns.find();
    if (lockdown !== undefined) moderation.#lockdown.begin(lockdown);
    return moderation;
  }

  /**
   * Guests are hit by bans on guests of their name or from their network, accounts by those on the account, and
   * everybody but admins by those on networks.
   *
   * @throws {Refusal} `banned`, `no_guests`
   */
  checkMayEnter(visitor: Visitor): void {
    this.#checkNotBanned(visitor, this.#everywhere);
    this.#lockdown.checkMayEnter(visitor.role);
  }

  /** Whether a ban keeps this visitor out. */
  isBanned(visitor: Visitor): boolean {
    return this.#everywhere.find("ban", visitor, this.#now()) !== undefined;
  }

  /**
   * For doors that know nothing but the address, where an admin would be refused as well.
   *
   * @throws {Refusal} `banned`
   */
  checkAddress(address: string): void {
    const nowMs = this.#now();
    const ban = this.#everywhere.findByAddress(address, nowMs);
    if (ban !== undefined) throw banned(ban, nowMs);
  }

  /** @throws {Refusal} `banned`, where it is from this room alone */
  checkMayJoin(visitor: Visitor, room: string): void {
    const here = this.#inRooms.get(room);
    if (here !== undefined) this.#checkNotBanned(visitor, here);
  }

  /**
   * On the way of every line.
   *
   * @param room Undefined for a private message.
   * @throws {Refusal} `muted`, `read_only`
   */
  checkMaySpeak(speaker: Visitor, room?: string): void {
    if (this.#everywhere.hasMutes) this.#checkNotMuted(speaker, this.#everywhere);
    const here = room === undefined ? undefined : this.#inRooms.get(room);
    if (here?.hasMutes) this.#checkNotMuted(speaker, here);
    this.#lockdown.checkMaySpeak(speaker.role);
  }

  /**
   * Whoever is kept out as a guest may not come back as an account.
   *
   * @throws {Refusal} `banned`, `signup_closed`
   */
  checkMaySignUp({ name, address }: Pick<Visitor, "name" | "address">): void {
    this.#checkNotBanned({ name, role: "guest", address }, this.#everywhere);
    this.#lockdown.checkSignup();
  }

  /**
   * Keeps somebody out; replaces an earlier ban on the same target.
   *
   * @throws {Refusal} `bad_reason`, `too_many_bans`, `not_stored`
   */
  ban(by: Actor, measure: Measure): Promise<ListedBan> {
    return this.#inTurn(() => this.#impose(by, "ban", measure));
  }

  /**
   * Keeps somebody silent; replaces an earlier mute of the same target.
   *
   * @throws {Refusal} `bad_reason`, `too_many_bans`, `not_stored`
   */
  mute(by: Actor, measure: Measure): Promise<ListedBan> {
    return this.#inTurn(() => this.#impose(by, "mute", measure));
  }

  /**
   * Ends a ban or mute of the whole server or, with `room`, of that room.
   *
   * @param which.text A name in any case, an address, a network, or the number in the list.
   * @throws {Refusal} `not_banned`, `not_muted`, `not_stored`
   */
  lift(by: Actor, kind: Ban["kind"], which: { text: string; room?: string }): Promise<ListedBan> {
    return this.#inTurn(async () => {
      const ban = this.find(kind, which);
      if (ban === undefined) throw kind === "ban" ? notBanned(which.room) : notMuted(which.room);
      await this.#lift(by, ban);
      return ban;
    });
  }

  /**
   * Ends the ban or mute of this id, wherever it holds.
   *
   * @throws {Refusal} `ban_not_found`, `not_stored`
   */
  liftById(by: Actor, id: string): Promise<void> {
    return this.#inTurn(async () => {
      const ban = this.findById(id);
      if (ban === undefined) throw banNotFound();
      await this.#lift(by, ban);
    });
  }

  /** What {@link lift} would end. */
  find(kind: Ban["kind"], { text, room }: { text: string; room?: string }): ListedBan | undefined {
    return named(text, this.list(kind, room));
  }

  /** What is in force under this id, wherever it holds. */
  findById(id: string): ListedBan | undefined {
    return this.listAll().find((ban) => ban.id === id);
  }

  /** What is in force in the whole server and in single rooms, in the order of the ids. */
  listAll(): ListedBan[] {
    const inRooms = Array.from(this.#inRooms.keys(), (room) => this.list(undefined, room));
    return [...this.list(), ...inRooms.flat()].sort((one, other) => one.id < other.id ? -1 : 1);
  }

  /** What is in force in the whole server or, with `room`, in that room alone; oldest first. */
  list(kind?: Ban["kind"], room?: string): ListedBan[] {
    const place = this.#placeOf(room);
    place?.dropOver(this.#now());
    return place?.list().filter((ban) => kind === undefined || ban.kind === kind) ?? [];
  }

  /**
   * Forgets what holds in a room that is no more, so that it hits nobody in the next room of that name.
   *
   * @throws {Refusal} `not_stored`
   */
  forgetRoom(room: string): Promise<void> {
    return this.#inTurn(async () => {
      for (const { id } of this.#inRooms.get(room)?.list() ?? []) await this.#bans.remove(id);
      this.#inRooms.delete(room);
    });
  }

  /** The one in force. */
  get lockdown(): Lockdown | undefined {
    return this.#lockdown.current;
  }

  /**
   * Closes something to all for so many minutes, from 1 to 10,080; replaces the lockdown before.
   *
   * @throws {Refusal} `bad_minutes`, `not_stored`
   */
  lockDown(by: Actor, { mode, minutes }: { mode: LockdownMode; minutes: number }): Promise<Lockdown> {
    return this.#inTurn(async () => {
      if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_LOCKDOWN_MINUTES) {
        throw badLockdownMinutes(MOST_LOCKDOWN_MINUTES);
      }
      const lockdown: Lockdown = { mode, until: new Date(this.#now() + minutes * 60_000), by: by.name };
      await this.record(by, { what: "lockdown", whom: "", why: withEnd(mode, lockdown.until) });
      await this.#lockdowns.put(lockdown);
      this.#lockdown.begin(lockdown);
      return lockdown;
    });
  }

  /** @throws {Refusal} `no_lockdown`, `not_stored` */
  endLockdown(by: Actor): Promise<void> {
    return this.#inTurn(async () => {
      if (this.lockdown === undefined) throw noLockdown();
      await this.record(by, { what: "reopen", whom: "", why: "" });
      await this.#lockdowns.remove();
      this.#lockdown.end();
    });
  }

  /** Whom to tell, instead of the one before, when a lockdown ends by itself while the server runs. Must not throw. */
  onLockdownEnd(receive: (ended: Lockdown) => void): void {
    this.#lockdown.onEnd(receive);
  }

  /**
   * Puts into the audit trail what was decided elsewhere.
   *
   * @throws {Refusal} `not_stored`
   */
  record(by: Actor, { what, whom, why }: Pick<AuditEntry, "what" | "whom" | "why">): Promise<void> {
    return this.#audit.add({ who: by.name, what, whom, why, from: by.address });
  }

  [Symbol.dispose](): void {
    this.#lockdown[Symbol.dispose]();
  }

  #checkNotBanned(visitor: Visitor, place: BansInForce): void {
    const nowMs = this.#now();
    const ban = place.find("ban", visitor, nowMs);
    if (ban !== undefined) throw banned(ban, nowMs);
  }

  #checkNotMuted(speaker: Visitor, place: BansInForce): void {
    const nowMs = this.#now();
    const mute = place.find("mute", speaker, nowMs);
    if (mute !== undefined) throw muted(mute, nowMs);
  }

  async #impose(by: Actor, kind: Ban["kind"], measure: Measure): Promise<ListedBan> {
    const { target, room, until } = measure;
    const reason = readReason(measure.reason);
    const inForce = this.list(undefined, room);
    const earlier = this.#placeOf(room)?.like({ kind, target });
    const most = room === undefined ? MOST : MOST_IN_ROOM;
    if (earlier === undefined && inForce.length >= most) throw tooManyBans(most, room);
    const id = earlier?.id ?? this.#ids.next(); // so that one takes the other's place in the store, too
    const ban: Ban = { id, kind, target, room, until, reason, by: by.name, at: new Date(this.#now()) };
    await this.record(by, { what: kind, whom: inWords(ban), why: withEnd(reason, until) });
    await this.#bans.add(ban);
    return this.#put(ban);
  }

  async #lift(by: Actor, ban: Ban): Promise<void> {
    await this.record(by, { what: `un${ban.kind}`, whom: inWords(ban), why: "" });
    await this.#bans.remove(ban.id);
    this.#placeOf(ban.room)?.remove(ban);
  }

  #put(ban: Ban): ListedBan {
    const place = this.#placeOf(ban.room) ?? new BansInForce();
    if (ban.room !== undefined) this.#inRooms.set(ban.room, place);
    const listed = { ...ban, number: place.like(ban)?.number ?? ++this.#lastNumber };
    place.put(listed);
    return listed;
  }

  #placeOf(room: string | undefined): BansInForce | undefined {
    return room === undefined ? this.#everywhere : this.#inRooms.get(room);
  }

  /** Does one deed after the other, so that none builds on what another is about to change. */
  #inTurn<Result>(deed: () => Promise<Result>): Promise<Result> {
    const done = this.#doing.then(deed);
    this.#doing = done.catch(() => {});
    return done;
  }
}

/**
 * What a ban on somebody is on. A guest's network counts, or another name would let the guest in again; it hits the other
 * guests as well who come from there later, but no accounts.
 */
export function targetOf({ account, name, address }: Visitor): BanTarget {
  if (account !== undefined) return { type: "account", account, name };
  return { type: "guest", name, network: addressKey(address) };
}

/**
 * Why something is done about somebody, as it is kept and shown.
 *
 * @throws {Refusal} `bad_reason`
 */
function readReason(text: string): string {
  const reason = text.trim();
  const tooLong = [...reason].length > MOST_REASON_CHARACTERS;
  if (tooLong || UNPRINTABLE.test(reason)) throw badReason(MOST_REASON_CHARACTERS);
  return reason;
}

/** What drives a terminal. The doors let none of it in; a reason is shown to others for years. */
const UNPRINTABLE = /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]--\t]/v;

/** The first whose target is written so or, where there is none, the one of this number. */
function named(text: string, bans: readonly ListedBan[]): ListedBan | undefined {
  const network = readNetwork(text);
  const fold = canonicalFold(text);
  const first = bans.find(({ target }) =>
    target.type === "network" ? target.network === network : canonicalFold(target.name) === fold
  );
  return first ?? bans.find(({ number }) => String(number) === text);
}

/** Whom it is about, for the audit trail. */
function inWords({ target, room }: Ban): string {
  const whom = target.type === "network" ? target.network : target.name;
  return room === undefined ? whom : `${whom} in #${room}`;
}

/** A reason together with how long it holds, for the audit trail. */
function withEnd(reason: string, until: Date | undefined): string {
  return until === undefined ? reason : `${reason} (until ${until.toISOString()})`.trimStart();
}
