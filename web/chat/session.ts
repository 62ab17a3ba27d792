import { effect, type Signal, signal } from "@preact/signals";
import type { CommandInfo, ServerInfo, SessionInfo } from "../../server/wire/web_types.ts";
import { call } from "../shared/call.ts";
import { sentenceOf } from "../shared/sentence.ts";
import type { Status } from "./connection.ts";
import { recallGuest, rememberGuest } from "./memory.ts";
import { Chat, type Identity } from "./state.ts";

/** An account that is signed in. */
export type Account = NonNullable<SessionInfo["account"]>;

/** Where the reader stands with the server. */
export type Stage =
  /** The server is being asked who the browser is signed in as. */
  | { readonly is: "starting" }
  | { readonly is: "unreachable"; readonly why: string }
  /** Nobody is signed in. @param why What has ended the last visit, if that is to be said. */
  | { readonly is: "outside"; readonly why?: string }
  | { readonly is: "inside"; readonly chat: Chat }
  /** The server has ended the visit of somebody who may come back. */
  | { readonly is: "sent away"; readonly why: string; readonly identity: Identity };

/** An access token, without what it is used by. */
export interface TokenInfo {
  readonly id: string;
  readonly label: string;
  readonly scope: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly revoked: boolean;
  /** It is the one of this browser. */
  readonly current: boolean;
}

/** Who the browser is signed in as, and what can be done about that. All that fails throws a sentence for people. */
export class Session {
  readonly stage: Signal<Stage> = signal({ is: "starting" });
  readonly account: Signal<Account | null> = signal(null);
  /** What anybody may know of the server; undefined until it has said. */
  readonly server: Signal<ServerInfo | undefined> = signal(undefined);
  /** What can be typed behind a /. */
  readonly commands: Signal<readonly CommandInfo[]> = signal([]);

  /** Asks the server who the browser is signed in as, and comes in if that is somebody. */
  async start(): Promise<void> {
    this.stage.value = { is: "starting" };
    try {
      const [server, { account }] = await Promise.all([
        call<ServerInfo>("GET", "/server"),
        call<SessionInfo>("GET", "/session"),
      ]);
      this.server.value = server;
      this.account.value = account;
      const guest = recallGuest();
      if (account !== null) this.enter({ account: account.id });
      else if (guest !== undefined) this.enter({ guest });
      else this.stage.value = { is: "outside" };
    } catch (error) {
      this.stage.value = { is: "unreachable", why: sentenceOf(error) };
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    const { account } = await call<SessionInfo>("POST", "/session", { username, password });
    this.account.value = account;
    rememberGuest(undefined);
    this.enter({ account: account!.id });
  }

  /** Makes an account and comes in as it. */
  async signUp(wanted: { username: string; name: string; password: string }): Promise<void> {
    const { username, name, password } = wanted;
    await call("POST", "/signup", { username, name_account: name, password });
    await this.logIn(username, password);
  }

  /** Comes in: as the account that is signed in, or as a guest who has been in. */
  enter(identity: Identity): void {
    this.#leaveChat();
    this.#show(new Chat(identity), identity);
  }

  /** Comes in as a guest, if the server takes the name. */
  async lookAround(guest: string): Promise<void> {
    const chat = new Chat({ guest });
    const { promise, resolve } = Promise.withResolvers<Status>();
    const dispose = effect(() =>
      chat.status.value.is === "connecting" ? undefined : resolve(chat.status.value)
    );
    const status = await promise;
    dispose();
    if (status.is !== "ended") return this.#show(chat, { guest });
    chat[Symbol.dispose]();
    throw new Error(status.why);
  }

  async logOut(): Promise<void> {
    const { account } = this;
    this.#leaveChat();
    rememberGuest(undefined);
    this.stage.value = { is: "outside" };
    if (account.value !== null) await call("DELETE", "/session");
    account.value = null;
  }

  async logOutEverywhere(): Promise<void> {
    await call("DELETE", "/me/tokens");
    this.#leaveChat();
    this.account.value = null;
    this.stage.value = { is: "outside", why: "You are logged out everywhere." };
  }

  async changePassword(current: string, password: string): Promise<void> {
    await call("POST", "/me/password", { current_password: current, password });
  }

  /** Those that are still good for something, the newest first. */
  async tokens(): Promise<readonly TokenInfo[]> {
    const all = await call<TokenInfo[]>("GET", "/me/tokens");
    return all.filter(({ revoked, expires_at }) => !revoked && Date.parse(expires_at) > Date.now()).reverse();
  }

  /** @returns The token itself, which is shown only now. */
  async issueToken(label: string): Promise<string> {
    return (await call<{ token: string }>("POST", "/me/tokens", { label })).token;
  }

  async revokeToken(id: string): Promise<void> {
    await call("DELETE", `/me/tokens/${encodeURIComponent(id)}`);
  }

  /** Who is banned may come back later, whose token has ended has to log in. */
  async #sentAway(chat: Chat, identity: Identity, why: string): Promise<void> {
    chat[Symbol.dispose]();
    const session = await call<SessionInfo>("GET", "/session").catch(() => undefined);
    if (this.stage.value.is !== "inside" || this.stage.value.chat !== chat) return; // it was left meanwhile
    this.account.value = session?.account ?? null;
    const isOut = "account" in identity && session?.account === null;
    this.stage.value = isOut ? { is: "outside", why } : { is: "sent away", why, identity };
  }

  #show(chat: Chat, identity: Identity): void {
    this.stage.value = { is: "inside", chat };
    void this.#learnCommands();
    const dispose = effect(() => {
      const status = chat.status.value;
      if (status.is === "ended") {
        queueMicrotask(() => (dispose(), void this.#sentAway(chat, identity, status.why)));
      }
    });
  }

  async #learnCommands(): Promise<void> {
    if (this.commands.value.length > 0) return;
    const known = await call<{ commands: CommandInfo[] }>("GET", "/commands").catch(() => undefined);
    this.commands.value = known?.commands ?? [];
  }

  #leaveChat(): void {
    const stage = this.stage.value;
    if (stage.is === "inside") stage.chat[Symbol.dispose]();
  }
}
