import type { Configuration } from "openid-client";
import type { IdentityProvider, Vouched, Way } from "../accounts/identity_provider.ts";
import { ACCOUNT_ROLES, type AccountRole } from "../accounts/roles.ts";
import { providerNotTrusted, providerUnreachable, type Refusal, signInRefused } from "../refusals.ts";
import { Unreachable } from "./bounded_fetch.ts";
import { Issuer, type IssuerReport } from "./issuer.ts";
import { openIdProfile, type PlainOAuth, presets, type Profile, type ProviderOptions } from "./providers.ts";

/** The longest that an issuer may identify somebody by (OpenID Connect Core, 2). */
const MOST_SUBJECT_LENGTH = 255;

/** Told of issuers that come and go, and of answers that cannot be believed. */
export interface FlowReport extends IssuerReport {
  failed(provider: string, because: string): void;
}

/**
 * Signing in at an issuer elsewhere: its page asks who somebody is and sends them back with a code, for which this server
 * fetches what the issuer vouches for (the authorization code flow of OpenID Connect, with PKCE).
 */
export class Flow implements IdentityProvider, AsyncDisposable {
  #options: ProviderOptions;
  #plain: PlainOAuth | undefined;
  #issuer: Issuer;
  #report: FlowReport;

  constructor(options: ProviderOptions, report: FlowReport) {
    this.#options = options;
    this.#plain = options.preset && presets[options.preset].plain;
    this.#issuer = new Issuer(options, report);
    this.#report = report;
  }

  get name(): string {
    return this.#options.name;
  }

  get title(): string {
    return this.#options.title;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  get allow(): readonly string[] | undefined {
    return this.#options.allow;
  }

  isAvailable(): boolean {
    return this.#issuer.isAvailable();
  }

  async begin(callback: string): Promise<Way> {
    const openid = await import("openid-client");
    const configuration = await this.#issuer.find().catch(() => {
      throw providerUnreachable(this.title);
    });
    const state = openid.randomState();
    const nonce = this.#plain ? "" : openid.randomNonce();
    const verifier = openid.randomPKCECodeVerifier();
    const { href } = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope: this.#options.scopes.join(" "),
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...nonce && { nonce },
    });
    return { url: href, state, callback, verifier, nonce };
  }

  async complete(way: Way, answer: URLSearchParams): Promise<Vouched> {
    try {
      const configuration = await this.#issuer.find();
      const back = new URL(way.callback);
      back.search = answer.toString();
      const claims = this.#plain === undefined ? await openIdClaims(configuration, { way, back }) : undefined;
      const profile = claims === undefined
        ? await plainProfile(configuration, { way, back, plain: this.#plain!, issuer: this.issuer })
        : openIdProfile(claims);
      return this.#vouched(profile, claims);
    } catch (error) {
      throw await this.#refusalOf(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#issuer[Symbol.asyncDispose]();
  }

  #vouched(profile: Profile, claims: Claims | undefined): Vouched {
    if (profile.subject.length > MOST_SUBJECT_LENGTH) throw new RangeError("a subject that is too long");
    const { roleClaim } = this.#options;
    return {
      ...profile,
      issuer: claims === undefined ? this.issuer : String(claims.iss),
      role: roleClaim === undefined ? undefined : highestRoleIn(claims?.[roleClaim]),
    };
  }

  /** What was answered is not shown, nor logged: it may hold codes and tokens. */
  async #refusalOf(error: unknown): Promise<Refusal> {
    const { AuthorizationResponseError, ResponseBodyError } = await import("openid-client");
    if (error instanceof AuthorizationResponseError) return signInRefused(this.title);
    if (error instanceof Unreachable) {
      this.#report.failed(this.name, error.message);
      return providerUnreachable(this.title);
    }
    const code = error instanceof ResponseBodyError
      ? `: ${error.error.replace(/[^\w.-]/g, "").slice(0, 64)}`
      : "";
    this.#report.failed(this.name, reasonOf(error) + code);
    return providerNotTrusted(this.title);
  }
}

type Claims = Readonly<Record<string, unknown>>;

/** What came back with somebody, and what they were sent with. */
interface Back {
  readonly way: Way;
  /** The page here, with what the issuer has added to its address. */
  readonly back: URL;
}

/** What an issuer has signed, and what it says beside: the former counts. */
async function openIdClaims(configuration: Configuration, { way, back }: Back): Promise<Claims> {
  const openid = await import("openid-client");
  const tokens = await openid.authorizationCodeGrant(configuration, back, {
    pkceCodeVerifier: way.verifier,
    expectedState: way.state,
    expectedNonce: way.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims()!;
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub), ...claims };
}

/** What is answered by a provider that signs nothing, but whose own address it is that is asked. */
async function plainProfile(
  configuration: Configuration,
  { way, back, plain, issuer }: Back & { plain: PlainOAuth; issuer: string },
): Promise<Profile> {
  const openid = await import("openid-client");
  const { access_token } = await openid.authorizationCodeGrant(configuration, back, {
    pkceCodeVerifier: way.verifier,
    expectedState: way.state,
  });
  return await plain.profile(issuer, async (url) => {
    const headers = new Headers({ accept: "application/json" });
    const answer = await openid.fetchProtectedResource(
      configuration,
      access_token,
      new URL(url),
      "GET",
      undefined,
      headers,
    );
    if (!answer.ok) throw new TypeError(`a profile call was answered ${answer.status}`);
    return await answer.json();
  });
}

/** The words of a claim are those of roles, one or a list; whoever has none of them is a member. */
function highestRoleIn(claim: unknown): AccountRole {
  const words: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return ACCOUNT_ROLES.findLast((role) => words.includes(role)) ?? "member";
}

/** Why, in the library's own words, which repeat nothing of what was answered. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "ZodError") return "a profile that is not as documented";
  if (error instanceof SyntaxError) return "an answer that is not JSON";
  return error.cause instanceof Error && !(error.cause instanceof SyntaxError)
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}
