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
}

/** `GET /session` and `POST /session`: who the browser is signed in as; null for nobody. */
export interface SessionInfo {
  readonly account: {
    readonly id: string;
    readonly username: string;
    readonly name: string;
    readonly role: "member" | "moderator" | "admin";
  } | null;
  /** Until when admin pages answer without asking for the password again, ISO 8601; null for nobody. */
  readonly confirmed_until: string | null;
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
