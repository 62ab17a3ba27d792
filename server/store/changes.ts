import { decodeTime, encodeTime, ulid } from "ulid";
import { changeKey, CHANGES, LATEST_CHANGE_KEY } from "./_keys.ts";
import type { Change, Database } from "./kv.ts";

/** How long a change stays on record: far longer than any server takes to look. */
const KEPT_MS = 3_600_000;

/** How far an id may lie before the commit that it was made for: a commit that SQLite made wait. */
const OUT_OF_ORDER_MS = 60_000;

/** Something that a running server must look at again, whoever wrote it. */
export interface StoredChange {
  /** "log_ins": all by which an account came in is good no more. */
  readonly of: "account" | "token" | "outgoing" | "log_ins";
  readonly id: string;
}

/**
 * Tells of changes to accounts and tokens, those of this process and those that `parley user` and `parley token`
 * write from processes of their own. `Deno.Kv.watch` sees nothing of the latter, so one key is read now and then.
 */
export class Changes {
  #database: Database;
  #receive: ((change: StoredChange) => Promise<void>) | undefined;
  /** The commit up to which all is known, and when it was made by the clock of then. */
  #known = "";
  #knownAtMs = 0;
  /** The look that is under way, or the last one. */
  #looking: Promise<void> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Begins to look, every `everyMs`, until it is disposed of; what happened before does not count. */
  async follow(
    { everyMs, receive, failed }: {
      everyMs: number;
      receive: (change: StoredChange) => Promise<void>;
      failed: (error: unknown) => void;
    },
  ): Promise<AsyncDisposable> {
    const { versionstamp, value } = await this.#database.kv.get<string>(LATEST_CHANGE_KEY);
    if (versionstamp !== null) [this.#known, this.#knownAtMs] = [versionstamp, decodeTime(value)];
    this.#receive = receive;
    const timer = setInterval(() => this.#look().catch(failed), everyMs);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(timer);
        this.#receive = undefined;
        await this.#looking.catch(failed);
      },
    };
  }

  /**
   * Commits something together with the record of it. It answers when this server has received it: what is revoked
   * when somebody is told so is revoked.
   *
   * @returns As {@link Database.commit} does.
   * @throws {Refusal} `not_stored`
   */
  async commit(change: StoredChange, build: Change): Promise<boolean> {
    const id = ulid();
    const done = await this.#database.commit((operation) =>
      build(operation).set(changeKey(id), change).set(LATEST_CHANGE_KEY, id)
    );
    if (done && this.#receive !== undefined) await this.#look();
    return done;
  }

  /** Looks after all looks under way, which may have begun too early. */
  #look(): Promise<void> {
    const look = this.#looking.then(() => this.#read());
    this.#looking = look.catch(() => {});
    return look;
  }

  async #read(): Promise<void> {
    const { versionstamp } = await this.#database.get(LATEST_CHANGE_KEY);
    if (versionstamp === null || versionstamp === this.#known) return;
    for (const { key, value, versionstamp } of await this.#fresh()) {
      await this.#receive?.(value);
      [this.#known, this.#knownAtMs] = [versionstamp, decodeTime(String(key.at(-1)))];
    }
  }

  /** What was committed since, in the order of the commits; also where the clock has been set meanwhile, either way. */
  async #fresh(): Promise<Deno.KvEntry<StoredChange>[]> {
    const sinceMs = Math.max(0, Math.min(this.#knownAtMs, Date.now()) - OUT_OF_ORDER_MS);
    const recent = { prefix: CHANGES, start: changeKey(encodeTime(sinceMs)) };
    const all = await Array.fromAsync(this.#database.kv.list<StoredChange>(recent));
    return all
      .filter(({ versionstamp }) => versionstamp > this.#known)
      .sort((a, b) => a.versionstamp < b.versionstamp ? -1 : 1);
  }
}

/** Until when the change of an id is kept, as `Date.now()` has it. */
export function changeKeptUntilMs(id: string): number {
  return decodeTime(id) + KEPT_MS;
}
