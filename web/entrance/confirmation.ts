import { signal } from "@preact/signals";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import { call, CallFailed } from "../shared/call.ts";
import { askPasskey } from "./passkeys.ts";

/** What the server answers a passkey to. */
export interface PasskeyQuestion {
  readonly login: string;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
}

/** The server wants to know that it is still the same person. */
const WANTED = 428;

/** Asks who is signed in for the password once more, where a call wants that, and then goes on with the call. */
export class Confirmation {
  readonly wanted = signal(false);
  /** What waits for the password: one question for all calls that want it. */
  #waiting: PromiseWithResolvers<void> | undefined;

  /** As `call`. @throws {CallFailed} also where the password is not given. */
  async call<Answer>(...request: Parameters<typeof call>): Promise<Answer> {
    try {
      return await call<Answer>(...request);
    } catch (error) {
      if (!(error instanceof CallFailed) || error.status !== WANTED) throw error;
      await this.#asked();
      return await call<Answer>(...request);
    }
  }

  /** @throws {CallFailed} where the password is wrong; it may be tried again. */
  async byPassword(password: string): Promise<void> {
    await call("POST", "/session/confirm", { password });
    this.#end()?.resolve();
  }

  async byPasskey(): Promise<void> {
    const { login, options } = await call<PasskeyQuestion>("POST", "/session/passkey/options", {});
    await call("POST", "/session/confirm", { login, response: await askPasskey(options) });
    this.#end()?.resolve();
  }

  /** The password is not given, so what waits for it fails. */
  giveUp(): void {
    this.#end()?.reject(new CallFailed(WANTED, "The password was not given, so nothing was done."));
  }

  #asked(): Promise<void> {
    this.#waiting ??= Promise.withResolvers();
    this.wanted.value = true;
    return this.#waiting.promise;
  }

  #end(): PromiseWithResolvers<void> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.wanted.value = false;
    return waiting;
  }
}

/** It was asked whether it is still the same person, and that was given up. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof CallFailed && error.status === WANTED;
}
