import { type Signal, signal } from "@preact/signals";
import type {
  NextStep,
  PendingEntry,
  ProviderInfo,
  SecondFactor,
  ServerInfo,
  SessionInfo,
} from "../../server/wire/web_types.ts";
import { call } from "../shared/call.ts";
import type { Said } from "../shared/Notice.tsx";
import { sentenceOf } from "../shared/sentence.ts";
import { type Arrival, takeArrival } from "./arrival.ts";
import { Confirmation, type PasskeyQuestion } from "./confirmation.ts";
import { rememberInvitation, rememberSettingOut, takeSettingOut } from "./memory.ts";
import { askPasskey } from "./passkeys.ts";

/** An account that is signed in. */
export type Account = NonNullable<SessionInfo["account"]>;

/** How far somebody has come in. */
export type Standing =
  /** The server is being asked who the browser is signed in as. */
  | { readonly is: "asking" }
  | { readonly is: "unreachable"; readonly why: string }
  | { readonly is: "outside" }
  /** The first factor was right; one of these is owed yet. */
  | { readonly is: "owing"; readonly login: string; readonly factors: readonly SecondFactor[] }
  /** Known to an identity provider, for the first time here: an account is to be made. */
  | {
    readonly is: "nameless";
    readonly title: string;
    readonly suggested: string;
    readonly asksInvitation: boolean;
  }
  /** Comes by an admin's link to set a password. */
  | { readonly is: "without password"; readonly link: string }
  /** Signed in, but the server wants a second factor before anything else. */
  | { readonly is: "enrolling"; readonly account: Account }
  | { readonly is: "inside"; readonly account: Account };

/**
 * The way in, the same for all pages: by password, passkey or identity provider, with a second step where one is owed.
 * What fails throws a sentence for people.
 */
export class Entrance {
  readonly standing: Signal<Standing> = signal({ is: "asking" });
  /** What anybody may know of the server; undefined until it has said. */
  readonly server: Signal<ServerInfo | undefined> = signal(undefined);
  /** What has brought the reader here, if that is to be said. */
  readonly news: Signal<Said | undefined> = signal(undefined);
  /** By what link somebody was invited; undefined where by none. */
  readonly invited: Signal<string | undefined> = signal(undefined);
  readonly confirmation = new Confirmation();
  #onIn: (account: Account) => void;

  /** @param onIn Called whenever somebody has come in. */
  constructor(onIn: (account: Account) => void = () => {}) {
    this.#onIn = onIn;
  }

  /** Finds out who the browser is signed in as, and what the address has brought. */
  async open(): Promise<void> {
    this.standing.value = { is: "asking" };
    try {
      const [server, session] = await Promise.all([
        call<ServerInfo>("GET", "/server"),
        this.ask(),
      ]);
      this.server.value = server;
      await this.#arrive(takeArrival(), session);
    } catch (error) {
      this.standing.value = { is: "unreachable", why: sentenceOf(error) };
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    this.follow(await call<SessionInfo | NextStep>("POST", "/session", { username, password }));
  }

  /** The second step, by a code of an app or a recovery code. */
  async giveCode(login: string, code: string): Promise<void> {
    this.follow(await call<SessionInfo>("POST", "/session/code", { login, code }));
  }

  /** @param begun The log-in of which it is the second step; undefined where it is the only one. */
  async usePasskey(begun?: string): Promise<void> {
    const question = await call<PasskeyQuestion>(
      "POST",
      "/session/passkey/options",
      begun === undefined ? {} : { login: begun },
    );
    const response = await askPasskey(question.options);
    this.follow(await call<SessionInfo>("POST", "/session/passkey", { login: question.login, response }));
  }

  /** Makes an account for somebody whom an identity provider knows. */
  async takeName(name: string, invitation: string): Promise<void> {
    const asked = { name, ...invitation === "" ? {} : { invitation } };
    this.follow(await call<SessionInfo>("POST", "/session/identity", asked));
  }

  /** Makes an account and comes in as it. */
  async signUp(
    { username, name, password, invitation }: {
      username: string;
      name: string;
      password: string;
      invitation: string;
    },
  ): Promise<void> {
    const asked = { username, name_account: name, password, ...invitation === "" ? {} : { invitation } };
    await call("POST", "/signup", asked);
    await this.logIn(username, password);
  }

  /** Sets a password by an admin's link. */
  async setPassword(link: string, { password, code }: { password: string; code: string }): Promise<void> {
    await call("POST", "/password", { link, password, ...code === "" ? {} : { code } });
    this.leave({ good: true, text: "Your password is set. Log in with it." });
  }

  /** Where an identity provider asks who one is, and sends one back to this page. */
  wayTo({ name }: ProviderInfo): string {
    return `/oauth/${encodeURIComponent(name)}?to=${encodeURIComponent(location.pathname)}`;
  }

  /** Somebody goes that way. */
  setOut(): void {
    rememberSettingOut();
  }

  /** Asks anew who is signed in, and goes on from there. */
  async look(): Promise<void> {
    this.follow(await this.ask());
  }

  /** Who the browser is signed in as just now. */
  ask(): Promise<SessionInfo> {
    return call<SessionInfo>("GET", "/session");
  }

  /** Learns anew how the account is of somebody who is in. */
  async learn(): Promise<void> {
    const { account } = await this.ask();
    if (this.standing.value.is === "inside" && account !== null) {
      this.standing.value = { is: "inside", account };
    }
  }

  /** Begins anew, outside. @param news Why. */
  leave(news?: Said): void {
    this.news.value = news;
    this.standing.value = { is: "outside" };
  }

  async logOut(): Promise<void> {
    this.leave();
    await call("DELETE", "/session");
  }

  /** Goes as far as the server lets somebody. */
  follow(answer: SessionInfo | NextStep): void {
    if ("login" in answer) {
      this.standing.value = { is: "owing", ...answer };
      return;
    }
    const { account, must_enrol: mustEnrol } = answer;
    if (account === null) {
      this.standing.value = { is: "outside" };
      return;
    }
    this.standing.value = { is: mustEnrol ? "enrolling" : "inside", account };
    if (mustEnrol) return;
    rememberInvitation("");
    this.#onIn(account);
  }

  async #arrive(arrival: Arrival, session: SessionInfo): Promise<void> {
    const hasSetOut = takeSettingOut();
    switch (arrival.is) {
      case "new password":
        this.standing.value = { is: "without password", link: arrival.link };
        return;
      case "pending":
        return this.#resume(await call<PendingEntry>("GET", "/session/pending"), session);
      case "failed": // anybody can write such a link; who has set out has come by the server's own
        this.news.value = { good: false, text: hasSetOut ? arrival.why : "That log-in came to nothing." };
        break;
      case "linked":
        this.news.value = { good: true, text: `You can log in by ${arrival.title} from now on.` };
        break;
      case "invited":
        this.invited.value = arrival.invitation;
        rememberInvitation(arrival.invitation);
        break;
      case "nothing":
    }
    this.follow(session);
  }

  #resume(pending: PendingEntry, session: SessionInfo): void {
    switch (pending.is) {
      case "nothing":
        return this.follow(session);
      case "code":
        return this.follow({ login: pending.login, factors: pending.factors });
      case "name": {
        const { title, suggested, asks_invitation: asksInvitation } = pending;
        this.standing.value = { is: "nameless", title, suggested, asksInvitation };
      }
    }
  }
}
