import { jwtVerify, SignJWT } from "jose";

const ALGORITHM = "HS256";

/** What a link is for: one for something else is none. */
export type LinkPurpose = "invitation" | "password";

/** What stands in a link. */
interface Signed {
  /** The id of an invitation or of an account. */
  readonly subject: string;
  /** What must still be the same when it is used; "" for nothing. */
  readonly state: string;
}

/**
 * Signs what is handed out as a link and comes back: a JWT (RFC 7519) that says what it is for, and is no access token,
 * for there is no record of it.
 */
export class SignedLinks {
  #key: Uint8Array<ArrayBuffer>;
  #now: () => number;

  /** @param key That of the tokens. */
  constructor(key: Uint8Array<ArrayBuffer>, now: () => number = Date.now) {
    this.#key = key;
    this.#now = now;
  }

  sign(purpose: LinkPurpose, { subject, state = "", expiresAt }: {
    subject: string;
    state?: string;
    expiresAt: Date;
  }): Promise<string> {
    return new SignJWT({ state })
      .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setAudience(purpose)
      .setSubject(subject)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
  }

  /** What was signed; undefined where it was not, or for something else, or its time is over. */
  async read(purpose: LinkPurpose, link: string): Promise<Signed | undefined> {
    try {
      const { payload } = await jwtVerify(link, this.#key, {
        algorithms: [ALGORITHM],
        audience: purpose,
        currentDate: new Date(this.#now()),
        requiredClaims: ["exp"],
      });
      return { subject: payload.sub ?? "", state: String(payload.state ?? "") };
    } catch {
      return undefined;
    }
  }
}
