import type { Identities } from "../accounts/identities.ts";
import { Refusal, stepOver } from "../refusals.ts";
import type { PendingEntry } from "../wire/web_types.ts";
import type { Arriving } from "./browser_sessions.ts";
import type { Errands } from "./errands.ts";
import type { ApiParts } from "./route.ts";

interface NewcomersParts extends Pick<ApiParts, "browserSessions" | "hub" | "login"> {
  readonly identities: Identities;
  readonly errands: Errands;
}

/** Those who have come back from an identity provider, and owe something before they are in. */
export class Newcomers {
  #parts: NewcomersParts;

  constructor(parts: NewcomersParts) {
    this.#parts = parts;
  }

  /** What a browser still owes that has come back. */
  async owed(request: Request): Promise<PendingEntry> {
    const { errands, identities, login } = this.#parts;
    const errand = errands.of(request);
    if (errand?.is === "code" && this.#isOwing(errand.login)) return errand;
    if (errand?.is !== "name") return { is: "nothing" };
    return {
      is: "name",
      title: identities.provider(errand.provider).title,
      suggested: await identities.suggestedName(errand.who),
      asks_invitation: login.asksInvitation,
    };
  }

  /**
   * Makes an account for somebody who has chosen a name, and signs them in.
   *
   * @param wanted.invitation Its code, or what stands in its link.
   * @throws {Refusal} `step_over`, `banned`, and what stands in the way of a new account
   */
  async name(
    arriving: Arriving,
    { name, invitation: given }: { name: string; invitation?: string | undefined },
  ): Promise<Response> {
    const { request, address } = arriving;
    const { errands, identities, login, hub, browserSessions } = this.#parts;
    const errand = errands.of(request);
    if (errand?.is !== "name") throw stepOver();
    hub.moderation.checkMaySignUp({ name, address });
    const invitation = await login.admitInvitation(address, given);
    await login.checkUsername(name); // first, for its owner may be here under that very name
    using _claim = hub.claim(name);
    const provider = identities.provider(errand.provider);
    const account = await identities.signUp(provider, errand.who, { address, name, invitation });
    const forget = errands.end(request);
    if (invitation !== undefined) await hub.admitInvited({ id: account.id, address }, invitation);
    const response = await browserSessions.open(arriving, account);
    response.headers.append("set-cookie", forget);
    return response;
  }

  #isOwing(login: string): boolean {
    try {
      return this.#parts.browserSessions.owing(login) !== undefined;
    } catch (error) {
      if (error instanceof Refusal) return false; // that took too long
      throw error;
    }
  }
}
