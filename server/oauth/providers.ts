/**
 * The identity providers that need no more than a name, and what is particular about each. Google speaks OpenID Connect
 * like any other issuer; GitHub and Facebook speak plain OAuth 2, so that one has to be asked of them who somebody is.
 */
import { z } from "zod";

/** What the operator says of a provider. */
export interface ProviderOptions {
  /** As its addresses have it: `/oauth/google`. */
  readonly name: string;
  /** For people: `Google`. */
  readonly title: string;
  /** Undefined for an OpenID Connect issuer of which nothing is known beforehand. */
  readonly preset: PresetName | undefined;
  /** Who vouches: a URL, as the issuer writes it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** E-mail addresses, and domains as `@example.org`, of those who may come in; undefined for all whom the issuer knows. */
  readonly allow: readonly string[] | undefined;
  /** The claim that roles go by; undefined where they do not. */
  readonly roleClaim: string | undefined;
}

/** Who somebody is, as far as a provider says so. */
export interface Profile {
  /** What the issuer never gives to anybody else. */
  readonly subject: string;
  /** E-mail addresses that the issuer has verified. */
  readonly addresses: readonly string[];
  /** What it calls them, the shortest first. */
  readonly names: readonly string[];
}

/** What is known of a provider beforehand. */
export interface Preset {
  readonly title: string;
  readonly issuer: string;
  /** Asked for where the operator names none. */
  readonly scopes: readonly string[];
  /** Whether it says of an e-mail address that it is somebody's. */
  readonly vouchesForAddresses: boolean;
  /** Undefined where it speaks OpenID Connect. */
  readonly plain: PlainOAuth | undefined;
}

/** How one learns who somebody is where OpenID Connect is not spoken. */
export interface PlainOAuth {
  endpoints(issuer: string): { readonly authorization: string; readonly token: string };
  /** @param get Asks for JSON in the name of whoever has just signed in. */
  profile(issuer: string, get: (url: string) => Promise<unknown>): Promise<Profile>;
}

export type PresetName = "google" | "github" | "facebook";

/** What OpenID Connect is asked for. */
export const OPENID_SCOPES = ["openid", "email", "profile"] as const;

export const presets: Readonly<Record<PresetName, Preset>> = {
  google: {
    title: "Google",
    issuer: "https://accounts.google.com",
    scopes: OPENID_SCOPES,
    vouchesForAddresses: true,
    plain: undefined,
  },
  github: {
    title: "GitHub",
    issuer: "https://github.com",
    scopes: ["read:user", "user:email"],
    vouchesForAddresses: true,
    plain: {
      endpoints: (issuer) => ({
        authorization: below(issuer, "login/oauth/authorize"),
        token: below(issuer, "login/oauth/access_token"),
      }),
      profile: gitHubProfile,
    },
  },
  facebook: {
    title: "Facebook",
    issuer: "https://www.facebook.com",
    scopes: ["public_profile"],
    vouchesForAddresses: false,
    plain: {
      endpoints: (issuer) => ({
        authorization: below(issuer, "dialog/oauth"),
        token: below(facebookApi(issuer), "oauth/access_token"),
      }),
      profile: facebookProfile,
    },
  },
};

/** https://docs.github.com/en/rest/users/users and https://docs.github.com/en/rest/users/emails */
async function gitHubProfile(issuer: string, get: (url: string) => Promise<unknown>): Promise<Profile> {
  const api = gitHubApi(issuer);
  const { id, login, name } = gitHubUser.parse(await get(below(api, "user")));
  const addresses = gitHubAddresses.parse(await get(below(api, "user/emails")));
  return {
    subject: String(id),
    addresses: addresses.filter(({ primary, verified }) => primary && verified).map(({ email }) => email),
    names: [login, ...name ? [name] : []],
  };
}

const gitHubUser = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const gitHubAddresses = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

/** That of GitHub itself has a host of its own; a GitHub Enterprise Server has it at its own address. */
function gitHubApi(issuer: string): string {
  return new URL(issuer).host === "github.com" ? "https://api.github.com" : below(issuer, "api/v3");
}

/** https://developers.facebook.com/docs/graph-api/reference/user; whose an e-mail address is it does not say. */
async function facebookProfile(issuer: string, get: (url: string) => Promise<unknown>): Promise<Profile> {
  const { id, name } = facebookUser.parse(await get(below(facebookApi(issuer), "me?fields=id,name")));
  return { subject: id, addresses: [], names: name ? [name] : [] };
}

const facebookUser = z.object({ id: z.string().min(1), name: z.string().nullish() });

function facebookApi(issuer: string): string {
  return new URL(issuer).host === "www.facebook.com" ? "https://graph.facebook.com" : issuer;
}

/** An address below another one. */
function below(base: string, path: string): string {
  return `${base.replace(/\/$/, "")}/${path}`;
}

/** What OpenID Connect says of somebody, in the ID token and at the userinfo endpoint. */
export function openIdProfile(claims: Readonly<Record<string, unknown>>): Profile {
  const text = (claim: string) => typeof claims[claim] === "string" ? [claims[claim]] : [];
  const [address] = text("email");
  return {
    subject: String(claims.sub),
    addresses: address !== undefined && claims.email_verified === true ? [address] : [],
    names: ["preferred_username", "nickname", "given_name", "name", "email"].flatMap(text),
  };
}
