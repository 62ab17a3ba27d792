import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { openSearchFile } from "./_search_file.ts";
import { soughtWords, wordsOf } from "./_search_words.ts";

/** So many messages are forgotten in one slice. */
const SLICE_MESSAGES = 200;

/** So many pages of the words are swept in one slice. */
const SLICE_PAGES = 50;

/** A sweep writes all of the words anew, so there is a rest after it for so many times as long as it took. */
const SWEEP_REST = 20;

/** So many messages that were forgotten are worth a sweep at once, since searches walk over them; so many added, one. */
const MUCH = 50_000;

/** In hexadecimal digits: of a million fingerprints two are alike once in a hundred thousand indexes. */
const PRINT_DIGITS = 14;

/** All private messages are also held by this place, so that they can be forgotten by their age. */
const ALL_DIRECTS = "@";

const ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Higher than that of any message. */
const LAST_NUMBER = 2n ** 63n - 1n;

/** Something that was said, as it is taken up. */
export interface Entry {
  readonly id: string;
  /** "#" and a room, or "@" and the key of a person. */
  readonly place: string;
  /** Of a private message: the other of the two people. */
  readonly other?: string;
  readonly text: string;
}

/** An entry that was found. */
export type Found = Pick<Entry, "id" | "place" | "other">;

/** A row of `said`, or as much of it as forgetting takes. */
interface Said {
  readonly number: bigint;
  readonly place: bigint;
  readonly other: bigint | null;
}

/** A row of `doomed`. */
interface Doomed {
  readonly rowid: bigint;
  readonly place: bigint;
  readonly upTo: bigint;
}

interface Sweep {
  /** How many messages had been forgotten when it began. */
  readonly unswept: number;
  /** How long its slices have taken until now. */
  tookMs: number;
}

/**
 * The search index in its file. All of it is synchronous, so it belongs into a worker.
 *
 * The words are kept by place, so that what a reader may not read costs the search nothing, and under numbers that fall
 * as the ids rise, so that FTS5 comes to the newest first, in the direction in which it is fastest. They are kept as
 * fingerprints: SQLite leaves shreds of what it moves about, in which the words of a deleted message could be read.
 */
export class SearchDatabase implements Disposable {
  #sqlite: DatabaseSync;
  #statements: ReturnType<typeof prepare>;
  /** Nobody without it can tell beforehand what the fingerprint of a word will be. */
  #key: string;
  /** Undefined where none is under way. */
  #sweep: Sweep | undefined;
  /** As `performance.now()` has it. */
  #restsUntilMs = 0;

  /** @param anew Holds nothing, whatever the file holds. */
  constructor(path: string, { anew = false } = {}) {
    this.#sqlite = openSearchFile(path, { anew });
    try {
      this.#statements = prepare(this.#sqlite);
      this.#key = String(this.#fact("key"));
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  /** The id up to which everything is here; "" for nothing. */
  get known(): string {
    return String(this.#fact("known"));
  }

  /**
   * Takes up entries, but for those that are here already.
   *
   * @param known With them everything up to this id is here.
   */
  add(entries: readonly Entry[], known?: string): void {
    this.#inOne(() => {
      // The newest first: FTS5 writes out what it has gathered whenever a number is lower than the one before
      for (const entry of entries.toSorted((a, b) => a.id > b.id ? -1 : 1)) this.#addOne(entry);
      this.#setFact("unmerged", Number(this.#fact("unmerged")) + entries.length);
      if (known !== undefined && known > this.known) this.#setFact("known", known);
    });
  }

  /** Forgets an entry of a place. */
  remove(place: string, id: string): void {
    const said = this.#statements.findSaid.get(numberOf(id), id, place) as unknown as Said | undefined;
    if (said !== undefined) this.#inOne(() => this.#forget([said]));
  }

  /** Will forget all that a place has now, up to and including an id; all private messages where no place is named. */
  doom({ place = ALL_DIRECTS, upToId }: { place?: string; upToId?: string }): void {
    this.#statements.doom.run(upToId === undefined ? LAST_NUMBER : numberOf(upToId), place);
  }

  /** The newest entries of these places that have all the words, newest first. */
  find({ words, places, limit }: { words: string; places: readonly string[]; limit: number }): Found[] {
    const sought = soughtWords(words);
    const held = places.filter((name) => this.#statements.findPlace.get(name) !== undefined);
    if (sought.length === 0 || held.length === 0) return [];
    const expression = held.map((place) => `(${this.#prints(place, sought).join(" AND ")})`).join(" OR ");
    const rows = this.#statements.find.all(expression, limit) as unknown as FoundRow[];
    const readable = new Set(held);
    return rows
      .filter(({ place, other }) => readable.has(place) || (other !== null && readable.has(other)))
      .map(({ id, place, other }) => other === null ? { id, place } : { id, place, other });
  }

  /**
   * Does a slice of what is left to do: forgets what is doomed, then sweeps what was forgotten out of the words.
   *
   * @returns In how many ms the next slice is due; undefined when nothing is left.
   */
  tidy(): number | undefined {
    const unswept = Number(this.#fact("unswept"));
    if (this.#sweep !== undefined || unswept >= MUCH) return this.#sweepSlice();
    const doomed = this.#statements.firstDoomed.get() as unknown as Doomed | undefined;
    if (doomed !== undefined) {
      this.#inOne(() => this.#forgetSlice(doomed));
      return 0;
    }
    if (unswept === 0 && Number(this.#fact("unmerged")) < MUCH) return undefined;
    const restMs = this.#restsUntilMs - performance.now();
    return restMs > 0 ? restMs : this.#sweepSlice();
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  #addOne({ id, place, other, text }: Entry): void {
    const words = [...wordsOf(text)];
    if (words.length === 0) return;
    const number = numberOf(id);
    const places = other === undefined ? [place] : [place, other];
    const [here, there = null] = places.map((name) => this.#placeNumber(name));
    if (this.#statements.addSaid.run(number, id, here!, there).changes === 0n) return;
    for (const holder of this.#holders(here!, there)) this.#statements.hold.run(holder, number);
    this.#statements.addPrints.run(-number, places.flatMap((name) => this.#prints(name, words)).join(" "));
  }

  #forgetSlice({ rowid, place, upTo }: Doomed): void {
    const slice = this.#statements.heldBy.all(place, upTo, SLICE_MESSAGES) as unknown as Said[];
    this.#forget(slice);
    if (slice.length === SLICE_MESSAGES) return;
    this.#statements.removeDoomed.run(rowid);
    this.#statements.removePlace.run(place);
  }

  #forget(messages: readonly Said[]): void {
    for (const { number, place, other } of messages) {
      this.#statements.removePrints.run(-number);
      for (const holder of this.#holders(place, other)) this.#statements.release.run(holder, number);
      this.#statements.removeSaid.run(number);
    }
    this.#setFact("unswept", Number(this.#fact("unswept")) + messages.length);
  }

  /**
   * FTS5 only notes what is deleted until it merges its segments, and looks into each of them at every search. Here it
   * is asked to merge them all, bit by bit.
   */
  #sweepSlice(): number {
    const startedAtMs = performance.now();
    const sweep = this.#sweep ??= this.#beginSweep();
    const more = this.#mergeSome();
    sweep.tookMs += performance.now() - startedAtMs;
    if (!more) this.#endSweep(sweep);
    return 0;
  }

  #beginSweep(): Sweep {
    this.#statements.merge.run(-SLICE_PAGES);
    return { unswept: Number(this.#fact("unswept")), tookMs: 0 };
  }

  #endSweep({ unswept, tookMs }: Sweep): void {
    this.#setFact("unswept", Number(this.#fact("unswept")) - unswept);
    this.#setFact("unmerged", 0);
    this.#sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#restsUntilMs = performance.now() + SWEEP_REST * tookMs;
    this.#sweep = undefined;
  }

  /** Answers whether there is more to merge: the manual of FTS5 says how one tells. */
  #mergeSome(): boolean {
    const before = Number(this.#statements.totalChanges.get()!.changes);
    this.#statements.merge.run(SLICE_PAGES);
    return Number(this.#statements.totalChanges.get()!.changes) - before >= 2;
  }

  /** The places that hold a message. */
  #holders(place: bigint, other: bigint | null): Set<bigint> {
    return other === null ? new Set([place]) : new Set([place, other, this.#placeNumber(ALL_DIRECTS)]);
  }

  #placeNumber(name: string): bigint {
    const { findPlace, addPlace } = this.#statements;
    return (findPlace.get(name) ?? addPlace.get(name))!.number as bigint;
  }

  /** The fingerprints of words in a place. */
  #prints(place: string, words: readonly string[]): string[] {
    const start = `${this.#key}\n${place}\n`;
    return words.map((word) => `"${hash("sha256", start + word, "hex").slice(0, PRINT_DIGITS)}"`);
  }

  #fact(name: string): unknown {
    return this.#statements.fact.get(name)!.value;
  }

  #setFact(name: string, value: string | number): void {
    this.#statements.setFact.run(value, name);
  }

  #inOne(change: () => void): void {
    this.#sqlite.exec("BEGIN IMMEDIATE");
    try {
      change();
      this.#sqlite.exec("COMMIT");
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }
}

interface FoundRow {
  readonly id: string;
  readonly place: string;
  readonly other: string | null;
}

function prepare(sqlite: DatabaseSync) {
  const statement = (sql: string) => {
    const prepared = sqlite.prepare(sql);
    prepared.setReadBigInts(true); // numbers of messages are too large for anything else
    return prepared;
  };
  return {
    fact: statement("SELECT value FROM fact WHERE name = ?"),
    setFact: statement("UPDATE fact SET value = ? WHERE name = ?"),
    findPlace: statement("SELECT number FROM place WHERE name = ?"),
    addPlace: statement("INSERT INTO place (name) VALUES (?) RETURNING number"),
    removePlace: statement(
      "DELETE FROM place WHERE number = ? AND NOT EXISTS (SELECT 1 FROM held WHERE held.place = place.number)",
    ),
    findSaid: statement(
      "SELECT number, place, other FROM said WHERE number = ? AND id = ? AND place = (SELECT number FROM place WHERE name = ?)",
    ),
    addSaid: statement("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)"),
    removeSaid: statement("DELETE FROM said WHERE number = ?"),
    hold: statement("INSERT INTO held VALUES (?, ?)"),
    release: statement("DELETE FROM held WHERE place = ? AND said = ?"),
    heldBy: statement(
      "SELECT said.number, said.place, said.other FROM held JOIN said ON said.number = held.said " +
        "WHERE held.place = ? AND held.said <= ? ORDER BY held.said LIMIT ?",
    ),
    doom: statement(
      "INSERT INTO doomed " +
        "SELECT number, min(?, coalesce((SELECT max(said) FROM held WHERE held.place = number), 0)) FROM place WHERE name = ?",
    ),
    firstDoomed: statement("SELECT rowid, place, up_to AS upTo FROM doomed LIMIT 1"),
    removeDoomed: statement("DELETE FROM doomed WHERE rowid = ?"),
    addPrints: statement("INSERT INTO word (rowid, prints) VALUES (?, ?)"),
    removePrints: statement("DELETE FROM word WHERE rowid = ?"),
    merge: statement("INSERT INTO word (word, rank) VALUES ('merge', ?)"),
    totalChanges: statement("SELECT total_changes() AS changes"),
    find: statement(
      "SELECT said.id, place.name AS place, other.name AS other FROM word JOIN said ON said.number = -word.rowid " +
        "JOIN place ON place.number = said.place LEFT JOIN place AS other ON other.number = said.other " +
        "WHERE word MATCH ? ORDER BY word.rowid LIMIT ?",
    ),
  };
}

/** The moment of an id in its upper bits, in the lower 20 the end of the id, which counts within the millisecond. */
function numberOf(id: string): bigint {
  const number = BigInt(digits(id.slice(0, 10))) * 2n ** 20n + BigInt(digits(id.slice(-4)));
  return number < LAST_NUMBER ? number : LAST_NUMBER;
}

function digits(text: string): number {
  return [...text].reduce((sum, digit) => sum * 32 + ULID_DIGITS.indexOf(digit), 0);
}
