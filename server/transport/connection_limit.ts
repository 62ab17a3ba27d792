import { addressKey, isLoopback } from "../accounts/address.ts";
import { AttemptLimit } from "../accounts/attempt_limit.ts";
import { type Refusal, serverFull, tooManyConnections, tooManyNewConnections } from "../refusals.ts";

/** How many connections there may be; 0 for any number. May change while the server runs. */
export interface ConnectionMaxima {
  readonly maxConnections: number;
  readonly connectionsPerAddress: number;
  readonly newConnectionsPerMinute: number;
}

/** Counts connections, in all and by address (an IPv6 /64 is one), over all listeners. Loopback counts in all only. */
export class ConnectionLimit {
  #maxima: ConnectionMaxima;
  #newPerMinute: AttemptLimit;
  #count = 0;
  /** Address key → connections. */
  #byAddress = new Map<string, number>();

  constructor(maxima: ConnectionMaxima, now: () => number = () => performance.now()) {
    this.#maxima = maxima;
    this.#newPerMinute = new AttemptLimit({
      get most() {
        return maxima.newConnectionsPerMinute;
      },
      perMs: 60_000,
      now,
    });
  }

  /** Takes a connection in, or says why not. What was taken in must be released. */
  admit(address: string): Refusal | undefined {
    const refusal = this.#refusalFor(address);
    if (refusal !== undefined) return refusal;
    this.#count++;
    const key = addressKey(address);
    this.#byAddress.set(key, (this.#byAddress.get(key) ?? 0) + 1);
  }

  release(address: string): void {
    this.#count--;
    const key = addressKey(address);
    const left = this.#byAddress.get(key)! - 1;
    if (left > 0) this.#byAddress.set(key, left);
    else this.#byAddress.delete(key);
  }

  #refusalFor(address: string): Refusal | undefined {
    const { maxConnections, connectionsPerAddress } = this.#maxima;
    if (maxConnections > 0 && this.#count >= maxConnections) return serverFull(maxConnections);
    if (isLoopback(address)) return undefined;
    const key = addressKey(address);
    const present = this.#byAddress.get(key) ?? 0;
    if (connectionsPerAddress > 0 && present >= connectionsPerAddress) {
      return tooManyConnections(connectionsPerAddress);
    }
    const seconds = this.#newPerMinute.take(key);
    return seconds === 0 ? undefined : tooManyNewConnections(this.#maxima.newConnectionsPerMinute, seconds);
  }
}
