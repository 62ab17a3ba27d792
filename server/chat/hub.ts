import { nameFolds } from "../accounts/names.ts";
import { nameTaken, userNotFound } from "../refusals.ts";
import { Audience } from "./audience.ts";
import type { Bus } from "./bus.ts";
import type { Direct, LeaveReason, Message } from "./event.ts";
import { Ids, timeOf } from "./ids.ts";
import { type Identity, type Listener, Member } from "./member.ts";
import type { MessageLog } from "./message_log.ts";
import { Room } from "./room.ts";
import { Roster } from "./roster.ts";

/** The room where everyone is, which cannot be left. */
export const LOBBY = "lobby";

/** Who may be written to while away. */
export interface Directory {
  /** The account that answers to this name, written in any case. */
  findByName(name: string): Promise<{ readonly id: string; readonly name: string } | undefined>;
}

/** What somebody who has just come in is shown. */
export interface Arrival {
  readonly member: Member;
  /** All who are present, the newcomer included. */
  readonly names: readonly string[];
  /** What was said last, oldest first. */
  readonly recent: readonly Message[];
}

/** How a private message went. */
export interface Delivery {
  readonly direct: Direct;
  /** Not here: kept until the account returns. */
  readonly kept: boolean;
  /** The recipient's word on being away. */
  readonly away: string | undefined;
}

/** The chat as a whole: who is present, and what they do. */
export class Hub implements Disposable {
  readonly roster: Roster = new Roster();
  readonly lobby: Room;
  #audience = new Audience(this.roster);
  /** Names that are about to become accounts' own. */
  #claimed = new Set<{ readonly folds: readonly string[] }>();
  #bus: Bus;
  #log: MessageLog;
  #directory: Directory;
  #ids: Ids;

  private constructor(lobby: Room, parts: { bus: Bus; log: MessageLog; directory: Directory; ids: Ids }) {
    this.lobby = lobby;
    this.#bus = parts.bus;
    this.#log = parts.log;
    this.#directory = parts.directory;
    this.#ids = parts.ids;
    this.#bus.subscribe((event, origin) => {
      if (event.type === "message") this.lobby.told(event);
      this.#audience.tell(event, origin);
    });
  }

  /** Opens the chat with what its log holds. */
  static async open(
    parts: { bus: Bus; log: MessageLog; directory: Directory; now?: () => number },
  ): Promise<Hub> {
    const [last] = await parts.log.latest(LOBBY, 1);
    const ids = new Ids(last?.id, parts.now);
    const lobby = await Room.open(LOBBY, { ...parts, ids });
    return new Hub(lobby, { ...parts, ids });
  }

  /**
   * Lets somebody in. Nothing is awaited between the look at what was said and the first event delivered, so that
   * nothing is missed or told twice. Guests who look like an account that comes in have to go.
   */
  enter(identity: Identity, listener: Listener): Arrival {
    const present = identity.account === undefined ? undefined : this.roster.findByAccount(identity.account);
    const member = present ?? this.#arrive(identity, listener);
    member.listeners.add(listener);
    this.#audience.add(listener);
    const recent = this.lobby.recent.filter(({ from }) => !member.ignores(from));
    return { member, names: this.roster.names, recent };
  }

  /** Takes a connection out; with its last one, the member leaves. */
  leave(member: Member, listener: Listener, reason: LeaveReason): void {
    if (!this.#audience.remove(listener)) return;
    member.listeners.delete(listener);
    if (member.listeners.size > 0) return;
    this.roster.remove(member);
    this.#bus.publish({ type: "left", room: LOBBY, name: member.name, reason, at: new Date() }, listener.id);
  }

  /**
   * Says something privately, to somebody present or to an account that is away.
   *
   * @throws {Refusal} `user_not_found`, `not_stored`, `mailbox_full`
   */
  async direct(from: Member, toName: string, text: string): Promise<Delivery> {
    const present = this.roster.find(toName);
    const away = present === undefined ? await this.#directory.findByName(toName) : undefined;
    const recipient = present ?? away;
    if (recipient === undefined) throw userNotFound(toName);
    const id = this.#ids.next();
    const direct: Direct = { type: "direct", id, from: from.name, to: recipient.name, text, at: timeOf(id) };
    await this.#log.appendDirect(direct, away?.id);
    // nothing more is awaited where the recipient is here, or what is said next would come first
    const here = present !== undefined && this.roster.find(direct.to) === present;
    const kept = !here && await this.#waits(direct, { present, account: present?.account ?? away?.id });
    this.#bus.publish(direct, "");
    return { direct, kept, away: present?.away };
  }

  /** Gives a present account its new name, and tells all. */
  rename(member: Member, name: string): void {
    const from = member.name;
    if (from === name) return;
    this.roster.rename(member, name);
    this.#bus.publish({ type: "renamed", from, to: name, at: new Date() }, "");
  }

  /** Turns a guest who has signed up into a member, in the same place. */
  promote(guest: Member, identity: Identity & { account: string }): void {
    const from = guest.name;
    this.roster.promote(guest, identity);
    if (from !== guest.name) {
      this.#bus.publish({ type: "renamed", from, to: guest.name, at: new Date() }, "");
    }
  }

  /**
   * Whether somebody else is here under this name, or one that looks like it.
   *
   * @throws {Refusal} `name_taken`
   */
  checkNotPresent(name: string, own?: Member): void {
    if (this.roster.presentUnder(name).some((member) => member !== own)) throw nameTaken();
  }

  /**
   * Keeps a name clear of guests for as long as it takes to give it to an account: until it is disposed of.
   *
   * @throws {Refusal} `name_taken` where somebody else is here under it, or one that looks like it
   */
  claim(name: string, own?: Member): Disposable {
    this.checkNotPresent(name, own);
    const claim = { folds: nameFolds(name) };
    this.#claimed.add(claim);
    return { [Symbol.dispose]: () => void this.#claimed.delete(claim) };
  }

  /** Whether a guest may come in under this name, as far as those count who are here. */
  isFree(name: string): boolean {
    const folds = nameFolds(name);
    const claimed = [...this.#claimed].some((claim) => claim.folds.some((fold) => folds.includes(fold)));
    return !claimed && this.roster.isFree(name);
  }

  /** Ends the connections that `which` picks. */
  disconnect(which: (listener: Listener) => boolean, sentence: string, reason: LeaveReason): void {
    for (const listener of [...this.#audience.listeners]) {
      if (which(listener)) listener.end(sentence, reason);
    }
  }

  [Symbol.dispose](): void {
    this.#audience[Symbol.dispose]();
  }

  #arrive(identity: Identity, listener: Listener): Member {
    const member = new Member(identity, new Date());
    for (const other of this.roster.presentUnder(member.name)) this.#evict(other);
    this.roster.add(member);
    this.#bus.publish({ type: "joined", room: LOBBY, name: member.name, at: member.since }, listener.id);
    return member;
  }

  /**
   * Whether a private message waits for its recipient, who may have come or gone while it was being kept.
   *
   * @param recipient Who was present before, and the account; guests have none.
   * @throws {Refusal} `user_not_found`, when a guest has gone; `not_stored`, `mailbox_full`
   */
  async #waits(
    direct: Direct,
    recipient: { present: Member | undefined; account: string | undefined },
  ): Promise<boolean> {
    const { present, account } = recipient;
    const now = this.roster.find(direct.to);
    if (account === undefined && now !== present) throw userNotFound(direct.to);
    const here = now !== undefined && now.account === account;
    if (here && present === undefined) await this.#log.shown(account!, [direct]);
    if (!here && present !== undefined) await this.#log.appendDirect(direct, account);
    return !here;
  }

  #evict(guest: Member): void {
    for (const listener of [...guest.listeners]) {
      listener.end("Your name now belongs to an account. Come in again under another.", "kicked");
      this.leave(guest, listener, "kicked");
    }
  }
}
