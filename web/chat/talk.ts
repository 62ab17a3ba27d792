import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ServerMessage } from "../../server/wire/json_types.ts";
import type { Request } from "./connection.ts";
import { type Entry, ownSaid, type Said, saidBy } from "./entry.ts";
import { Outgoing, type Pending } from "./outgoing.ts";
import { Past, type Range } from "./past.ts";
import { mentions } from "./pieces.ts";
import { personOf, type Place, roomOf } from "./place.ts";
import { justBefore } from "./ulid.ts";
import { NOTHING_UNREAD, type StoredUnread, Unread, type UnreadCount } from "./unread.ts";

/** What a conversation needs to know of the chat around it. */
export interface Surroundings {
  ask(request: Request, options?: { patient?: boolean }): Promise<ServerMessage>;
  /** The reader's name, and what finds it in a text. */
  readonly ownName: ReadonlySignal<string>;
  readonly ownPattern: ReadonlySignal<RegExp>;
  /** The names, in lower case, of those whom the reader does not want to hear. */
  readonly ignored: ReadonlySignal<ReadonlySet<string>>;
  /** More is unread than before, or less. */
  unreadChanged(): void;
}

/** Beyond this a place whose end is in sight forgets what is far above, all but so many. */
const MOST_FOLLOWED = 6_000, KEPT_FOLLOWED = 2_000;

/** What is kept of a place that nobody looks at. */
const KEPT_ASIDE = 300;

/** So many messages are counted where nothing of a place is shown. */
const MOST_COUNTED = 1_000;

/** What is said in one place: its past as far as the page has it, what is on its way, and what was not read. */
export class Talk {
  readonly place: Place;
  readonly past: Past;
  readonly outgoing: Outgoing;
  /** Rises whenever what is to be shown has changed. */
  readonly changed: Signal<number> = signal(0);
  readonly unread: Signal<UnreadCount> = signal(NOTHING_UNREAD);
  /** The last message that was read when the reader came here, or looked away, if there were new ones since. */
  readonly newAfter: Signal<string | undefined> = signal(undefined);
  /** What was typed and not sent. */
  draft = "";
  /** Its end is in sight: what is far above may be forgotten. */
  following = false;
  #surroundings: Surroundings;
  /** The reader is here. */
  #entered = false;
  #unread = new Unread();
  /** The last message that was told or read. */
  #lastId: string | undefined;
  /** The entries without those of people whom the reader ignores; made anew when something has changed. */
  #heard: { of: readonly Entry[]; length: number; ignored: ReadonlySet<string>; entries: readonly Entry[] } =
    {
      of: [],
      length: 0,
      ignored: new Set(),
      entries: [],
    };

  constructor(place: Place, surroundings: Surroundings) {
    this.place = place;
    this.#surroundings = surroundings;
    const changed = () => void this.changed.value++;
    this.past = new Past((range) => this.#readPage(range), changed);
    this.outgoing = new Outgoing({
      post: (pending) => surroundings.ask(this.#postOf(pending)),
      kept: (pending, ack) => this.#isKept(pending, ack),
      changed,
    });
  }

  /** What is shown, oldest first. */
  get entries(): readonly Entry[] {
    const { entries } = this.past;
    const ignored = this.#surroundings.ignored.value;
    if (ignored.size === 0) return entries;
    const { of, length } = this.#heard;
    if (of !== entries || length !== entries.length || this.#heard.ignored !== ignored) {
      const heard = entries.filter((entry) =>
        entry.type === "note" || !ignored.has(entry.from.toLowerCase())
      );
      this.#heard = { of: entries, length: entries.length, ignored, entries: heard };
    }
    return this.#heard.entries;
  }

  get lastId(): string | undefined {
    return this.#lastId;
  }

  get stored(): StoredUnread {
    return this.#unread.stored;
  }

  /** The reader comes to this place. What is unread stands below a line. */
  async enter(): Promise<void> {
    this.#entered = true;
    this.newAfter.value = this.#unread.after;
    await this.past.open();
    this.#sees(this.past.newestId);
  }

  /** The reader goes elsewhere: nobody needs what is far above. */
  leave(): void {
    this.#entered = false;
    this.following = false;
    this.newAfter.value = undefined;
    if (this.past.opened && this.past.moreAfter) this.past.close();
    else this.past.keepNewest(KEPT_ASIDE);
  }

  /** The connection is back: reads what was missed, and sends what was not. */
  async resume(): Promise<void> {
    const known = this.#lastId;
    if (this.past.opened) {
      const read = await this.past.readAgain();
      if (read === undefined) return; // what is kept is not known
      this.#countNew(read, known);
    } else if (known !== undefined) await this.countSince(known);
    if (this.outgoing.all.length === 0) return;
    await this.past.open();
    if (this.past.opened) this.outgoing.resume(this.past.entries, this.#surroundings.ownName.value);
  }

  /** Counts what was said after a message that was dealt with at an earlier visit. */
  async countSince(after: string): Promise<void> {
    this.#countNew(await this.#readMissed(after), after);
  }

  /** Something was said. @param attended The reader looks at this place. */
  tell(said: Said, { attended }: { attended: boolean }): void {
    const before = this.#lastId ?? justBefore(said.id);
    this.past.tell(said);
    this.#sees(said.id);
    if (!attended) {
      this.newAfter.value ??= before;
      this.#count(said, before);
    }
    const { length } = this.past.entries;
    if (this.following && length > MOST_FOLLOWED) this.past.keepNewest(KEPT_FOLLOWED);
    if (!this.#entered && length > 2 * KEPT_ASIDE) this.past.keepNewest(KEPT_ASIDE);
    this.changed.value++;
  }

  /** Whether a text speaks to the reader by name. */
  calls(text: string): boolean {
    return mentions(text, this.#surroundings.ownPattern.value);
  }

  /** Says something that only this page knows of. */
  note(text: string, { loud = false } = {}): void {
    this.past.note(text, loud);
    this.changed.value++;
  }

  /** A message is no longer to be seen. */
  forget(id: string): void {
    this.past.forget(id);
    this.#unread.remove(id);
    this.#tellUnread();
    this.changed.value++;
  }

  /** Says something here. */
  send(text: string, { action = false } = {}): void {
    this.newAfter.value = undefined;
    this.outgoing.send({ text, action, after: this.#lastId ?? "" });
  }

  /** Sends once more what was not kept. */
  readonly retry = (number: number): void => this.outgoing.retry(number);

  /** Gives up what was not kept. */
  readonly discard = (number: number): void => this.outgoing.discard(number);

  /** Reads what could not be read. */
  async reload(): Promise<void> {
    this.past.close();
    await this.enter();
  }

  /** The server has counted what was said here while the reader was away. */
  missed(missed: { count: number; atLeast: boolean; after: string }): void {
    this.#unread.missed(missed);
    this.newAfter.value ??= missed.after;
    this.#tellUnread();
  }

  /** The reader looks at this place: all is read. */
  read(): void {
    if (this.#unread.count.count === 0) return;
    this.#unread = new Unread();
    this.#tellUnread();
  }

  /** Takes over what was unread at the last visit. */
  restore(stored: StoredUnread): void {
    this.#unread = Unread.from(stored);
    this.unread.value = this.#unread.count;
  }

  async #readPage(range: Range): Promise<{ page: readonly Said[]; more: boolean }> {
    const request: Request = { type: "history", ...this.#whose(), ...range };
    const answer = await this.#surroundings.ask(request, { patient: true });
    if (answer.type !== "history") throw new TypeError(`Expected a history, got ${answer.type}`);
    return { page: answer.messages.map(saidBy), more: answer.more };
  }

  async #readMissed(after: string): Promise<readonly Said[]> {
    const read = await this.#readPage({ after, limit: MOST_COUNTED }).catch(() => undefined);
    return read?.page ?? [];
  }

  #postOf({ text, action }: Pending): Request {
    const whose = this.#whose();
    return "room" in whose
      ? { type: "say", room: whose.room, text, action }
      : { type: "direct", to: whose.with, text };
  }

  #whose(): { room: string } | { with: string } {
    const room = roomOf(this.place);
    return room === undefined ? { with: personOf(this.place)! } : { room };
  }

  #isKept({ text, action }: Pending, { id, note }: { id?: string; note?: string }): void {
    const from = this.#surroundings.ownName.value;
    if (id !== undefined) this.past.tell(ownSaid(id, { from, text, action }));
    this.#sees(id);
    if (note !== undefined) this.note(note);
  }

  #countNew(page: readonly Said[], known = ""): void {
    for (const said of page.filter(({ id }) => id > known)) {
      this.#count(said, known);
      this.#sees(said.id);
    }
  }

  #count({ id, from, text }: Said, before: string): void {
    const { ownName, ignored } = this.#surroundings;
    if (from === ownName.value || ignored.value.has(from.toLowerCase())) return;
    this.#unread.add(id, { mention: this.calls(text), after: before });
    this.#tellUnread();
  }

  #tellUnread(): void {
    this.unread.value = this.#unread.count;
    this.#surroundings.unreadChanged();
  }

  #sees(id: string | undefined): void {
    if (id !== undefined && (this.#lastId === undefined || this.#lastId < id)) this.#lastId = id;
  }
}
