import { strict as assert } from "node:assert";
import type { DirectMessage, RoomMessage, ServerMessage } from "../../server/wire/json_types.ts";
import { Refused } from "../support/json_client.ts";

/** Something that was said, as histories have it. */
export type Said = RoomMessage | DirectMessage;

/** Something that was sent. */
interface Sent {
  readonly from: string;
  readonly place: string;
  /** Which of its sender's it is, in the order of sending. */
  readonly number: number;
  /** The id by which it was acknowledged, or by which somebody was told of it; undefined where neither has happened. */
  id?: string;
  refused?: true;
}

/**
 * The book by which a server is held to its promises: what was sent, by whom and where, and what the server said of it.
 * What was neither acknowledged nor refused may or may not be kept.
 */
export class Ledger {
  /** How many were acknowledged, and how many refused. */
  kept = 0;
  refused = 0;
  /** Text → what was sent; no text is sent twice. */
  #sent = new Map<string, Sent>();
  /** Sender → how much that one has sent. */
  #counts = new Map<string, number>();

  /** What somebody is to send next, and will have sent: of text mode nobody learns what has become of it. */
  next({ from, place }: { from: string; place: string }): string {
    const number = (this.#counts.get(from) ?? 0) + 1;
    this.#counts.set(from, number);
    const text = `${from} ${number}`;
    this.#sent.set(text, { from, place, number });
    return text;
  }

  /**
   * Has somebody send the next text, and enters what becomes of it.
   *
   * @param from.place The room, or whatever two people call their conversation.
   * @param send Answers the id of the acknowledgement.
   */
  async sends(
    { from, place }: { from: string; place: string },
    send: (text: string) => Promise<string>,
  ): Promise<void> {
    const text = this.next({ from, place });
    const sent = this.#find(text);
    try {
      const id = await send(text);
      assert.ok(
        sent.id === undefined || sent.id === id,
        `${text} was told under another id than acknowledged`,
      );
      sent.id = id;
      this.kept++;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      sent.refused = true;
      this.refused++;
      throw error;
    }
  }

  /** Enters what somebody was told: from then on the server is bound to it. Answers what of it was said by people. */
  hears(told: readonly ServerMessage[]): Said[] {
    const said = told.filter((message) => message.type === "message" || message.type === "direct");
    for (const { text, id } of said) {
      const sent = this.#find(text);
      assert.ok(sent.id === undefined || sent.id === id, `${text} was told twice, under two ids`);
      assert.ok(!sent.refused, `${text} was refused and told`);
      sent.id = id;
    }
    return said;
  }

  /** Holds the history of a place against the book: all that must be there is there, once, in order, and nothing else. */
  check(place: string, history: readonly Said[]): void {
    rise(history.map(({ id }) => id), place);
    const found = new Map(history.map((said) => [said.text, said]));
    for (const [text, sent] of this.#sent) {
      if (sent.place === place && sent.id !== undefined) {
        assert.equal(found.get(text)?.id, sent.id, `${text} in ${place}`);
      }
    }
    const bySender = new Map<string, number>();
    for (const { text } of history) {
      const { from, number, refused, place: where } = this.#find(text);
      assert.equal(where, place, text);
      assert.ok(!refused, `${text} was refused and is in ${place}`);
      assert.ok(number > (bySender.get(from) ?? 0), `${text} is in ${place} twice or too late`);
      bySender.set(from, number);
    }
  }

  #find(text: string): Sent {
    return this.#sent.get(text) ?? assert.fail(`${JSON.stringify(text)} was never sent`);
  }
}

/** Each comes after the one before. */
export function rise(ids: readonly string[], what: string): void {
  ids.forEach((id, index) =>
    assert.ok(index === 0 || ids[index - 1]! < id, `${id} is out of order in ${what}`)
  );
}

/** Something that is one way or another, as text, and that the server has acknowledged to be so. */
export class Fact {
  #settled: string;
  /** What it may be instead, because no answer came. */
  #attempted: string | undefined;

  constructor(now: string) {
    this.#settled = now;
  }

  get settled(): string {
    return this.#settled;
  }

  /** Has something done that changes it, and is acknowledged. */
  async becomes(value: string, deed: () => Promise<unknown>): Promise<void> {
    this.#attempted = value;
    await deed();
    this.#settled = value;
    this.#attempted = undefined;
  }

  /** Holds what is found against it. */
  check(found: string): void {
    if (found === this.#attempted) this.#settled = found;
    this.#attempted = undefined;
    assert.equal(found, this.#settled);
  }
}
