import type { Accounts } from "../accounts/accounts.ts";
import type { Confirmations } from "../accounts/confirmations.ts";
import type { Administration } from "../accounts/administration.ts";
import type { LinkCodes } from "../accounts/link_codes.ts";
import type { Login } from "../accounts/login.ts";
import type { Mfa } from "../accounts/mfa.ts";
import type { Origin } from "../accounts/origin.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { AuditTrail } from "../accounts/audit_trail.ts";
import type { Archive } from "../chat/archive.ts";
import type { Answer, LeaveReason } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Identity } from "../chat/member.ts";
import type { NewLogins } from "../chat/new_logins.ts";
import type { Mailbox } from "../chat/mailbox.ts";
import type { Place } from "../chat/place_store.ts";
import type { Commands } from "../commands/command.ts";
import type { Refusal } from "../refusals.ts";
import type { JsonOutput } from "../wire/json_output.ts";
import type { Ref } from "../wire/json_types.ts";
import type { Reader, TextOutput } from "../wire/text_output.ts";
import type { Connection } from "./connection.ts";
import type { SessionCounts } from "./counts.ts";
import type { Dialect } from "./dialect.ts";
import type { Rate } from "./pace.ts";
import type { Sessions } from "./sessions.ts";

/** What a stage of a session, the entrance or the presence, may do to the session that it is a stage of. */
export interface Host {
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  readonly connection: Connection;
  /** In words: "TLS", "plain, JSON", "WebSocket". */
  readonly how: string;
  readonly origin: Origin;
  readonly ended: boolean;
  /** How it speaks now. */
  readonly dialect: Dialect;
  /** It speaks as programs do. */
  readonly inJson: boolean;
  /** Goes on in JSON. */
  speakJson(): void;
  /** Writes text that ends with a line ending, or a prompt without one. */
  write(text: string): void;
  /** Writes an answer, or that something was not done. */
  tell(answer: Answer, reader: Reader, ref?: Ref): void;
  refuse(refusal: Refusal, ref?: Ref): void;
  /** Goes on as somebody present. */
  enter(entry: Entry): void;
  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** By what somebody comes in, or tries to; it is logged and counted, and shown to people. */
export type WayIn = "token" | "password" | "ticket" | "link" | "signing up" | "guest name" | "name";

/** Who comes in, and how. */
export interface Entry {
  readonly identity: Identity;
  /** Of an account: where it belongs. */
  readonly place: Place | undefined;
  /** The `jti` of the token, where it was one; of that of the browser that gave a ticket or confirmed a log-in. */
  readonly token: string | undefined;
  /** The record of that token, where it was one. */
  readonly record?: TokenRecord;
  /** What was typed for a name. */
  readonly typed: string;
  readonly by: WayIn;
  /** Those of an account that has switched codes on just now; it is shown them. */
  readonly recoveryCodes?: readonly string[];
  /** A password was being typed when a browser opened the door: the next line may still be one. */
  readonly typingSecret?: boolean;
  /** What the welcome answers to. */
  readonly ref?: Ref | undefined;
}

/** What all sessions share. */
export interface SessionParts {
  readonly hub: Hub;
  readonly mailbox: Mailbox;
  readonly archive: Archive;
  readonly accounts: Accounts;
  readonly administration: Administration;
  readonly tokens: Tokens;
  readonly confirmations: Confirmations;
  readonly login: Login;
  readonly mfa: Mfa;
  readonly newLogins: NewLogins;
  /** Where each session puts itself in. */
  readonly sessions: Sessions;
  readonly links: LinkCodes;
  /** The page at which a browser confirms the log-in of a connection; undefined where there is none. */
  readonly linkUrl: (connection: Connection) => string | undefined;
  readonly audit: AuditTrail;
  readonly commands: Commands;
  readonly textOutput: TextOutput;
  readonly jsonOutput: JsonOutput;
  /** May change while the server runs. */
  readonly settings: SessionSettings;
  readonly report: SessionReport;
  readonly counts: SessionCounts;
}

export interface SessionSettings {
  readonly serverName: string;
  /** The message of the day; "" for none. */
  readonly motd: string;
  readonly guests: boolean;
  readonly tokenDays: number;
  readonly keepDays: number | "forever";
  readonly limits: {
    readonly lineBytes: number;
    readonly rate: Rate | "off";
    readonly commandRate: Rate | "off";
    readonly bytesPerSecond: number;
    readonly outboxBytes: number;
    readonly loginMs: number;
    readonly loginLines: number;
    readonly loginBytes: number;
    readonly loginTries: number;
    /** A program that is silent so long is asked for a sign of life; and so long, it is given up. */
    readonly pingMs: number;
    readonly silentMs: number;
  };
}

/** Who wants to know what happens in sessions: the server's log. */
export interface SessionReport {
  /** Something went wrong that is nobody's refusal. */
  defect(error: unknown): void;
  loggedIn(entry: { name: string; account: string | undefined; by: string; address: string }): void;
}
