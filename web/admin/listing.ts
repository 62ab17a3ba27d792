import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { sentenceOf } from "../shared/sentence.ts";

/** How many calls a list makes in a row before it waits to be asked for more: the server counts them. */
const MOST_CALLS = 20;

/** How long somebody types on before a list is fetched anew. */
const SETTLE_MS = 200;

/** A part of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next part begins; undefined where this is the last. */
  readonly next: string | undefined;
}

/** What the server lists, fetched part by part as far as it is wanted. */
export class Listing<Row> {
  /** undefined until the server has said. */
  readonly rows = signal<readonly Row[] | undefined>(undefined);
  /** Whether there may be more than that. */
  readonly more = signal(false);
  readonly busy = signal(false);
  /** Why nothing came, as a sentence; undefined where nothing is wrong. */
  readonly failure = signal<string | undefined>(undefined);
  #next: string | undefined;
  #atATime: number;
  #fetchPage: (from: string | undefined) => Promise<Page<Row>>;
  /** Counts the fetches: what comes of one that another has overtaken is dropped. */
  #fetches = 0;

  /** @param options.atATime How many rows are wanted at first, and again each time that more are. */
  constructor(
    fetchPage: (from: string | undefined) => Promise<Page<Row>>,
    { atATime }: { atATime: number },
  ) {
    this.#fetchPage = fetchPage;
    this.#atATime = atATime;
  }

  /** Fetches the list from its beginning. */
  load(): Promise<void> {
    return this.#fetch({ before: [], from: undefined, wanted: this.#atATime });
  }

  /** Fetches it once more, as far as it was: something has changed. */
  refresh(): Promise<void> {
    const wanted = Math.max(this.#atATime, this.rows.value?.length ?? 0);
    return this.#fetch({ before: [], from: undefined, wanted });
  }

  /** Fetches what comes after that. */
  async goOn(): Promise<void> {
    if (this.#next === undefined) return;
    const before = this.rows.value ?? [];
    await this.#fetch({ before, from: this.#next, wanted: before.length + this.#atATime });
  }

  async #fetch(
    { before, from, wanted }: { before: readonly Row[]; from: string | undefined; wanted: number },
  ): Promise<void> {
    const fetch = ++this.#fetches;
    const rows = [...before];
    let next = from;
    this.busy.value = true;
    this.failure.value = undefined;
    try {
      for (let calls = 0; calls < MOST_CALLS; calls++) {
        const page = await this.#fetchPage(next);
        if (fetch !== this.#fetches) return;
        rows.push(...page.rows);
        next = page.next;
        if (next === undefined || rows.length >= wanted) break;
      }
      this.#next = next;
      this.more.value = next !== undefined;
      this.rows.value = rows;
    } catch (error) {
      if (fetch === this.#fetches) this.failure.value = sentenceOf(error);
    } finally {
      if (fetch === this.#fetches) this.busy.value = false;
    }
  }
}

/**
 * The list of a section, fetched when it is first drawn and again when what it is looked through for has changed.
 *
 * @param options.by What is looked for; it need not be a text that the server knows.
 */
export function useListing<Row>(
  fetchPage: (from: string | undefined) => Promise<Page<Row>>,
  { atATime, by = "" }: { atATime: number; by?: string },
): Listing<Row> {
  const listing = useMemo(() => new Listing(fetchPage, { atATime }), []);
  useEffect(() => {
    const timer = setTimeout(() => listing.load(), listing.rows.value === undefined ? 0 : SETTLE_MS);
    return () => clearTimeout(timer);
  }, [by]);
  return listing;
}

/** A page of which the last row's id is where the next one begins. */
export function pageOf<Row>(
  rows: readonly Row[],
  { more, idOf }: { more: boolean; idOf: (row: Row) => string },
): Page<Row> {
  const last = rows.at(-1);
  return { rows, next: more && last !== undefined ? idOf(last) : undefined };
}
