import { userNotFound } from "../refusals.ts";
import type { Answer, Direct, Message, Missed } from "./event.ts";
import type { Hub } from "./hub.ts";
import { type Member, type Person, type Seat } from "./member.ts";
import type { Room } from "./room.ts";
import type { MessageLog, Range } from "./message_log.ts";
import type { Hit, SearchIndex } from "./search_index.ts";

/** So many missed messages are counted, and no more. */
const MOST_COUNTED = 1_000;

/** How many missed messages are shown at a time, and about how long they are together at most. */
const MISSED_PAGE = 200;
const MOST_MISSED_CHARACTERS = 65_536;

/** How many conversations are listed. */
const MOST_CONVERSATIONS = 100;

/** How far back a message is looked for by its number, and how many are looked at in one go. */
const FARTHEST_NUMBER = 10_000;
const NUMBERS_PAGE = 500;

/** A part of what was said in a room, and of what two people have written to each other. */
type RoomHistory = Extract<Answer, { type: "history"; room: string }>;
type Conversation = Extract<Answer, { type: "history"; with: string }>;

/** What was said, for those who may read it. Reading moves their marks. */
export class Archive {
  #hub: Hub;
  #log: MessageLog;
  #index: SearchIndex;

  constructor(parts: { hub: Hub; log: MessageLog; search: SearchIndex }) {
    this.#hub = parts.hub;
    this.#log = parts.log;
    this.#index = parts.search;
  }

  /**
   * A part of what was said in a room and was told: what is kept and still to be told comes to those who listen.
   *
   * @param raw The room as typed.
   * @param options.marks Whether the person has read it by that; a program that reads for somebody has not.
   * @throws {Refusal} `bad_room_name`, `no_such_room`
   */
  async ofRoom(person: Person, raw: string, range: Range, { marks = true } = {}): Promise<RoomHistory> {
    const room = this.#hub.rooms.seenBy(person, raw);
    await room.open();
    const { messages, more } = await this.#log.page(room.name, toldBy(room.lastId, range));
    const newest = messages.at(-1);
    if (newest !== undefined && marks) {
      const after = range.after ?? (more ? messages[0]!.id : "");
      this.#markRead(person, room.name, { after, upTo: newest.id });
    }
    return { type: "history", room: room.name, messages, more };
  }

  /**
   * A part of what two people have written to each other.
   *
   * @throws {Refusal} `user_not_found`
   */
  async with(person: Person, name: string, range: Range): Promise<Conversation> {
    const other = await this.#hub.correspondence.find(name);
    if (other === undefined) throw userNotFound(name);
    const { messages, more } = await this.#log.conversation(person.key, other.key, range);
    return { type: "history", with: other.name, messages, more };
  }

  /**
   * With whom a member has written of late and what was written last, newest first; nobody with whom no more can be
   * written, nor whom the member ignores.
   */
  async conversations(member: Member): Promise<Extract<Answer, { type: "conversations" }>> {
    const lasts = await this.#log.lastDirects(member.key, MOST_CONVERSATIONS);
    const heard = lasts.filter(({ from }) => !member.ignores(from));
    const named = await Promise.all(heard.map(async (last) => {
      const other = await this.#correspondent(member, last);
      return other === undefined ? [] : [{ with: other, last }];
    }));
    return { type: "conversations", conversations: named.flat() };
  }

  /** One message of a room. It is not read by that. */
  async find(room: Room, which: { number: number } | { id: string }): Promise<Message | undefined> {
    return "id" in which
      ? await this.#log.find(room.name, which.id)
      : await this.#findByNumber(room.name, which.number);
  }

  /**
   * The newest messages with all these words, of the rooms that somebody may read and of what that one has written and
   * got privately; oldest first.
   *
   * @throws {Refusal} `search_busy`
   */
  async search(person: Person, words: string, limit: number): Promise<Extract<Answer, { type: "found" }>> {
    const rooms = Array.from(this.#hub.rooms.all).filter((room) => room.mayRead(person));
    const hits = await this.#index.find({
      words,
      rooms: rooms.map(({ name }) => name),
      key: person.key,
      limit: limit + 1,
    });
    const found = await Promise.all(hits.slice(0, limit).map((hit) => this.#find(person, hit)));
    hits.forEach((hit, index) => found[index] === undefined && index < limit && this.#forget(hit));
    const messages = found.filter((message) => message !== undefined).reverse();
    return { type: "found", messages, more: hits.length > limit };
  }

  /** A member has been shown a room's recent messages; where nothing was missed beyond them, all is read. */
  sawRecent(member: Member, room: Room): void {
    const seat = member.seats.get(room.name);
    if (seat?.missed !== undefined && room.recentBeginsBefore(seat.missed.after)) {
      seat.readUpTo = seat.missed.upTo;
    }
  }

  /** What was said in a member's rooms while that one was away, but by those whom the member ignores. */
  async missedBy(member: Member): Promise<Missed[]> {
    const seats = Array.from(member.seats.values()).filter(({ missed }) => missed !== undefined);
    const missed = await Promise.all(seats.map((seat) => this.#count(member, seat)));
    return missed.filter(({ count }) => count > 0);
  }

  /**
   * The next part of what a member has missed, room by room; it is read by that.
   *
   * @returns The parts, and what is left after them.
   */
  async readMissed(member: Member): Promise<{ parts: RoomHistory[]; left: Missed[] }> {
    const parts: RoomHistory[] = [];
    let [lines, characters] = [MISSED_PAGE, MOST_MISSED_CHARACTERS];
    for (const seat of member.seats.values()) {
      if (seat.missed === undefined) continue;
      const part = await this.#readSome(member, seat, lines);
      parts.push(part);
      lines -= part.messages.length;
      characters -= part.messages.reduce((sum, { text }) => sum + text.length, 0);
      if (lines <= 0 || characters <= 0) break;
    }
    return { parts: parts.filter(({ messages }) => messages.length > 0), left: await this.missedBy(member) };
  }

  /** By what name the other of the two is called now; undefined for those who are gone for good. */
  async #correspondent({ key }: Member, { from, to, fromKey, toKey }: Direct): Promise<string | undefined> {
    const [otherKey, name] = fromKey === key ? [toKey, to] : [fromKey, from];
    const present = this.#hub.roster.findByKey(otherKey);
    if (present !== undefined) return present.name;
    const found = await this.#hub.correspondence.find(name);
    return found?.key === otherKey ? found.name : undefined;
  }

  async #findByNumber(room: string, number: number): Promise<Message | undefined> {
    let { messages } = await this.#log.page(room, { limit: NUMBERS_PAGE });
    const nearest = (messages.at(-1)?.number ?? 0) - FARTHEST_NUMBER;
    if (number < nearest) return undefined;
    while (messages.length > 0 && messages[0]!.number > number) {
      ({ messages } = await this.#log.page(room, { before: messages[0]!.id, limit: NUMBERS_PAGE }));
    }
    return messages.find((message) => message.number === number);
  }

  async #readSome(member: Member, { room, missed }: Seat, limit: number): Promise<RoomHistory> {
    const { after, upTo } = missed!;
    const page = await this.#log.page(room.name, { after, limit });
    const messages = page.messages.filter(({ id }) => id <= upTo);
    const last = messages.at(-1)?.id ?? upTo;
    const more = page.more && last < upTo;
    this.#markRead(member, room.name, { after, upTo: more ? last : upTo });
    const heard = messages.filter(({ from }) => !member.ignores(from));
    return { type: "history", room: room.name, messages: heard, more };
  }

  async #count(member: Member, { room, missed, sinceMs }: Seat): Promise<Missed> {
    const { after, upTo } = missed!;
    let { messages, more } = room.recentBeginsBefore(after)
      ? { messages: room.recent.filter(({ id }) => id > after), more: false }
      : { messages: [] as Message[], more: true };
    while (more && messages.length < MOST_COUNTED && (messages.at(-1)?.id ?? "") < upTo) {
      const limit = MOST_COUNTED - messages.length;
      const page = await this.#log.page(room.name, { after: messages.at(-1)?.id ?? after, limit });
      messages = [...messages, ...page.messages];
      more = page.more;
    }
    const within = messages.filter(({ id }) => id <= upTo);
    const count = within.filter(({ from }) => !member.ignores(from)).length;
    const atLeast = more && within.length === messages.length;
    return { room: room.name, count, atLeast, after, since: new Date(sinceMs) };
  }

  /** The index knows of something that is gone: a crash came between. */
  #forget(hit: Hit): void {
    if ("room" in hit) this.#index.remove(hit.room, hit.id);
  }

  async #find(person: Person, hit: Hit): Promise<Message | Direct | undefined> {
    if ("room" in hit) return await this.#log.find(hit.room, hit.id);
    const [one, other] = hit.between;
    return await this.#log.findDirect(person.key, one === person.key ? other : one, hit.id);
  }

  /** Somebody has been shown all of a room that came after one message, up to another. */
  #markRead(
    { key, account }: Person,
    room: string,
    { after, upTo }: { after: string; upTo: string },
  ): void {
    const present = this.#hub.roster.findByKey(key);
    if (present === undefined && account !== undefined) {
      return this.#hub.places.markLater(account, room, upTo);
    }
    const seat = present?.seats.get(room);
    if (seat === undefined) return;
    if (seat.readUpTo < upTo) seat.readUpTo = upTo;
    const { missed } = seat;
    if (missed === undefined || missed.after < after || upTo <= missed.after) return;
    seat.missed = upTo < missed.upTo ? { after: upTo, upTo: missed.upTo } : undefined;
  }
}

/** A range that ends with a message at the latest. */
function toldBy(lastId: string, { before, ...others }: Range): Range {
  const end = `${lastId}\0`; // comes right after it
  return { ...others, before: before === undefined || before > end ? end : before };
}
