/**
 * The shapes that the web pages and the HTTP API exchange about who one is and where one is. This file imports nothing,
 * so that the pages can take it as it stands.
 */

/** `GET /server`: what anybody may know before saying who they are. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  /** The message of the day; "" for none. */
  readonly motd: string;
  readonly guests: boolean;
  readonly signup: "open" | "invite" | "closed";
  /** The ports where people chat; null where that is off, or not reachable from where one asks. */
  readonly tls_port: number | null;
  readonly plain_port: number | null;
  /** SHA-256 of the certificate: `AB:CD:…`. */
  readonly fingerprint: string;
  /** Whether the certificate is one that Parley made for itself, so that clients need it as a file. */
  readonly self_signed: boolean;
  /** There is no admin yet: the link that the server printed makes the first one. */
  readonly needs_setup: boolean;
  readonly limits: { readonly line_bytes: number };
  /** Whether anybody logs in by password. */
  readonly password_login: boolean;
  /** Who must have a second factor. */
  readonly require_mfa: "none" | "admins" | "everyone";
  /** By whom else people may come in: Google, an organisation's own identity provider. */
  readonly providers: readonly ProviderInfo[];
}

/** An identity provider by which people come in. */
export interface ProviderInfo {
  /** As its addresses have it: `/oauth/google`. */
  readonly name: string;
  /** For people: `Google`. */
  readonly title: string;
  /** Whether it answers. */
  readonly available: boolean;
}

/** `GET /session` and `POST /session`: who the browser is signed in as; null for nobody. */
export interface SessionInfo {
  readonly account: {
    readonly id: string;
    readonly username: string;
    readonly name: string;
    readonly role: "member" | "moderator" | "admin";
    readonly has_password: boolean;
  } | null;
  /** Until when admin pages answer without asking for the password again, ISO 8601; null for nobody. */
  readonly confirmed_until: string | null;
  /** The server wants a second factor of this account, which has none: nothing else can be done before. */
  readonly must_enrol: boolean;
}

/** What `POST /session` answers, with 202, where a second factor is owed: one of these, within five minutes. */
export interface NextStep {
  /** Names this log-in. */
  readonly login: string;
  readonly factors: readonly SecondFactor[];
}

export type SecondFactor = "code" | "passkey";

/** `GET /me/mfa`: by what an account proves itself beside its password. */
export interface MfaInfo {
  /** Codes of an app; null where they are not switched on. */
  readonly codes: { readonly since: string } | null;
  readonly recovery_codes_left: number;
  /** The server wants this account to have a second factor. */
  readonly required: boolean;
  readonly passkeys: readonly PasskeyInfo[];
}

export interface PasskeyInfo {
  readonly id: string;
  readonly name: string;
  /** The host name that it is good at. */
  readonly host: string;
  readonly created_at: string;
  /** null where it was not used yet. */
  readonly last_used_at: string | null;
}

/** `POST /me/mfa`: what an authenticator app is given. */
export interface BegunCodes {
  /** Base32, to be typed. */
  readonly secret: string;
  /** `otpauth://totp/…`, to be drawn as a QR code. */
  readonly uri: string;
}

/** `GET /me/tokens`: an access token of one's own, without what it is used by. */
export interface OwnToken {
  readonly id: string;
  readonly label: string;
  readonly scope: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly revoked: boolean;
  /** It is the one that is asked with. */
  readonly current: boolean;
  /** The address that it was issued to, and by what; null where that is not known. */
  readonly from: string | null;
  readonly how: string | null;
  readonly last_used_at: string | null;
  readonly last_used_from: string | null;
  readonly last_used_by: string | null;
}

/** `GET /me/connections`: a connection of one's own account. */
export interface OwnConnection {
  readonly id: string;
  readonly address: string;
  /** By what: "openssl", "netcat", "Firefox". */
  readonly how: string;
  /** In words how it came in: "token", "password", "link". */
  readonly by: string;
  readonly since: string;
  /** It came in by the very token that is asked with. */
  readonly current: boolean;
}

/** `GET /session/pending`: what somebody still owes who comes back from an identity provider. */
export type PendingEntry =
  | { readonly is: "nothing" }
  | ({ readonly is: "code" } & NextStep)
  /** It is the first time: an account is to be made. */
  | {
    readonly is: "name";
    /** Of the provider. */
    readonly title: string;
    /** A name that would be free; "" for none. */
    readonly suggested: string;
    readonly asks_invitation: boolean;
  };

/** `GET /me/identities`: who one is for an identity provider, and so may come in by. */
export interface IdentityInfo {
  readonly id: string;
  /** The provider's name. */
  readonly provider: string;
  readonly title: string;
  /** An e-mail address or a name, as the provider has it. */
  readonly label: string;
  readonly linked_at: string;
  /** null where it was not used yet. */
  readonly last_used_at: string | null;
}

/** `GET /commands`: a row of the table of commands, for completion. */
export interface CommandInfo {
  readonly name: string;
  readonly aliases: readonly string[];
  /** `<name> <message>`; "" for nothing. */
  readonly usage: string;
  readonly help: string;
  readonly group: string;
  /** Who may, at least. */
  readonly role: "guest" | "member" | "moderator" | "admin";
  /** It asks questions, or is about how a terminal looks: of no use in a browser. */
  readonly text_only: boolean;
}

/** `POST /me/ticket`: good once, for a minute, in a raw socket: `/ticket ABCD-EFGH-JKLM`. */
export interface Ticket {
  readonly ticket: string;
  readonly expires_at: string;
}

/** `GET /link/:code`: a terminal that waits to be let in by a signed-in browser. */
export interface LinkRequest {
  /** `ABCD-EFGH`. */
  readonly code: string;
  readonly address: string;
  /** "TLS", "plain" or "WebSocket". */
  readonly how: string;
  /** The username that was given with `/login`; null for none. */
  readonly username: string | null;
  readonly asked_at: string;
  readonly expires_at: string;
}
