import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { IdentityInfo, OwnConnection, OwnToken } from "../../server/wire/web_types.ts";
import type { Confirmation } from "../entrance/confirmation.ts";
import type { Entrance } from "../entrance/entrance.ts";
import { SecondFactors } from "../entrance/second_factors.ts";

/** One's own account: by what one comes in, and where one is. What fails throws a sentence for people. */
export class OwnAccount {
  readonly factors: SecondFactors;
  readonly #identities: Signal<readonly IdentityInfo[]> = signal([]);
  readonly #tokens: Signal<readonly OwnToken[]> = signal([]);
  readonly #connections: Signal<readonly OwnConnection[]> = signal([]);
  #entrance: Entrance;
  #confirmation: Confirmation;

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
    this.#confirmation = entrance.confirmation;
    this.factors = new SecondFactors(entrance.confirmation);
  }

  /** Who one is for identity providers. */
  get identities(): ReadonlySignal<readonly IdentityInfo[]> {
    return this.#identities;
  }

  /** The access tokens that are still good for something, the newest first. */
  get tokens(): ReadonlySignal<readonly OwnToken[]> {
    return this.#tokens;
  }

  /** The connections that are open, oldest first. */
  get connections(): ReadonlySignal<readonly OwnConnection[]> {
    return this.#connections;
  }

  /** Sets or changes the password. @param given "" for what is not asked. */
  async changePassword({ current, password, code }: { current: string; password: string; code: string }) {
    await this.#confirmation.call("POST", "/me/password", {
      password,
      ...current === "" ? {} : { current_password: current },
      ...code === "" ? {} : { code },
    });
    await this.#entrance.learn();
  }

  async learnIdentities(): Promise<void> {
    this.#identities.value = await this.#confirmation.call("GET", "/me/identities");
  }

  /** Goes to an identity provider, which sends the browser back. */
  async link(provider: string): Promise<void> {
    const way = `/me/identities/${encodeURIComponent(provider)}`;
    const { url } = await this.#confirmation.call<{ url: string }>("POST", way);
    this.#entrance.setOut();
    location.assign(url);
  }

  async unlink(id: string): Promise<void> {
    await this.#confirmation.call("DELETE", `/me/identities/${encodeURIComponent(id)}`);
    await this.learnIdentities();
  }

  /** Finds out where one is logged in. */
  async learnWhereabouts(): Promise<void> {
    const [tokens, connections] = await Promise.all([
      this.#confirmation.call<OwnToken[]>("GET", "/me/tokens"),
      this.#confirmation.call<OwnConnection[]>("GET", "/me/connections"),
    ]);
    this.#tokens.value = tokens.filter(isGood).reverse();
    this.#connections.value = connections;
  }

  /** @returns The token itself, which is shown only now. */
  async issueToken(label: string): Promise<string> {
    const { token } = await this.#confirmation.call<{ token: string }>("POST", "/me/tokens", { label });
    await this.learnWhereabouts();
    return token;
  }

  async revokeToken(id: string): Promise<void> {
    await this.#confirmation.call("DELETE", `/me/tokens/${encodeURIComponent(id)}`);
    await this.learnWhereabouts();
  }

  async endConnection(id: string): Promise<void> {
    await this.#confirmation.call("DELETE", `/me/connections/${encodeURIComponent(id)}`);
    await this.learnWhereabouts();
  }
}

function isGood({ revoked, expires_at }: OwnToken): boolean {
  return !revoked && Date.parse(expires_at) > Date.now();
}
