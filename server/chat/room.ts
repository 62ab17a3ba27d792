import { isAtLeast } from "../accounts/roles.ts";
import { noSuchRoom, notInvited, roomIsQuiet } from "../refusals.ts";
import { Audience } from "./audience.ts";
import type { Bus } from "./bus.ts";
import type { ChatCounts } from "./counts.ts";
import type { Message } from "./event.ts";
import { type Ids, timeOf } from "./ids.ts";
import type { Member, Person } from "./member.ts";
import type { MessageLog } from "./message_log.ts";
import type { Mark } from "./place_store.ts";
import type { Invitation, RoomRecord, RoomStore } from "./room_store.ts";
import type { Roster } from "./roster.ts";

/** How many of its latest messages a room shows to those who enter. */
const RECENT = 10;

/** What rooms are made with. */
export interface RoomParts {
  readonly log: MessageLog;
  readonly bus: Bus;
  readonly ids: Ids;
  readonly store: RoomStore;
  readonly roster: Roster;
  readonly counts: ChatCounts;
}

/** What somebody says. */
export interface Said {
  readonly text: string;
  readonly action: boolean;
  /** The id of the listener that it came from; "" for none. */
  readonly origin: string;
}

/** A place where all who are there hear what is said, in one order. */
export class Room implements Disposable {
  readonly name: string;
  readonly audience: Audience;
  #parts: RoomParts;
  #record: RoomRecord;
  /** The last change of the record, which the next one waits for. */
  #changing: Promise<void> = Promise.resolve();
  /** Settles when what was said last, and so all before it, is kept or refused. */
  #keeping: Promise<void> | undefined;
  /** It is being taken away. */
  #closed = false;
  #members = new Set<Member>();
  /** Made anew after a change only, as the roster does. */
  #names: readonly string[] | undefined;
  /** The latest messages that were told, oldest first. */
  #recent: Message[] = [];
  /** Something was said before those. */
  #saidBefore = false;
  /** The last message that was told; "" for none. */
  #lastId = "";
  #lastNumber = 0;
  /** Settles when the log was looked at; undefined before anybody wanted it. */
  #opened: Promise<void> | undefined;
  #open = false;

  constructor(record: RoomRecord, parts: RoomParts) {
    this.name = record.name;
    this.audience = new Audience(this, parts.roster, parts.counts);
    this.#record = record;
    this.#parts = parts;
  }

  get record(): RoomRecord {
    return this.#record;
  }

  /** How many are here. */
  get size(): number {
    return this.#members.size;
  }

  get members(): Iterable<Member> {
    return this.#members;
  }

  /** The names of those who are here, in the order of arrival. The same array until something changes. */
  get names(): readonly string[] {
    return this.#names ??= Array.from(this.#members, (member) => member.name);
  }

  get recent(): readonly Message[] {
    return this.#recent;
  }

  /** Whether its recent messages are all that came after a message. */
  recentBeginsBefore(id: string): boolean {
    const [oldest] = this.#recent;
    return !this.#saidBefore || (oldest !== undefined && oldest.id <= id);
  }

  /** The id of the last message that was told; "" for none. */
  get lastId(): string {
    return this.#lastId;
  }

  /** Looks at what the log holds, once; before that nobody can speak or come in. */
  open(): Promise<void> {
    return this.#opened ??= this.#readLog().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
  }

  /**
   * Says something to everyone in the room; answers when it is kept and told.
   *
   * @throws {Refusal} `room_is_quiet`, `not_stored`; `no_such_room` when it is closed
   */
  async say(
    speaker: Pick<Person, "key" | "name" | "role" | "account" | "isIn">,
    said: Said,
  ): Promise<Message> {
    if (!this.#open) await this.open();
    if (this.#closed) throw noSuchRoom(this.name);
    if (this.#record.quiet && !this.isStaff(speaker)) throw roomIsQuiet(this.name);
    const message = this.#compose(speaker, said); // takes the next id: the order is settled here
    await (this.#keeping = this.#parts.log.append(message)); // commits in groups, answers in the order of the ids
    this.#parts.bus.publish(message, said.origin); // kept first: what was told must not be lost
    return message;
  }

  /** Remembers a message that is being told, for those who enter after it. */
  told(message: Message): void {
    this.#lastId = message.id;
    this.#recent.push(message);
    if (this.#recent.length <= RECENT) return;
    this.#recent.shift();
    this.#saidBefore = true;
  }

  /** Forgets a message that was deleted. */
  forget(id: string): void {
    this.#recent = this.#recent.filter((message) => message.id !== id);
  }

  /** Reads the latest messages anew, because many have changed. */
  async refresh(): Promise<void> {
    const upTo = this.#lastId; // what is told from here on comes by itself, and may be in the log before
    const { messages, more } = await this.#parts.log.page(this.name, { limit: RECENT });
    const recent = [
      ...messages.filter(({ id }) => id <= upTo),
      ...this.#recent.filter(({ id }) => id > upTo),
    ];
    this.#recent = recent.slice(-RECENT);
    this.#saidBefore = more || recent.length > RECENT;
  }

  /**
   * Gives a member a place here; what is told from now on reaches all of the member's connections.
   *
   * @param mark How far the member has read; without it, everything is read.
   */
  seat(member: Member, mark?: Mark): void {
    const { readUpTo, at } = mark ?? { readUpTo: this.#lastId, at: new Date() };
    const upTo = this.#lastId;
    const missed = readUpTo < upTo ? { after: readUpTo, upTo } : undefined;
    member.seats.set(this.name, { room: this, readUpTo, sinceMs: at.getTime(), enteredAfter: upTo, missed });
    this.#members.add(member);
    this.#names = undefined;
    for (const listener of member.listeners) this.audience.add(listener);
  }

  /** Takes a member's place away. */
  unseat(member: Member): void {
    member.seats.delete(this.name);
    this.#members.delete(member);
    this.#names = undefined;
    for (const listener of member.listeners) this.audience.remove(listener);
  }

  /** Somebody here has another name. */
  renamed(): void {
    this.#names = undefined;
  }

  isOwner(person: Pick<Person, "key">): boolean {
    return this.#record.owner === person.key;
  }

  /** Its owner, those whom the owner has named, and the server's moderators, in private rooms only where they belong. */
  isStaff(person: Pick<Person, "key" | "role" | "isIn">): boolean {
    if (this.isOwner(person) || this.#record.moderators.includes(person.key)) return true;
    return isAtLeast(person.role, "moderator") && (!this.#record.private || person.isIn(this.name));
  }

  /** Whether somebody may see that the room is there, and read it. */
  mayRead(person: Pick<Person, "key" | "isIn">, now = new Date()): boolean {
    if (!this.#record.private || person.isIn(this.name) || this.isOwner(person)) return true;
    return this.#record.moderators.includes(person.key) || this.invitationOf(person, now) !== undefined;
  }

  /** The invitation that somebody may still use. */
  invitationOf({ key }: Pick<Person, "key">, now = new Date()): Invitation | undefined {
    return this.#record.invitations.find((invitation) => invitation.key === key && invitation.until > now);
  }

  /** @throws {Refusal} `not_invited` */
  checkMayEnter(person: Pick<Person, "key" | "isIn">): void {
    if (!this.mayRead(person)) throw notInvited(this.name);
  }

  /** When something was said last, as far as that is kept. */
  async lastSaidAt(): Promise<Date | undefined> {
    if (this.#open) return this.#lastId === "" ? undefined : timeOf(this.#lastId);
    return (await this.#parts.log.page(this.name, { limit: 1 })).messages[0]?.at;
  }

  /**
   * Replaces the record by what `update` makes of it, one change after the other. Of a room that is closed nothing is
   * kept any more.
   *
   * @throws {Refusal} `not_stored`, and what `update` refuses
   */
  change(update: (record: RoomRecord) => RoomRecord): Promise<void> {
    const changed = this.#changing.then(async () => {
      const record = update(this.#record);
      if (record === this.#record || this.#closed) return;
      await this.#parts.store.put(record);
      this.#record = record;
    });
    this.#changing = changed.catch(() => {});
    return changed;
  }

  /** Takes neither words nor changes any more; answers when those are done that came before. */
  async close(): Promise<void> {
    this.#closed = true;
    this[Symbol.dispose]();
    await Promise.allSettled([this.#changing, this.#keeping]);
  }

  [Symbol.dispose](): void {
    this.audience[Symbol.dispose]();
  }

  async #readLog(): Promise<void> {
    const { messages, more } = await this.#parts.log.page(this.name, { limit: RECENT });
    const last = messages.at(-1);
    this.#recent = messages;
    this.#saidBefore = more;
    this.#lastId = last?.id ?? "";
    this.#lastNumber = last?.number ?? 0;
    this.#open = true;
  }

  #compose(
    speaker: Pick<Person, "name" | "account">,
    { text, action }: Said,
  ): Message {
    const id = this.#parts.ids.next();
    return {
      type: "message",
      id,
      number: ++this.#lastNumber,
      room: this.name,
      from: speaker.name,
      author: speaker.account,
      text,
      action,
      at: timeOf(id),
    };
  }
}

/** What a room is when it is made. */
export function newRoom(name: string, owner: string | undefined, now: Date): RoomRecord {
  return {
    name,
    topic: "",
    owner,
    moderators: [],
    private: false,
    quiet: false,
    keepDays: undefined,
    invitations: [],
    createdAt: now,
    emptySince: undefined,
  };
}
