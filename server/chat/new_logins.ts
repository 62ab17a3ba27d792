import { addressKey } from "../accounts/address.ts";
import type { Origin } from "../accounts/origin.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Distribution } from "./distribution.ts";
import type { Listener } from "./member.ts";

/** What need not be told of a log-in: the connection that came in by it, or what was issued for it. */
export type OwnDoing = Partial<Pick<Listener, "id" | "token">>;

/** How many places are remembered where tokens have been used. */
const MOST_REMEMBERED = 100_000;

/** Tells those who are in by an account that somebody has logged in to it: if that was not its owner, they know at once. */
export class NewLogins {
  #distribution: Pick<Distribution, "tellAccount">;
  #tokens: Pick<Tokens, "lastUse" | "use">;
  /** Tokens and the addresses where each has been used: a program may be at several in turn. */
  #known = new Set<string>();

  constructor(
    parts: { distribution: Pick<Distribution, "tellAccount">; tokens: Pick<Tokens, "lastUse" | "use"> },
  ) {
    this.#distribution = parts.distribution;
    this.#tokens = parts.tokens;
  }

  /** Somebody has proved to be the account, in whatever way. */
  tell(account: string, { address, how }: Origin, own: OwnDoing = {}): void {
    const text = `New login from ${address} by ${how}.`;
    const isOwn = ({ id, token }: Listener) => id === own.id || (token !== undefined && token === own.token);
    this.#distribution.tellAccount({ type: "told", text, at: new Date() }, account, isOwn);
  }

  /**
   * A token is used, which programs do again and again: it is told, once for each address, where the token was issued or
   * used last at another one, or nobody knows where.
   */
  tellByToken(token: TokenRecord, origin: Origin, own: OwnDoing): void {
    const before = this.#tokens.lastUse(token) ?? token.issuedTo;
    this.#tokens.use(token.id, origin);
    const address = addressKey(origin.address);
    if (!this.#isNew(`${token.id} ${address}`)) return;
    if (before !== undefined && addressKey(before.address) === address) return;
    this.tell(token.account, origin, own);
  }

  #isNew(place: string): boolean {
    if (this.#known.has(place)) return false;
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.add(place);
    return true;
  }
}
