import type { Message, Messages } from "./event.ts";
import type { Listener } from "./member.ts";

/**
 * What was said in a room in one go, until it is told: all of it together, so that what a reader costs does not grow with
 * how much is said.
 */
export class MessagesToTell {
  #all: Message[] = [];
  /** Listener → which of `#all` it is not told, in order. */
  #except = new Map<Listener, number[]>();

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /**
   * @param not.own The listener that it came from.
   * @param not.deaf Those who do not want to hear who says it.
   */
  add(message: Message, not: { own: Listener | undefined; deaf: ReadonlySet<Listener> }): void {
    if (not.own !== undefined) this.#passOver(not.own);
    for (const listener of not.deaf) {
      if (listener !== not.own) this.#passOver(listener);
    }
    this.#all.push(message);
  }

  /** Tells it, and answers how many messages that were, summed up over all listeners. */
  tell(listeners: Iterable<Listener>): number {
    if (this.isEmpty) return 0;
    const [all, except] = [this.#all, this.#except];
    this.#all = [];
    this.#except = new Map();
    const whole = part(all, 0, all.length);
    const others: [Listener, readonly number[]][] = [];
    let told = 0;
    for (const listener of listeners) {
      const passedOver = except.get(listener);
      if (passedOver === undefined) {
        listener.deliver(whole);
        told += all.length;
      } else others.push([listener, passedOver]);
    }
    // after those who are all told the same, so that they are told it in a row
    for (const [listener, passedOver] of others) told += tellBetween(all, passedOver, listener);
    return told;
  }

  #passOver(listener: Listener): void {
    const passedOver = this.#except.get(listener);
    if (passedOver === undefined) this.#except.set(listener, [this.#all.length]);
    else passedOver.push(this.#all.length);
  }
}

/** Tells a listener all but some, and answers how many that were. */
function tellBetween(all: readonly Message[], passedOver: readonly number[], listener: Listener): number {
  let from = 0;
  for (const to of [...passedOver, all.length]) {
    if (from < to) listener.deliver(part(all, from, to));
    from = to + 1;
  }
  return all.length - passedOver.length;
}

/** Of one alone what is always told. */
function part(all: readonly Message[], from: number, to: number): Message | Messages {
  const [first] = all as [Message];
  return all.length === 1 ? first : { type: "messages", room: first.room, all, from, to };
}
