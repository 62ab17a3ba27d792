import { nameFolds } from "../accounts/names.ts";
import { cannotLeaveLobby, nameTaken, noSuchMessage, notInRoom, tooManyJoined } from "../refusals.ts";
import type { Bus } from "./bus.ts";
import { Correspondence, type Delivery, type Directory } from "./correspondence.ts";
import type { ChatCounts } from "./counts.ts";
import { Distribution } from "./distribution.ts";
import type { LeaveReason, Message } from "./event.ts";
import { Ids } from "./ids.ts";
import { type Identity, type Listener, Member, type Person } from "./member.ts";
import type { MessageLog } from "./message_log.ts";
import type { Moderation } from "./moderation.ts";
import type { Place, PlaceStore } from "./place_store.ts";
import { Places } from "./places.ts";
import type { Room, Said } from "./room.ts";
import type { RoomRecord, RoomStore } from "./room_store.ts";
import { LOBBY, roomName } from "./room_name.ts";
import { Rooms } from "./rooms.ts";
import { Roster } from "./roster.ts";
import type { SearchIndex } from "./search_index.ts";

/** How many rooms one may be in. */
const MOST_JOINED = 100;

/** How long somebody who is here and was admitted to a room may take to come into it. */
const ADMITTED_MS = 60_000;

/** What the chat needs. */
export interface HubParts {
  readonly bus: Bus;
  readonly log: MessageLog;
  readonly rooms: RoomStore;
  readonly places: PlaceStore;
  readonly search: SearchIndex;
  readonly moderation: Moderation;
  readonly directory: Directory;
  readonly counts: ChatCounts;
  /** Told of what goes wrong where nobody waits for it. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => number;
}

/** What somebody who has just come in is shown. */
export interface Arrival {
  readonly member: Member;
  /** All who are present, the newcomer included. */
  readonly roster: Pick<Roster, "size" | "firstNames">;
  /** What was said last in the lobby, oldest first. */
  readonly recent: readonly Message[];
}

/** What somebody who has just come into a room is shown. */
export interface Entered {
  readonly room: Room;
  /** What was said last there, oldest first, up to the moment from which on the member is told what happens there. */
  readonly recent: readonly Message[];
}

/** The chat as a whole: who is present, and what they do. */
export class Hub implements Disposable {
  readonly roster: Roster;
  readonly rooms: Rooms;
  readonly places: Places;
  readonly correspondence: Correspondence;
  readonly moderation: Moderation;
  readonly distribution: Distribution;
  /** Names that are about to become accounts' own. */
  #claimed = new Set<{ readonly folds: readonly string[] }>();
  #bus: Bus;
  #log: MessageLog;
  #search: SearchIndex;
  #failed: (error: unknown) => void;

  private constructor(rooms: Rooms, parts: HubParts & { roster: Roster; ids: Ids }) {
    this.roster = parts.roster;
    this.rooms = rooms;
    this.places = new Places(parts.places, rooms, parts.failed);
    this.correspondence = new Correspondence(parts);
    this.moderation = parts.moderation;
    this.#bus = parts.bus;
    this.#log = parts.log;
    this.#search = parts.search;
    this.#failed = parts.failed;
    this.distribution = new Distribution({ ...parts, rooms, lastId: parts.ids.next() });
    this.#bus.subscribe((event, origin) => this.distribution.tell(event, origin));
  }

  /** Opens the chat with what its log holds. */
  static async open(parts: HubParts): Promise<Hub> {
    const roster = new Roster();
    const ids = new Ids(parts.now);
    ids.passBy(await parts.log.newestId());
    const rooms = await Rooms.open({ ...parts, store: parts.rooms, roster, ids });
    return new Hub(rooms, { ...parts, roster, ids });
  }

  get lobby(): Room {
    return this.rooms.lobby;
  }

  /**
   * Lets somebody in. Nothing is awaited between the look at what was said and the first event delivered, so that
   * nothing is missed or told twice. Guests who look like an account that comes in have to go.
   *
   * @param place Of an account: what {@link Places.find} has found.
   * @throws {Refusal} `banned`, `no_guests`
   */
  enter(identity: Identity, listener: Listener, place?: Place): Arrival {
    const present = identity.account === undefined ? undefined : this.roster.findByKey(identity.account);
    this.moderation.checkMayEnter(identity);
    const member = present ?? this.#arrive(identity, { listener, place });
    member.listeners.add(listener);
    this.distribution.add(listener);
    for (const { room } of member.seats.values()) room.audience.add(listener);
    return this.welcome(member);
  }

  /** What somebody is shown who is here now. */
  welcome(member: Member): Arrival {
    const recent = this.lobby.recent.filter(({ from }) => !member.ignores(from));
    return { member, roster: this.roster, recent };
  }

  /** Takes a connection out; with its last one, the member leaves. */
  leave(member: Member, listener: Listener, reason: LeaveReason): void {
    if (!this.distribution.remove(listener)) return;
    for (const { room } of member.seats.values()) room.audience.remove(listener);
    member.listeners.delete(listener);
    if (member.listeners.size > 0) return;
    this.roster.remove(member);
    this.places.keepLast(member);
    const at = new Date();
    for (const { room } of [...member.seats.values()].reverse()) {
      room.unseat(member);
      const left = {
        type: "left",
        room: room.name,
        name: member.name,
        reason,
        passage: "presence",
        at,
      } as const;
      this.#bus.publish(left, listener.id);
    }
    if (member.guest && member.corresponds) void this.#log.forgetGuest(member.key).catch(() => {});
  }

  /**
   * Joins a room, which is made where there is none; whoever is in it stays.
   *
   * @param raw The room's name as typed.
   * @param from.origin The id of the listener that it came from.
   * @param from.seated Called in the moment from which on the member is told what happens there.
   * @throws {Refusal} `bad_room_name`, `not_invited`, `banned`, `too_many_joined`, `too_many_rooms`, `not_stored`
   */
  async join(
    member: Member,
    raw: string,
    from: { origin: string; seated?: (entered: Entered) => void },
  ): Promise<Room> {
    const name = roomName(raw);
    const { origin, seated } = from;
    const present = this.rooms.find(name);
    if (present !== undefined && member.isIn(name)) {
      seated?.(seenIn(present));
      return present;
    }
    if (member.seats.size >= MOST_JOINED) throw tooManyJoined(MOST_JOINED);
    this.moderation.checkMayJoin(member, name);
    const room = await this.rooms.findOrMake(name, member);
    room.checkMayEnter(member);
    await this.places.keep(member, { joining: room });
    await room.change((record) => entered(record, member.key));
    if (this.rooms.find(name) !== room) return await this.join(member, raw, from); // it had been empty, and was taken away
    const shown = seenIn(room);
    const comes = !member.isIn(name) && this.roster.findByKey(member.key) === member; // not joined elsewhere, nor gone
    if (comes) room.seat(member);
    seated?.(shown);
    if (comes) {
      const joined = {
        type: "joined",
        room: name,
        name: member.name,
        passage: "door",
        at: new Date(),
      } as const;
      this.#bus.publish(joined, origin);
    }
    return room;
  }

  /**
   * Gives an account that was invited a place in a room, be it here or not; the room is made where there is none.
   *
   * @param account.address The peer's IP address.
   * @throws {Refusal} `bad_room_name`, `room_closing`, `too_many_rooms`, `too_many_joined`, `banned`, `not_stored`
   */
  async admit(account: { readonly id: string; readonly address: string; readonly by: string }, raw: string) {
    const { id: key, address, by } = account;
    const room = await this.rooms.findOrMake(roomName(raw), { key, address });
    const member = this.roster.findByKey(key);
    if (member === undefined) return await this.places.give(key, room);
    const until = new Date(Date.now() + ADMITTED_MS);
    await room.change((record) => ({ ...record, invitations: [...record.invitations, { key, by, until }] }));
    await this.join(member, room.name, { origin: "" });
  }

  /** The same for whoever has come by an invitation; a room that cannot be entered just now does not keep anybody out. */
  async admitInvited(
    account: { readonly id: string; readonly address: string },
    { room, by }: { readonly room: string | undefined; readonly by: string },
  ): Promise<void> {
    if (room === undefined) return;
    await this.admit({ ...account, by }, room).catch((error) => this.#failed(error));
  }

  /**
   * Leaves a room for good.
   *
   * @param how.origin The id of the listener that it came from: the member's other connections are told.
   * @throws {Refusal} `not_in_room`, `cannot_leave_lobby`, `not_stored`
   */
  async part(member: Member, room: Room, how: { reason: LeaveReason; origin: string }): Promise<void> {
    if (room.name === LOBBY) throw cannotLeaveLobby();
    if (!member.isIn(room.name)) throw notInRoom(room.name);
    await this.places.keep(member, { leaving: room });
    if (!member.isIn(room.name)) return; // left elsewhere meanwhile
    room.unseat(member);
    this.distribution.closeToWatches(room, member);
    const { reason, origin } = how;
    const left = {
      type: "left",
      room: room.name,
      name: member.name,
      reason,
      passage: "door",
      at: new Date(),
    } as const;
    this.#bus.publish(left, origin);
    for (const listener of member.listeners) {
      if (listener.id !== origin) listener.deliver(left);
    }
  }

  /**
   * Says something in a room.
   *
   * @throws {Refusal} `muted`, `banned`, `read_only`, `room_is_quiet`, `not_stored`
   */
  say(speaker: Person, room: Room, said: Said): Promise<Message> {
    this.moderation.checkMaySpeak(speaker, room.name);
    this.moderation.checkMayJoin(speaker, room.name);
    return room.say(speaker, said);
  }

  /**
   * Says something privately, to somebody present or to an account that is away.
   *
   * @throws {Refusal} `muted`, `read_only`, `user_not_found`, `not_stored`, `mailbox_full`
   */
  direct(speaker: Person, to: string, said: { text: string; origin: string }): Promise<Delivery> {
    this.moderation.checkMaySpeak(speaker);
    return this.correspondence.send({ person: speaker, origin: said.origin }, to, said.text);
  }

  /**
   * Deletes a message: its text is gone, and all are told that it is.
   *
   * @throws {Refusal} `no_such_message`, `not_stored`
   */
  async unsay(room: Room, id: string, by: string): Promise<Message> {
    const message = await this.#log.find(room.name, id);
    if (message === undefined || !await this.#log.remove(room.name, id)) throw noSuchMessage();
    this.#search.remove(room.name, id);
    this.tellDeleted(message, by);
    return message;
  }

  /** Tells all that a message is no longer to be seen. */
  tellDeleted({ room, id, number, from }: Message, by: string): void {
    this.#bus.publish({ type: "deleted", room, id, number, from, by, at: new Date() }, "");
  }

  /** Sets a room's topic, and tells those who are there. */
  async setTopic(room: Room, topic: string, by: string): Promise<void> {
    await room.change((record) => ({ ...record, topic }));
    this.#bus.publish({ type: "topic", room: room.name, topic, by, at: new Date() }, "");
  }

  /** Tells those in a room something that only people read. */
  note(room: Room, text: string): void {
    this.#bus.publish({ type: "noted", room: room.name, text, at: new Date() }, "");
  }

  /** Tells everybody something in the server's name. */
  announce(text: string): void {
    this.#bus.publish({ type: "announced", text, at: new Date() }, "");
  }

  /** Gives somebody present a new name, and tells all. */
  rename(member: Member, name: string): void {
    const from = member.name;
    if (from === name) return;
    this.roster.rename(member, name);
    this.#tellRenamed(member, from);
  }

  /**
   * Turns a guest who has signed up into a member, in the same place, with all that was the guest's.
   *
   * @throws {Refusal} `name_taken` where the account is here already by another connection, `not_stored`
   */
  async promote(guest: Member, identity: Identity & { account: string }): Promise<void> {
    const { name: from, key: guestKey } = guest;
    if (this.roster.findByKey(identity.account) !== undefined) throw nameTaken();
    this.roster.promote(guest, identity);
    if (from !== guest.name) this.#tellRenamed(guest, from);
    await this.#takeAlong(guest, guestKey);
    await this.places.keep(guest);
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
    return !this.#isClaimed(name) && this.roster.isFree(name);
  }

  /**
   * Has guests go who look like an account: it may have been made beside the server, where nobody sees who is here. Whoever
   * has claimed the name has seen to that, and may be the guest.
   */
  makeWay(name: string): void {
    if (this.#isClaimed(name)) return;
    for (const member of this.roster.presentUnder(name)) {
      if (member.guest) this.#evict(member);
    }
  }

  [Symbol.dispose](): void {
    this.rooms[Symbol.dispose]();
  }

  #isClaimed(name: string): boolean {
    const folds = nameFolds(name);
    return [...this.#claimed].some((claim) => claim.folds.some((fold) => folds.includes(fold)));
  }

  #arrive(
    identity: Identity,
    { listener, place }: { listener: Listener; place: Place | undefined },
  ): Member {
    const member = new Member(identity, new Date());
    for (const other of this.roster.presentUnder(member.name)) this.#evict(other);
    this.roster.add(member);
    const rooms = new Map([[LOBBY, place?.rooms.get(LOBBY)], ...place?.rooms ?? []]);
    for (const [name, mark] of rooms) {
      this.rooms.find(name)?.seat(member, mark);
      const joined = {
        type: "joined",
        room: name,
        name: member.name,
        passage: "presence",
        at: member.since,
      } as const;
      this.#bus.publish(joined, listener.id);
    }
    return member;
  }

  #evict(guest: Member): void {
    for (const listener of [...guest.listeners]) {
      listener.end("Your name now belongs to an account. Come in again under another.", "kicked");
      this.leave(guest, listener, "kicked");
    }
  }

  /** What was a guest's own is the account's: rooms, here or not, and what was written privately. */
  async #takeAlong(member: Member, guestKey: string): Promise<void> {
    for (const room of this.rooms.all) {
      if (concerns(room.record, guestKey)) {
        await room.change((record) => passedOn(record, guestKey, member.key));
      }
    }
    await this.#log.passOn(guestKey, member.key);
  }

  #tellRenamed(member: Member, from: string): void {
    for (const { room } of member.seats.values()) room.renamed();
    this.#bus.publish({ type: "renamed", from, to: member.name, at: new Date() }, "");
  }
}

/** What becomes of a room when somebody comes in: an invitation is used up, and the room is not empty any more. */
function entered(record: RoomRecord, key: string): RoomRecord {
  const invited = record.invitations.some((invitation) => invitation.key === key);
  if (!invited && record.emptySince === undefined) return record;
  const invitations = record.invitations.filter((invitation) => invitation.key !== key);
  return { ...record, invitations, emptySince: undefined };
}

function seenIn(room: Room): Entered {
  return { room, recent: [...room.recent] };
}

/** Whether somebody owns a room, is of its staff or invited to it. */
function concerns({ owner, moderators, invitations }: RoomRecord, key: string): boolean {
  return owner === key || moderators.includes(key) ||
    invitations.some((invitation) => invitation.key === key);
}

/** What becomes of a room when whatever somebody was in it is passed on to another key. */
function passedOn(record: RoomRecord, from: string, to: string): RoomRecord {
  const swap = (key: string) => key === from ? to : key;
  return {
    ...record,
    owner: record.owner && swap(record.owner),
    moderators: record.moderators.map(swap),
    invitations: record.invitations.map((invitation) => ({ ...invitation, key: swap(invitation.key) })),
  };
}
