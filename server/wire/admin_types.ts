/**
 * The shapes of the admin API, under `/admin/api`, and of what `/admin/api/live` sends. Times are ISO 8601, UTC. This file
 * imports nothing, so that the admin page can take it as it stands.
 *
 * Lists come page by page where they may be long: `limit` is how many are wanted, `after` goes on behind the last one of
 * the page before, by its id, and `more` says whether there are any. Deeds that nothing comes of are answered by
 * `{message}`.
 */

export type AccountRole = "member" | "moderator" | "admin";

/** `GET /admin/api/status`, and once a second over `/admin/api/live`. */
export interface Status {
  readonly type: "status";
  readonly at: string;
  readonly version: string;
  readonly started_at: string;
  readonly listeners: readonly {
    readonly name: "tls" | "plain" | "https" | "http";
    readonly address: string;
  }[];
  readonly certificate: {
    readonly subject: string;
    readonly fingerprint: string;
    readonly expires_at: string;
    readonly days_left: number;
    readonly self_signed: boolean;
  };
  /** The last backup that was opened and counted; null where there is none. */
  readonly last_backup: { readonly at: string; readonly file: string; readonly messages: number } | null;
  readonly lockdown: LockdownInfo | null;
  readonly now: Sample;
}

/** How the server was doing in one moment, or on average over the time since the sample before. */
export interface Sample {
  readonly at: string;
  /** Present: accounts and guests, each once. */
  readonly people: number;
  readonly connections: number;
  readonly messages_per_second: number;
  readonly deliveries_per_second: number;
  /** From a line read to its message told, 99th percentile of the last samples, in ms; 0 where nothing was said. */
  readonly p99_ms: number;
  /** Share of one core, 1 for all of it. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly memory_bytes: number;
  /** How late the event loop was at worst, in ms. */
  readonly loop_lag_ms: number;
  readonly database_bytes: number;
}

/** `GET /admin/api/samples`: the last hour, one every ten seconds, oldest first. */
export interface Samples {
  readonly every_seconds: number;
  readonly samples: readonly Sample[];
}

/** What `/admin/api/live` sends, each a WebSocket message. It takes none. */
export type LiveMessage =
  | Status
  /** All connections at first (`reset`), then once a second what has changed. */
  | {
    readonly type: "connections";
    readonly reset: boolean;
    readonly changed: readonly ConnectionRow[];
    /** The ids of those that are gone. */
    readonly gone: readonly string[];
  };

/**
 * `GET /admin/api/connections?after=…&limit=…` → `{connections, more}`, in the order of their ids; `DELETE …/:id
 * {sentence?}` ends one, with a last sentence of one's own.
 */
export interface ConnectionRow {
  readonly id: string;
  /** The name in chat; "" for somebody who is not in yet. */
  readonly name: string;
  /** The account's id; null for guests. */
  readonly account: string | null;
  readonly role: "guest" | AccountRole;
  /** How they came in: "token", "password", "signing up", "guest name", "ticket", "link" …; "" while at the entrance. */
  readonly by: string;
  /** "TLS", "plain", "WebSocket", with ", JSON" where it is spoken over a raw socket. */
  readonly how: string;
  readonly address: string;
  /** "TLSv1.3", "TLSv1.2"; "" where it is not known or there is none. */
  readonly tls: string;
  readonly since: string;
  /** The room that is looked at. */
  readonly room: string;
  /** Messages said on this connection. */
  readonly messages: number;
  /** Bytes that wait to be written. */
  readonly waiting_bytes: number;
}

/**
 * `GET /admin/api/people?search=…&after=…&limit=…` → `{people, more}`, in the order in which the accounts were made.
 *
 * `POST /admin/api/people` {@link NewPerson} → {@link NewPersonRow}; `PATCH …/:id` {@link PersonChange} → the row;
 * `POST …/:id/password {password?}` → {@link NewPassword}, and the account is logged out everywhere; `POST …/:id/logout`
 * does that alone; `POST …/:id/password-link` → {@link PasswordLink}; `DELETE …/:id/mfa` takes codes and recovery codes
 * away; `DELETE …/:id {messages: "keep" | "erase"}`.
 */
export interface PersonRow {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly role: AccountRole;
  readonly disabled: boolean;
  readonly created_at: string;
  /** How many connections are open. */
  readonly connections: number;
  /** Live tokens, web sessions among them. */
  readonly tokens: number;
  /** Whether it comes in by a password. */
  readonly has_password: boolean;
  /** Whether it is asked for codes. */
  readonly codes: boolean;
  /** How many it has. */
  readonly passkeys: number;
  /** At how many identity providers it is known. */
  readonly identities: number;
}

export interface NewPerson {
  readonly username: string;
  readonly name_account: string;
  readonly role: AccountRole;
  /** One is made up where none is given. */
  readonly password?: string;
}

/** A password that the server has made up: it is told this once. null where it was given. */
export interface NewPassword {
  readonly password: string | null;
}

/** By this the account's owner sets a password, once. It is told this once. */
export interface PasswordLink {
  readonly url: string;
  readonly expires_at: string;
}

export type NewPersonRow = PersonRow & NewPassword;

/** What is to be different; the rest stays. */
export interface PersonChange {
  readonly role?: AccountRole;
  readonly disabled?: boolean;
}

/**
 * `GET /admin/api/invitations` → `{invitations}`, newest first, those that have ended as well; `POST`
 * {@link NewInvitation} → the row; `DELETE …/:id`.
 */
export interface InvitationRow {
  readonly id: string;
  /** `BCDF-GHJK-MNPQ` */
  readonly code: string;
  readonly url: string;
  /** What the new accounts may do. */
  readonly role: AccountRole;
  /** The room that they are in from the start beside the lobby, without `#`; null for none. */
  readonly room: string | null;
  /** How many accounts it is good for. */
  readonly uses: number;
  /** Who has come by it, in that order. */
  readonly used_by: readonly { readonly name: string; readonly at: string }[];
  /** Who has invited. */
  readonly by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly revoked: boolean;
  /** Whether somebody may still come by it. */
  readonly open: boolean;
}

/** What is left out is as usual: one member within seven days. */
export interface NewInvitation {
  readonly role?: AccountRole;
  readonly room?: string;
  readonly uses?: number;
  readonly days?: number;
}

/**
 * `GET /admin/api/tokens?account=…&after=…&limit=…` → `{tokens, more}`: those that are live, of an account by its id or
 * of all; `POST` {@link NewToken} → {@link NewTokenRow}; `DELETE …/:id`.
 */
export interface TokenRow {
  readonly id: string;
  readonly account: string;
  /** The account's name in chat. */
  readonly name: string;
  readonly label: string;
  readonly scope: string;
  readonly issued_at: string;
  readonly expires_at: string;
}

export interface NewToken {
  /** The account's id. */
  readonly account: string;
  readonly label: string;
  readonly scope: string;
  readonly days: number;
}

/** The token itself is told this once. */
export type NewTokenRow = TokenRow & { readonly token: string };

/**
 * `GET /admin/api/rooms?after=…&limit=…` → `{rooms, more}`, by their names (which `after` goes by); `PATCH …/:room`
 * {@link RoomChange} → the row; `DELETE …/:room`.
 */
export interface AdminRoomRow {
  readonly name: string;
  readonly topic: string;
  readonly present: number;
  readonly members: number;
  readonly private: boolean;
  readonly quiet: boolean;
  /** The name of whoever owns it; null for the lobby and where the owner is gone. */
  readonly owner: string | null;
  /** How long messages are kept; null where the server's own setting holds. */
  readonly keep_days: number | null;
  /** The last message; null where there is none. */
  readonly last_at: string | null;
}

/** What is to be different; the rest stays. */
export interface RoomChange {
  readonly topic?: string;
  readonly private?: boolean;
  readonly quiet?: boolean;
  /** null for as long as the server keeps messages. */
  readonly keep_days?: number | null;
}

/**
 * `GET /admin/api/bans?after=…&limit=…` → `{bans, more}`, oldest first; `POST` {@link NewBan} → the row; `DELETE …/:id`
 * ends one.
 */
export interface BanRow {
  readonly id: string;
  readonly kind: "ban" | "mute";
  /** Whom: a name, or a network. */
  readonly target: string;
  readonly target_type: "account" | "guest" | "network";
  /** null for the whole server. */
  readonly room: string | null;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** null for good. */
  readonly until: string | null;
}

export interface NewBan {
  readonly kind: "ban" | "mute";
  /** A name; for bans, an address or a network as well. */
  readonly target: string;
  /** Left out for the whole server. */
  readonly room?: string;
  /** `10m`, `2h`, `1d`, `1w`; left out, a ban is for good and a mute for ten minutes. */
  readonly duration?: string;
  readonly reason?: string;
}

/**
 * `GET /admin/api/audit?who=…&what=…&search=…&before=…&limit=…` → `{entries, more, next}`, newest first; `next` is the
 * `before` of the page after it, null where there is none. Pages may be short, or empty, though there is more: only so
 * much of the trail is looked through at a time. `GET …/audit/export?format=csv|jsonl` takes the same filter, and is a
 * file of all.
 */
export interface AuditRow {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly whom: string;
  readonly why: string;
  readonly from: string;
}

/**
 * `GET /admin/api/settings` → `{settings}`; `PATCH` with `{"<flag>": "<value>" | null}`, null for what the file says, or the
 * default, → `{settings}` as well.
 */
export interface SettingRow {
  /** The flag without its dashes. */
  readonly flag: string;
  readonly group: string;
  readonly help: string;
  /** What it takes, as in the manual: `on|off`, `BYTES|off`. */
  readonly takes: string;
  /** As it would be written. */
  readonly value: string;
  readonly default: string;
  /** Where the value is from. What the command line or the environment says is fixed. */
  readonly from: "flag" | "environment" | "settings" | "file" | "default";
  readonly fixed: boolean;
}

/** `GET /admin/api/backups` → `{backups}`, newest first; `POST` makes one → its row; `GET …/:file` is the file. */
export interface BackupRow {
  readonly file: string;
  readonly at: string;
  readonly bytes: number;
}

/** `GET`, `PUT {mode, minutes}`, `DELETE /admin/api/lockdown` → `{lockdown}`. */
export interface LockdownInfo {
  readonly mode: "no-signups" | "no-guests" | "accounts-only" | "read-only";
  readonly until: string;
  readonly by: string;
}
