import { canonicalFold } from "../accounts/names.ts";
import { nameTaken, userNotFound } from "../refusals.ts";
import type { Bus } from "./bus.ts";
import type { ChatEvent, Direct, LeaveReason, Message } from "./event.ts";
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

/** The chat as a whole: who is present, and who is told of what. */
export class Hub {
  readonly roster: Roster = new Roster();
  readonly lobby: Room;
  /** Listener id → listener. */
  #listeners = new Map<string, Listener>();
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
    this.#bus.subscribe((event, origin) => this.#deliver(event, origin));
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

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  /**
   * Lets somebody in. Nothing is awaited between the look at what was said and the first event delivered, so that
   * nothing is missed or told twice. Guests who look like an account that comes in have to go.
   */
  enter(identity: Identity, listener: Listener): Arrival {
    const present = identity.account === undefined ? undefined : this.roster.findByAccount(identity.account);
    const member = present ?? this.#arrive(identity, listener);
    member.listeners.add(listener);
    this.#listeners.set(listener.id, listener);
    return { member, names: this.roster.names, recent: this.lobby.recent };
  }

  /** Takes a connection out; with its last one, the member leaves. */
  leave(member: Member, listener: Listener, reason: LeaveReason): void {
    if (!this.#listeners.delete(listener.id)) return;
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
    const returned = away !== undefined && this.roster.findByAccount(away.id) !== undefined;
    if (returned) await this.#log.shown(away.id, [direct]);
    this.#bus.publish(direct, "");
    return { direct, kept: away !== undefined && !returned, away: present?.away };
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

  /** Ends the connections that `which` picks. */
  disconnect(which: (listener: Listener) => boolean, sentence: string, reason: LeaveReason): void {
    for (const listener of [...this.#listeners.values()]) {
      if (which(listener)) listener.end(sentence, reason);
    }
  }

  #arrive(identity: Identity, listener: Listener): Member {
    const member = new Member(identity, new Date());
    for (const other of this.roster.presentUnder(member.name)) this.#evict(other);
    this.roster.add(member);
    this.#bus.publish({ type: "joined", room: LOBBY, name: member.name, at: member.since }, listener.id);
    return member;
  }

  #evict(guest: Member): void {
    for (const listener of [...guest.listeners]) {
      listener.end("Your name now belongs to an account. Come in again under another.", "kicked");
      this.leave(guest, listener, "kicked");
    }
  }

  #deliver(event: ChatEvent, origin: string): void {
    switch (event.type) {
      case "message":
        this.lobby.told(event);
        return this.#tellAll(event, { origin, speaker: event.from });
      case "direct":
        return this.#tellBoth(event);
      case "joined":
      case "left":
        return this.#tellAll(event, { origin, speaker: event.name });
      case "renamed":
      case "announced":
        return this.#tellAll(event, { origin });
    }
  }

  /** Tells everyone but the listener that it came from and those who ignore the speaker. */
  #tellAll(event: ChatEvent, { origin, speaker }: { origin: string; speaker?: string }): void {
    const own = this.#listeners.get(origin);
    const fold = speaker === undefined ? "" : canonicalFold(speaker);
    for (const member of this.roster.members) {
      if (member.ignored.size > 0 && member.ignored.has(fold)) continue;
      for (const listener of member.listeners) {
        if (listener !== own) listener.deliver(event);
      }
    }
  }

  #tellBoth(direct: Direct): void {
    const from = this.roster.find(direct.from);
    const to = this.roster.find(direct.to);
    if (to !== undefined && !to.ignored.has(canonicalFold(direct.from))) {
      to.lastCorrespondent = direct.from;
      for (const listener of to.listeners) listener.deliver(direct);
    }
    if (from === undefined || from === to) return;
    for (const listener of from.listeners) listener.deliver(direct);
  }
}
