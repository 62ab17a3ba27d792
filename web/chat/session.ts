import { effect, type Signal, signal } from "@preact/signals";
import type { CommandInfo } from "../../server/wire/web_types.ts";
import { type Account, Entrance } from "../entrance/entrance.ts";
import { call } from "../shared/call.ts";
import type { Status } from "./connection.ts";
import { recallGuest, rememberGuest } from "./memory.ts";
import { OwnAccount } from "./own_account.ts";
import { Chat, type Identity } from "./state.ts";

/** Where the reader stands with the chat. */
export type Stage =
  | { readonly is: "at the door" }
  | { readonly is: "inside"; readonly chat: Chat }
  /** The server has ended the visit of somebody who may come back. */
  | { readonly is: "sent away"; readonly why: string; readonly identity: Identity };

/** An account that somebody wants to have. */
export interface WantedAccount {
  readonly username: string;
  readonly name: string;
  readonly password: string;
  /** "" for none. */
  readonly invitation: string;
}

/** Who the reader is, and whether they are in the chat. All that fails throws a sentence for people. */
export class Session {
  readonly stage: Signal<Stage> = signal({ is: "at the door" });
  readonly entrance = new Entrance((account) => this.#isKnown(account));
  readonly own = new OwnAccount(this.entrance);
  /** What can be typed behind a /. */
  readonly commands: Signal<readonly CommandInfo[]> = signal([]);
  /** The chat of a guest who is just becoming a member: it stays. */
  #staying: Chat | undefined;

  /** The account that is signed in; null for a guest, or nobody. */
  get account(): Account | null {
    const standing = this.entrance.standing.value;
    return standing.is === "inside" ? standing.account : null;
  }

  /** Comes in if the browser is signed in, or a guest has been in on this tab. */
  async start(): Promise<void> {
    await this.entrance.open();
    const { standing, news, invited } = this.entrance;
    const guest = recallGuest();
    const isAsked = standing.value.is !== "outside" || news.value !== undefined ||
      invited.value !== undefined;
    if (guest !== undefined && !isAsked) this.enter({ guest });
  }

  /** Comes in: as the account that is signed in, or as a guest who has been in. */
  enter(identity: Identity): void {
    this.#leaveChat();
    this.#show(new Chat(identity));
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
    if (status.is !== "ended") return this.#show(chat);
    chat[Symbol.dispose]();
    throw new Error(status.why);
  }

  /** Makes an account of the guest who is in, and who stays where they are. */
  async becomeMember(chat: Chat, wanted: WantedAccount): Promise<void> {
    await chat.signUp(wanted);
    this.#staying = chat;
    try {
      await this.entrance.logIn(wanted.username, wanted.password); // for the browser to know it as well
    } finally {
      this.#staying = undefined;
    }
    if (this.entrance.standing.value.is !== "inside") this.#goToDoor();
  }

  async logOut(): Promise<void> {
    this.#goToDoor();
    rememberGuest(undefined);
    if (this.account === null) this.entrance.leave();
    else await this.entrance.logOut();
  }

  async logOutEverywhere(): Promise<void> {
    await call("DELETE", "/me/tokens");
    this.#goToDoor();
    this.entrance.leave({ good: false, text: "You are logged out everywhere." });
  }

  #isKnown(account: Account): void {
    rememberGuest(undefined);
    if (this.#staying !== undefined) this.#staying.belongTo(account.id);
    else this.enter({ account: account.id });
  }

  /** Who is banned may come back later, whose token has ended has to log in. */
  async #sentAway(chat: Chat, why: string): Promise<void> {
    chat[Symbol.dispose]();
    const { identity } = chat;
    const session = await this.entrance.ask().catch(() => undefined);
    if (this.stage.value.is !== "inside" || this.stage.value.chat !== chat) return; // it was left meanwhile
    const isOut = "account" in identity && (session?.account === null || session?.must_enrol);
    if (!session || !isOut) {
      this.stage.value = { is: "sent away", why, identity };
      return;
    }
    this.stage.value = { is: "at the door" };
    this.entrance.news.value = { good: false, text: why };
    this.entrance.follow(session);
  }

  #show(chat: Chat): void {
    this.stage.value = { is: "inside", chat };
    this.#tellNews(chat);
    void this.#learnCommands();
    const dispose = effect(() => {
      const status = chat.status.value;
      if (status.is === "ended") {
        queueMicrotask(() => (dispose(), void this.#sentAway(chat, status.why)));
      }
    });
  }

  /** What has brought somebody who is in already is said in the chat. */
  #tellNews(chat: Chat): void {
    const { news, invited } = this.entrance;
    const told = invited.value === undefined
      ? news.value?.text
      : "You have an account here; the invitation is for others.";
    if (told !== undefined) chat.here.note(told, { loud: true });
    news.value = invited.value = undefined;
  }

  async #learnCommands(): Promise<void> {
    if (this.commands.value.length > 0) return;
    const known = await call<{ commands: CommandInfo[] }>("GET", "/commands").catch(() => undefined);
    this.commands.value = known?.commands ?? [];
  }

  #goToDoor(): void {
    this.#leaveChat();
    this.stage.value = { is: "at the door" };
  }

  #leaveChat(): void {
    const stage = this.stage.value;
    if (stage.is === "inside") stage.chat[Symbol.dispose]();
  }
}
