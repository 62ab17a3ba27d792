import { signal } from "@preact/signals";
import type { ServerInfo, SessionInfo } from "../../server/wire/web_types.ts";
import { call, CallFailed } from "../shared/call.ts";
import type { Gate } from "./api.ts";

/** An account that is signed in. */
export type SignedIn = NonNullable<SessionInfo["account"]>;

/** Who is signed in with this browser, and whether the password is being asked for again. */
export class Session implements Gate {
  /** null for nobody; undefined until the server has said. */
  readonly account = signal<SignedIn | null | undefined>(undefined);
  /** What anybody may know of the server; undefined until it has said. */
  readonly server = signal<ServerInfo | undefined>(undefined);
  /** Why the server could not be asked; undefined where nothing is wrong. */
  readonly failure = signal<unknown>(undefined);
  readonly passwordWanted = signal(false);
  /** What waits for the password: one question for all calls that want it. */
  #confirming: PromiseWithResolvers<void> | undefined;

  async load(): Promise<void> {
    this.failure.value = undefined;
    try {
      this.server.value = await call<ServerInfo>("GET", "/server");
      const { account, confirmed_until } = await call<SessionInfo>("GET", "/session");
      this.account.value = account;
      if (confirmed_until !== null && Date.parse(confirmed_until) < Date.now()) await this.confirmed();
    } catch (error) {
      if (!isGivenUp(error)) this.failure.value = error;
    }
  }

  /** @throws {CallFailed} */
  async signIn(username: string, password: string): Promise<void> {
    this.account.value = (await call<SessionInfo>("POST", "/session", { username, password })).account;
  }

  async signOut(): Promise<void> {
    try {
      this.account.value = (await call<SessionInfo>("DELETE", "/session")).account;
      this.giveUp();
    } catch (error) {
      this.failure.value = error;
    }
  }

  recheck(): void {
    void this.load();
  }

  confirmed(): Promise<void> {
    this.#confirming ??= Promise.withResolvers();
    this.passwordWanted.value = true;
    return this.#confirming.promise;
  }

  /** @throws {CallFailed} where the password is wrong; it may be tried again. */
  async confirm(password: string): Promise<void> {
    await call("POST", "/session/confirm", { password });
    this.#answer()?.resolve();
  }

  /** The password is not given, so what waits for it fails. */
  giveUp(): void {
    this.#answer()?.reject(new CallFailed(428, "The password was not given, so nothing was done."));
  }

  #answer(): PromiseWithResolvers<void> | undefined {
    const confirming = this.#confirming;
    this.#confirming = undefined;
    this.passwordWanted.value = false;
    return confirming;
  }
}

/** The password was asked for again and not given. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof CallFailed && error.status === 428;
}
