import type { AccountRole } from "./roles.ts";

/** Who somebody is, as a provider vouches for just now. */
export interface Vouched {
  /** As OpenID Connect has it; of others the address of their web site. */
  readonly issuer: string;
  /** What the issuer never gives to anybody else. */
  readonly subject: string;
  /** E-mail addresses that the issuer has verified. */
  readonly addresses: readonly string[];
  /** What it calls them: for people, and for a name in chat; the best first. */
  readonly names: readonly string[];
  /** What it says that they may do; undefined where roles do not go by it. */
  readonly role: AccountRole | undefined;
}

/** A way to a provider that somebody has been sent on: kept until they come back. */
export interface Way {
  /** The provider's page at which it begins. */
  readonly url: string;
  /** Comes back with them: whoever comes with another has not been sent from here. */
  readonly state: string;
  /** The page here to which they come back. */
  readonly callback: string;
  /** Proves to the provider that it is the same server that asks in the end (PKCE). Secret. */
  readonly verifier: string;
  /** Comes back in what the provider signs: "" where it signs nothing. */
  readonly nonce: string;
}

/** Somebody who vouches for who people are: what is needed here of an issuer elsewhere. */
export interface IdentityProvider {
  /** As its addresses have it: `google`. */
  readonly name: string;
  /** For people: `Google`. */
  readonly title: string;
  readonly issuer: string;
  /** E-mail addresses, and domains as `@example.org`, in small letters, of those who may come in; undefined for all. */
  readonly allow: readonly string[] | undefined;

  /** Whether it answered when it was looked at last. Where that is long ago, it is looked at again, for the next who asks. */
  isAvailable(): boolean;

  /**
   * Prepares a way there.
   *
   * @param callback Where to come back to.
   * @throws {Refusal} `provider_unreachable`
   */
  begin(callback: string): Promise<Way>;

  /**
   * Finds out who has come back.
   *
   * @param answer What was brought along, as it stands in the address.
   * @throws {Refusal} `sign_in_refused`, `provider_unreachable`, `provider_not_trusted`
   */
  complete(way: Way, answer: URLSearchParams): Promise<Vouched>;
}
