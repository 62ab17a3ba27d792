/** Told that so many bytes more, or less, are kept in memory for a request: of its body, of its answer until it is read. */
export type Hold = (bytes: number) => void;

/** What may be kept for the requests of one connection, and of all. */
const MOST_OF_CONNECTION = 64 * 1_048_576;
const MOST_IN_ALL = 256 * 1_048_576;

/**
 * Knows what is kept in memory for requests, of whom there may be hundreds on one connection: bodies that do not come to
 * their end, and answers that nobody reads.
 */
export class HeldBytes<Connection> {
  /** Connection → bytes; none of 0. */
  #held = new Map<Connection, number>();
  #inAll = 0;

  /** Answers who has to go for it, if somebody has: whoever has too much or, where all have, whoever has most. */
  add(connection: Connection, bytes: number): Connection | undefined {
    const held = (this.#held.get(connection) ?? 0) + bytes;
    this.#held.set(connection, held);
    this.#inAll += bytes;
    if (held > MOST_OF_CONNECTION) return connection;
    return this.#inAll > MOST_IN_ALL ? this.#greediest() : undefined;
  }

  /** They are kept no longer. */
  remove(connection: Connection, bytes: number): void {
    const held = this.#held.get(connection);
    if (held === undefined) return; // forgotten
    this.#inAll -= bytes;
    if (held === bytes) this.#held.delete(connection);
    else this.#held.set(connection, held - bytes);
  }

  /** It is gone, and with it all that was kept for it. */
  forget(connection: Connection): void {
    this.#inAll -= this.#held.get(connection) ?? 0;
    this.#held.delete(connection);
  }

  #greediest(): Connection | undefined {
    let [greediest, most] = [undefined as Connection | undefined, 0];
    for (const [connection, held] of this.#held) {
      if (held > most) [greediest, most] = [connection, held];
    }
    return greediest;
  }
}
