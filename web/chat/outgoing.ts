import type { ServerMessage } from "../../server/wire/json_types.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { Interrupted } from "./connection.ts";
import type { Entry, Said } from "./entry.ts";

/** A message of one's own that is not in the database yet, as far as is known. */
export interface Pending {
  readonly number: number;
  readonly text: string;
  readonly action: boolean;
  readonly sinceMs: number;
  /** The newest message that was there before it; "" for none. */
  readonly after: string;
  /** Why it was not kept; undefined while it is on its way. */
  readonly failure: string | undefined;
}

/** How messages go out, and what happens then. */
interface Ways {
  post(pending: Pending): Promise<ServerMessage>;
  /** It is in the database; without an id it is among the messages already. */
  kept(pending: Pending, ack: { id?: string; note?: string }): void;
  changed(): void;
}

/** What was not sent for so long is not sent by itself any more. */
const STALE_MS = 120_000;

/** The messages of one place that are on their way, or did not arrive. */
export class Outgoing {
  #ways: Ways;
  #all: readonly Pending[] = [];
  #numbers = 0;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** In the order in which they were sent. */
  get all(): readonly Pending[] {
    return this.#all;
  }

  send({ text, action, after }: Pick<Pending, "text" | "action" | "after">): void {
    this.#begin({ number: ++this.#numbers, text, action, after, sinceMs: Date.now(), failure: undefined });
  }

  /** Sends once more what was not kept. */
  retry(number: number): void {
    const pending = this.#all.find((one) => one.number === number && one.failure !== undefined);
    if (pending === undefined) return;
    this.#all = this.#all.filter((one) => one !== pending);
    this.#begin({ ...pending, failure: undefined, sinceMs: Date.now() });
  }

  /** Gives up what was not kept. */
  discard(number: number): void {
    this.#all = this.#all.filter((one) => one.number !== number);
    this.#ways.changed();
  }

  /**
   * The connection is back: what was on its way is either kept, or sent again.
   *
   * @param entries What there is by now.
   * @param ownName Under which it would be there.
   */
  resume(entries: readonly Entry[], ownName: string): void {
    const found = new Set<Said>();
    for (const pending of this.#all.filter(({ failure }) => failure === undefined)) {
      const kept = entries.find((entry): entry is Said =>
        entry.type === "said" && !found.has(entry) && isOf(entry, pending, ownName)
      );
      if (kept !== undefined) {
        found.add(kept);
        this.#keep(pending, {});
      } else if (Date.now() - pending.sinceMs > STALE_MS) {
        this.#fail(pending, "It was not sent: the connection was lost for too long.");
      } else void this.#post(pending);
    }
  }

  #begin(pending: Pending): void {
    this.#all = [...this.#all, pending];
    this.#ways.changed();
    void this.#post(pending);
  }

  async #post(pending: Pending): Promise<void> {
    try {
      const answer = await this.#ways.post(pending);
      if (answer.type === "ack") this.#keep(pending, answer);
    } catch (error) {
      if (error instanceof Interrupted) return; // whether it is kept shows when the connection is back
      this.#fail(pending, sentenceOf(error));
    }
  }

  #keep(pending: Pending, ack: { id?: string; note?: string }): void {
    this.#all = this.#all.filter(({ number }) => number !== pending.number);
    this.#ways.kept(pending, ack);
    this.#ways.changed();
  }

  #fail(pending: Pending, failure: string): void {
    this.#all = this.#all.map((one) => one.number === pending.number ? { ...one, failure } : one);
    this.#ways.changed();
  }
}

function isOf({ id, from, text, action }: Said, pending: Pending, ownName: string): boolean {
  return id > pending.after && from === ownName && text === pending.text && action === pending.action;
}
