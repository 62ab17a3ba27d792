import { type Signal, signal } from "@preact/signals";
import type { Entry } from "./entry.ts";
import { continues } from "./entry.ts";
import { Heights } from "./heights.ts";
import type { Pending } from "./outgoing.ts";

/** What stands in the list: what was said, and below it what is on its way. */
export type Row = Entry | (Pending & { readonly type: "pending"; readonly id: string });

/** Which rows are drawn: `from` up to but not including `to`. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** What stays where it is on the screen whatever happens around it: the end, or a row and how far above it the screen begins. */
type Anchor = "end" | { readonly id: string; readonly offset: number };

/** So much above and below what is seen is drawn as well, and so little of that may be left before more is drawn. */
const DRAWN_BEYOND_PX = 900, LEFT_BEYOND_PX = 300;

/** This near to the end is at the end. */
const END_PX = 40;

/** How high the screen is taken to be before that is known. */
const FIRST_SCREEN_PX = 1_000;

/** What rows are taken to be high before they are drawn: a line of text, the rest of a row, and its head. */
const LINE_PX = 22, REST_PX = 5, HEAD_PX = 29;

/** How wide a character is on average. */
const CHARACTER_PX = 7.2;

/**
 * A list of any length, of which only the rows in sight are in the document. Rows are measured when they are drawn, and
 * what is seen stays where it is while rows come above and below, or turn out to be higher than was thought.
 */
export class Scroller {
  /** Rises when other rows are to be drawn. */
  readonly moved: Signal<number> = signal(0);
  /** The end is in sight. */
  readonly atEnd: Signal<boolean> = signal(true);
  #heights = new Heights();
  /** Row id → its height as it was measured. */
  #measured = new Map<string, number>();
  #entries: readonly Entry[] = [];
  #entryCount = 0;
  #pending: readonly Pending[] = [];
  #anchor: Anchor = "end";
  #frame: HTMLElement | undefined;
  #screenPx = FIRST_SCREEN_PX;
  #widthPx = 600;
  #drawn: RowWindow = { from: 0, to: 0 };
  /** Where the frame was put last, to tell that from what the reader does. */
  #scrolledPx = 0;

  get count(): number {
    return this.#heights.count;
  }

  get drawn(): RowWindow {
    return this.#drawn;
  }

  at(index: number): Row | undefined {
    const pending = this.#pending[index - this.#entryCount];
    return pending === undefined ? this.#entries[index] : rowOf(pending);
  }

  /** Where a row begins. Few rows stand at the bottom, beside where one writes. */
  top(index: number): number {
    return this.#heights.top(index) + Math.max(0, this.#screenPx - this.#heights.total);
  }

  /** Takes over what there is, and says which rows are to be drawn. */
  sync(entries: readonly Entry[], pending: readonly Pending[]): RowWindow {
    this.#heights.truncate(this.#entryCount); // without what was on its way
    if (entries !== this.#entries) this.#begin(entries);
    for (let index = this.#heights.count; index < entries.length; index++) {
      this.#heights.push(this.#heightOf(entries[index]!, entries[index - 1]));
    }
    for (const one of pending) this.#heights.push(this.#heightOf(rowOf(one), undefined));
    [this.#entries, this.#entryCount, this.#pending] = [entries, entries.length, pending];
    const topPx = this.#wantedPx();
    return this.#drawn = this.#around(topPx, DRAWN_BEYOND_PX);
  }

  /** The frame that scrolls is there, or has another size. */
  resize(frame: HTMLElement): void {
    const { clientHeight, clientWidth } = frame;
    this.#frame = clientHeight === 0 ? undefined : frame; // it is not shown
    if (this.#frame === undefined) return;
    if (clientWidth !== this.#widthPx) {
      this.#measured.clear();
      this.#widthPx = clientWidth;
      [this.#entries, this.#entryCount] = [[], 0];
    }
    this.#screenPx = clientHeight;
    this.moved.value++;
  }

  /** The rows are in the document: measures them, and puts everything in its place. */
  settle(content: HTMLElement, block: HTMLElement): void {
    if (this.#frame === undefined) return;
    let index = this.#drawn.from;
    for (const row of block.children) this.#measure(index++, row.getBoundingClientRect().height);
    content.style.height = `${this.#heights.total}px`;
    block.style.transform = `translateY(${this.top(this.#drawn.from)}px)`;
    this.#put(this.#wantedPx());
    this.#drawMore();
  }

  /** The reader has scrolled. */
  scrolled(): void {
    const frame = this.#frame;
    if (frame === undefined || Math.abs(frame.scrollTop - this.#scrolledPx) < 1) return;
    this.#scrolledPx = frame.scrollTop;
    const endPx = this.#heights.total - this.#screenPx;
    this.#anchorAt(frame.scrollTop >= endPx - END_PX ? "end" : this.#rowAt(frame.scrollTop));
    this.#drawMore();
  }

  toEnd(): void {
    this.#anchorAt("end");
    this.moved.value++;
  }

  /** Shows a row, a third from above. */
  show(id: string): void {
    this.#anchorAt({ id, offset: -this.#screenPx / 3 });
    this.moved.value++;
  }

  /** Brings a row into sight that may be just outside. Answers when it has been drawn. */
  reveal(index: number): void {
    const [top, height] = [this.#heights.top(index), this.#heights.height(index)];
    const from = this.#scrolledPx;
    if (top < from) this.#anchorAt({ id: this.at(index)!.id, offset: 0 });
    else if (top + height > from + this.#screenPx) {
      this.#anchorAt({ id: this.at(index)!.id, offset: height - this.#screenPx });
    } else return;
    this.moved.value++;
  }

  /** Where a row stands; undefined where it is not there. */
  indexOf(id: string): number | undefined {
    const index = this.#placeOf(id);
    return this.at(index)?.id === id ? index : undefined;
  }

  /** Takes over other entries. Those that were there before, below new ones, are as high as they were. */
  #begin(entries: readonly Entry[]): void {
    const first = this.#entries[0];
    const added = first === undefined ? -1 : entries.indexOf(first);
    const isBelow = added > 0 &&
      entries[added + this.#entryCount - 1] === this.#entries[this.#entryCount - 1];
    const known = isBelow ? added : entries.length;
    const heights = new Float64Array(isBelow ? added + this.#entryCount : entries.length);
    for (let index = 0; index < known; index++) {
      heights[index] = this.#heightOf(entries[index]!, entries[index - 1]);
    }
    for (let index = known; index < heights.length; index++) {
      heights[index] = this.#heights.height(index - added);
    }
    this.#heights.reset(heights);
  }

  #anchorAt(anchor: Anchor): void {
    this.#anchor = anchor;
    this.atEnd.value = anchor === "end";
  }

  /** Where the screen is to begin. */
  #wantedPx(): number {
    const endPx = Math.max(0, this.#heights.total - this.#screenPx);
    if (this.#anchor === "end") return endPx;
    const wanted = this.#heights.top(this.#placeOf(this.#anchor.id)) + this.#anchor.offset;
    return Math.max(0, Math.min(endPx, wanted));
  }

  /** The row that a screen begins with; or, because only its place is certain, the first one on it that is drawn. */
  #rowAt(y: number): Anchor {
    const [first, { from }] = [this.#heights.indexAt(y), this.#drawn];
    const index = first < from && this.#heights.top(from) < y + this.#screenPx ? from : first;
    const row = this.at(index);
    return row === undefined ? "end" : { id: row.id, offset: y - this.#heights.top(index) };
  }

  #put(topPx: number): void {
    const frame = this.#frame!;
    if (Math.abs(frame.scrollTop - topPx) >= 1) frame.scrollTop = topPx;
    this.#scrolledPx = frame.scrollTop;
  }

  /** Has more rows drawn where what is drawn comes to its end. */
  #drawMore(): void {
    const needed = this.#around(this.#wantedPx(), LEFT_BEYOND_PX);
    if (needed.from < this.#drawn.from || needed.to > this.#drawn.to) this.moved.value++;
  }

  #around(topPx: number, beyondPx: number): RowWindow {
    if (this.count === 0) return { from: 0, to: 0 };
    const from = this.#heights.indexAt(Math.max(0, topPx - beyondPx));
    return { from, to: this.#heights.indexAt(topPx + this.#screenPx + beyondPx) + 1 };
  }

  #measure(index: number, height: number): void {
    const row = this.at(index);
    if (row === undefined || height === 0) return;
    this.#measured.set(row.id, height);
    this.#heights.set(index, height);
  }

  #heightOf(row: Row, previous: Entry | undefined): number {
    const measured = this.#measured.get(row.id);
    if (measured !== undefined) return measured;
    const lines = Math.max(1, Math.ceil(row.text.length * CHARACTER_PX / Math.max(100, this.#widthPx - 90)));
    const head = row.type === "said" && !continues(row, previous) ? HEAD_PX : 0;
    return lines * LINE_PX + REST_PX + head;
  }

  /** Where an id stands, or would stand: those of entries are in order, what is on its way comes after. */
  #placeOf(id: string): number {
    const pending = this.#pending.findIndex((one) => idOf(one) === id);
    if (pending !== -1) return this.#entryCount + pending;
    let [low, high] = [0, this.#entryCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function idOf({ number }: Pending): string {
  return `~pending ${number}`;
}

function rowOf(pending: Pending): Row {
  return { type: "pending", id: idOf(pending), ...pending };
}
