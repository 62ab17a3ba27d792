import { addressKey } from "../accounts/address.ts";
import type { Origin } from "../accounts/origin.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Distribution } from "./distribution.ts";
import type { Listener } from "./member.ts";

/** What need not be told of a log-in: the connection that came in by it, or what was issued for it. */
export type OwnDoing = Partial<Pick<Listener, "id" | "token">>;

/** Tells those who are in by an account that somebody has logged in to it: if that was not its owner, they know at once. */
export class NewLogins {
  #distribution: Pick<Distribution, "tellAccount">;
  #tokens: Pick<Tokens, "lastUse" | "use">;

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
   * Somebody has come in by a token, which programs do again and again: it is told only where the token was issued or
   * used last at another address, or nobody knows where.
   */
  tellByToken(token: TokenRecord, origin: Origin, own: OwnDoing): void {
    const before = this.#tokens.lastUse(token) ?? token.issuedTo;
    this.#tokens.use(token.id, origin);
    if (before !== undefined && addressKey(before.address) === addressKey(origin.address)) return;
    this.tell(token.account, origin, own);
  }
}
