import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { sentenceOf } from "../shared/sentence.ts";
import { Interrupted } from "./connection.ts";
import { type Entry, noteAfter, type Said } from "./entry.ts";
import { Timeline } from "./timeline.ts";
import { lowestIdAt } from "./ulid.ts";

/** What part of a history is wanted; of more than `limit`, those nearest to `after`, or else the newest. */
export interface Range {
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
}

/** Asks the server for a part of the history of one place, oldest first. */
export type ReadPage = (range: Range) => Promise<{ readonly page: readonly Said[]; readonly more: boolean }>;

/** How many messages are read when a place is opened, and at a time when somebody scrolls. */
const FIRST_PAGE = 100, NEXT_PAGE = 1_000;

/** After a reconnect so many of the last messages are read again: one of them may have been deleted. */
const READ_AGAIN = 50;

/** So many pages are read up after a reconnect; what is more is read when somebody scrolls there. */
const MOST_PAGES = 5;

/** So much of a place is kept at most: of more, the end that is farther away is forgotten, and read again when wanted. */
const MOST_ENTRIES = 150_000;

/** What was said in one place, as far as the page has it: read from the server part by part, and told as it happens. */
export class Past {
  /** Why it could not be read. */
  readonly failure: Signal<string | undefined> = signal(undefined);
  readonly busy: ReadonlySignal<boolean>;
  #timeline = new Timeline();
  #readPage: ReadPage;
  #changed: () => void;
  #opened = false;
  /** Rises when all is forgotten: what was asked for before that does not belong here any more. */
  #beginnings = 0;
  #underWay: Signal<number> = signal(0);
  #notes = 0;
  /** What was told while the end of the history was being read. */
  #held: Said[] | undefined;

  constructor(readPage: ReadPage, changed: () => void) {
    this.#readPage = readPage;
    this.#changed = changed;
    this.busy = computed(() => this.#underWay.value > 0);
  }

  /** Oldest first; replaced where something changes but at the end. */
  get entries(): readonly Entry[] {
    return this.#timeline.entries;
  }

  /** Its newest messages have been read, or are being read. */
  get opened(): boolean {
    return this.#opened;
  }

  get moreBefore(): boolean {
    return this.#timeline.moreBefore;
  }

  /** The page does not have its end: what is told does not appear. */
  get moreAfter(): boolean {
    return this.#timeline.moreAfter;
  }

  get newestId(): string | undefined {
    return this.#timeline.newestId;
  }

  /** Reads the newest messages, if that has not been done. */
  async open(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    if (await this.#readEnd() === undefined) this.#opened = false;
  }

  /** Reads what was said before the first message that is there. */
  async older(): Promise<void> {
    const before = this.#timeline.oldestId;
    if (!this.moreBefore || before === undefined || this.busy.value) return;
    await this.#read({ before, limit: NEXT_PAGE });
    this.#timeline.keepOldest(MOST_ENTRIES);
  }

  /** Reads what was said after the last message that is there, where that is not the newest. */
  async newer(): Promise<void> {
    if (!this.moreAfter || this.newestId === undefined || this.busy.value) return;
    await this.#readOn(this.newestId);
    this.#timeline.keepNewest(MOST_ENTRIES);
  }

  /** Goes to the end, wherever one has been reading. */
  async toEnd(): Promise<void> {
    if (!this.moreAfter) return;
    this.#beginAnew();
    await this.#readEnd();
  }

  /** Goes to where a message was said. */
  async goTo(id: string): Promise<void> {
    this.#opened = true;
    if (this.entries.some((entry) => entry.id === id)) return;
    this.#beginAnew();
    await this.#read({ before: id, limit: FIRST_PAGE });
    this.#timeline.cutOff();
    await this.#readOn(this.newestId ?? "");
  }

  /** Reads what was told while the connection was lost; answers what was read, undefined where that fails. */
  async readAgain(): Promise<Said[] | undefined> {
    const upTo = this.newestId;
    let after = this.#timeline.idBeforeLast(READ_AGAIN);
    if (after === undefined || upTo === undefined) return await this.#readEnd();
    const all: Said[] = [];
    for (let pages = 0; pages < MOST_PAGES && this.moreAfter; pages++) {
      const page = await this.#readOn(after, upTo);
      if (page === undefined) return undefined;
      if (page.length === 0) break;
      after = page.at(-1)!.id;
      all.push(...page);
    }
    return all;
  }

  /** Something has been said: it appears, if the end is there. */
  tell(said: Said): void {
    if (this.#held !== undefined) this.#held.push(said);
    else if (this.#opened && !this.moreAfter) this.#timeline.add(said);
    if (this.entries.length > MOST_ENTRIES) this.#timeline.cutOff();
  }

  /** Says something that stands here for as long as the page is open. */
  note(text: string, loud: boolean): void {
    const atMs = Date.now();
    const after = this.entries.at(-1)?.id.slice(0, 26) ?? lowestIdAt(atMs);
    this.#timeline.add(noteAfter(after, ++this.#notes, { text, loud, atMs }));
  }

  forget(id: string): void {
    this.#timeline.remove(id);
  }

  /** What follows may not be told: the connection is lost. */
  cutOff(): void {
    this.#timeline.cutOff();
    this.#held = undefined;
  }

  keepNewest(count: number): void {
    this.#timeline.keepNewest(count);
  }

  /** Forgets all; it has to be opened again. */
  close(): void {
    this.#beginAnew();
    this.#opened = false;
  }

  #beginAnew(): void {
    this.#timeline.clear();
    this.#beginnings++;
  }

  async #readEnd(): Promise<Said[] | undefined> {
    const held: Said[] = this.#held = [];
    const page = await this.#read({ limit: FIRST_PAGE });
    if (this.#held === held) this.#takeHeld();
    return page;
  }

  /** Reads on after a message, and is at the end where there is no more. */
  async #readOn(after: string, upTo?: string): Promise<Said[] | undefined> {
    const held: Said[] = this.#held = []; // what was told before is in the answer
    const page = await this.#read({ after, limit: NEXT_PAGE }, upTo);
    if (this.#held === held) this.#takeHeld();
    return page;
  }

  /** What was told meanwhile follows, unless there is more between. */
  #takeHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.moreAfter) return;
    for (const said of held) this.#timeline.add(said);
    this.#changed();
  }

  /** Undefined where it fails. Where all was forgotten in the meantime, what is read is not taken over. */
  async #read(range: Range, upTo = this.newestId): Promise<Said[] | undefined> {
    const beginnings = this.#beginnings;
    this.#underWay.value++;
    try {
      const { page, more } = await this.#readPage(range);
      if (beginnings !== this.#beginnings) return [...page];
      this.#timeline.merge(page, { ...range, more, ...upTo === undefined ? {} : { upTo } });
      this.failure.value = undefined;
      return [...page];
    } catch (error) {
      if (beginnings !== this.#beginnings) return [];
      if (!(error instanceof Interrupted)) this.failure.value = sentenceOf(error); // else it is read when all is back
      return undefined;
    } finally {
      this.#underWay.value--;
      this.#changed();
    }
  }
}
