import { signal } from "@preact/signals";
import type { ServerInfo, SessionInfo, Ticket } from "../../server/wire/web_types.ts";
import { call } from "../shared/call.ts";
import { sentenceOf } from "../shared/sentence.ts";

/** What the page is about that tells how one joins from a terminal. */
export class Joining {
  /** Undefined until it has said. */
  readonly server = signal<ServerInfo | undefined>(undefined);
  /** Who is signed in with this browser; null for nobody, undefined until the server has said. */
  readonly account = signal<SessionInfo["account"] | undefined>(undefined);
  /** The ticket that was given last, good or not. */
  readonly ticket = signal<Ticket | undefined>(undefined);
  /** Why something could not be done. */
  readonly failure = signal<string | undefined>(undefined);

  load(): Promise<void> {
    return this.#attempt(async () => {
      this.server.value = await call<ServerInfo>("GET", "/server");
      this.account.value = (await call<SessionInfo>("GET", "/session")).account;
    });
  }

  getTicket(): Promise<void> {
    return this.#attempt(async () => this.ticket.value = await call<Ticket>("POST", "/me/ticket"));
  }

  async #attempt(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
      this.failure.value = undefined;
    } catch (error) {
      this.failure.value = sentenceOf(error);
    }
  }
}
