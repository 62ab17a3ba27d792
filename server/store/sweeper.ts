import type { Invitation } from "../accounts/invitation_store.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Ban } from "../chat/ban_list.ts";
import type { Lockdown } from "../chat/lockdown.ts";
import { pause } from "../pause.ts";
import {
  accountTokenKey,
  BANS,
  CHANGES,
  invitationCodeKey,
  INVITATIONS,
  LOCKDOWN_KEY,
  TOKENS,
} from "./_keys.ts";
import { changeKeptUntilMs, type StoredChange } from "./changes.ts";
import { invitationKeptUntilMs } from "./invitations.ts";
import type { Database } from "./kv.ts";
import { tokenKeptUntilMs } from "./tokens.ts";

/** When a pass begins after the start, after another one, and after one that has failed. */
const FIRST_MS = 3_000, EVERY_MS = 3_600_000, AGAIN_MS = 60_000;

/** How many entries one part looks at; Deno KV takes 100 checks at most. */
const AT_ONCE = 100;

/** Between two parts the database is there for others. */
const PAUSE_MS = 10;

/** Something that is kept for a while only. */
interface Passing<Value = unknown> {
  readonly range: Deno.KvListSelector;
  /** Until when an entry is kept, as `Date.now()` has it; Infinity for good. */
  keptUntilMs(entry: Deno.KvEntry<Value>): number;
  /** The key that leads to an entry, and goes with it. */
  keyTo?(value: Value): Deno.KvKey;
}

const tokens: Passing<TokenRecord> = {
  range: { prefix: TOKENS },
  keptUntilMs: ({ value }) => tokenKeptUntilMs(value),
  keyTo: ({ account, id }) => accountTokenKey(account, id),
};

const invitations: Passing<Invitation> = {
  range: { prefix: INVITATIONS },
  keptUntilMs: ({ value }) => invitationKeptUntilMs(value),
  keyTo: ({ code }) => invitationCodeKey(code),
};

const bans: Passing<Ban> = {
  range: { prefix: BANS },
  keptUntilMs: ({ value }) => value.until?.getTime() ?? Infinity,
};

const lockdown: Passing<Lockdown> = {
  range: { start: LOCKDOWN_KEY, end: [...LOCKDOWN_KEY, ""] },
  keptUntilMs: ({ value }) => value.until.getTime(),
};

const changes: Passing<StoredChange> = {
  range: { prefix: CHANGES },
  keptUntilMs: ({ key }) => changeKeptUntilMs(String(key.at(-1))),
};

const ALL: readonly Passing[] = [tokens, invitations, bans, lockdown, changes];

/**
 * Deletes what is kept no longer, pass after pass, in the background. Whoever reads has taken it for gone since its time
 * was over, however long it takes until it is.
 *
 * Deno KV could delete it by itself (`expireIn`), but has its thread end where the disk is full just then, and the whole
 * process with it where that is Deno's own.
 */
export class Sweeper implements AsyncDisposable {
  #database: Database;
  #failed: (error: unknown) => void;
  #now: () => number;
  #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @param options.failed Told why a pass broke off; another one begins soon. */
  constructor(
    database: Database,
    { failed, now = Date.now }: { failed: (error: unknown) => void; now?: () => number },
  ) {
    this.#database = database;
    this.#failed = failed;
    this.#now = now;
  }

  /** Makes its passes until it is disposed of. */
  run({ firstMs = FIRST_MS, everyMs = EVERY_MS, againMs = AGAIN_MS } = {}): void {
    this.#running = this.#repeat({ firstMs, everyMs, againMs });
  }

  /**
   * @returns How many entries are gone, beside the keys that led to them.
   * @throws {Refusal} `not_stored`; what is gone by then stays so.
   */
  async pass(): Promise<number> {
    await this.#makeAllLasting();
    let count = 0;
    for (const passing of ALL) count += await this.#sweep(passing);
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #repeat(
    { firstMs, everyMs, againMs }: { firstMs: number; everyMs: number; againMs: number },
  ): Promise<void> {
    const { signal } = this.#closing;
    await pause(firstMs, signal);
    while (!signal.aborted) {
      const done = await this.pass().then(() => true, this.#failed);
      await pause(done ? everyMs : againMs, signal);
    }
  }

  /** What an earlier Parley has written is swept here like the rest, and not by Deno KV. */
  async #makeAllLasting(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && await this.#database.makeLasting(AT_ONCE) > 0) await pause(PAUSE_MS, signal);
  }

  async #sweep(passing: Passing): Promise<number> {
    const { signal } = this.#closing;
    let count = 0;
    let cursor: string | undefined;
    while (!signal.aborted) {
      const options = { limit: AT_ONCE, batchSize: AT_ONCE, ...cursor && { cursor } };
      const list = this.#database.kv.list(passing.range, options);
      const part = await Array.fromAsync(list);
      const over = part.filter((entry) => passing.keptUntilMs(entry) <= this.#now());
      if (!await this.#delete(over, passing)) continue; // somebody has changed one meanwhile: they are read again
      count += over.length;
      if (part.length < AT_ONCE) break;
      cursor = list.cursor;
      await pause(PAUSE_MS, signal);
    }
    return count;
  }

  async #delete(over: readonly Deno.KvEntry<unknown>[], { keyTo }: Passing): Promise<boolean> {
    if (over.length === 0) return true;
    return await this.#database.commit((operation) => {
      for (const entry of over) {
        operation.check(entry).delete(entry.key);
        if (keyTo !== undefined) operation.delete(keyTo(entry.value));
      }
      return operation;
    });
  }
}
