import { Secret, TOTP } from "otpauth";
import { call } from "./api.ts";
import type { TestServer } from "./start_server.ts";

const STEP_MS = 30_000;

/** Somebody's app that shows codes. */
export class Authenticator {
  #totp: TOTP;
  /** The last of its codes that was given out, by its number. */
  #given = 0;

  /** @param secret Base32. */
  constructor(secret: string) {
    this.#totp = new TOTP({ secret: Secret.fromBase32(secret) });
  }

  /** Switches codes on for whoever has a token. */
  static async of(server: TestServer, token: string): Promise<Authenticator & { recoveryCodes: string[] }> {
    const { json: { secret } } = await call(server, "/me/mfa", { method: "POST", token });
    const app = new Authenticator(secret);
    const { json } = await call(server, "/me/mfa/confirm", {
      token,
      json: { code: app.shows({ steps: -1 }) },
    });
    return Object.assign(app, { recoveryCodes: json.recovery_codes as string[] });
  }

  /** What it shows just now, or so many half minutes later. */
  shows({ steps = 0 } = {}): string {
    return this.#totp.generate({ timestamp: Date.now() + steps * STEP_MS });
  }

  /**
   * A code that is good and was not given out before: that of now, or the next one, which is good already. There are no
   * more than these two within a half minute.
   */
  fresh(): string {
    const now = this.#totp.counter();
    const step = Math.max(now, this.#given + 1);
    if (step > now + 1) throw new Error("No code is left that was not given out: wait for half a minute");
    this.#given = step;
    return this.#totp.generate({ timestamp: step * STEP_MS });
  }
}
