import type { Accounts } from "../accounts/accounts.ts";
import type { Login } from "../accounts/login.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Direct, LeaveReason } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Identity } from "../chat/member.ts";
import type { MessageLog } from "../chat/message_log.ts";
import type { Commands } from "../commands/command.ts";
import type { TextOutput } from "../wire/text_output.ts";
import type { Connection } from "./connection.ts";
import type { Attempt } from "./login_dialogue.ts";
import type { Rate } from "./pace.ts";

/** What a stage of a session, the entrance or the presence, may do to the session that it is a stage of. */
export interface Host {
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  readonly connection: Connection;
  readonly ended: boolean;
  /** Writes text that ends with a line ending, or a prompt without one. */
  write(text: string): void;
  /** Goes on as somebody present. */
  enter(entry: Entry): void;
  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** Who comes in, and how. */
export interface Entry {
  readonly identity: Identity;
  /** The `jti` of the token, where it was one. */
  readonly token: string | undefined;
  /** What was typed for a name. */
  readonly typed: string;
  readonly by: Attempt["by"];
  /** Private messages from while the account was away. */
  readonly waiting: readonly Direct[];
}

/** What all sessions share. */
export interface SessionParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly login: Login;
  readonly commands: Commands;
  readonly output: TextOutput;
  /** May change while the server runs. */
  readonly settings: SessionSettings;
  readonly report: SessionReport;
}

export interface SessionSettings {
  readonly serverName: string;
  readonly guests: boolean;
  readonly tokenDays: number;
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
  };
}

/** Who wants to know what happens in sessions: the server's log. */
export interface SessionReport {
  /** Something went wrong that is nobody's refusal. */
  defect(error: unknown): void;
  loggedIn(entry: { name: string; account: string | undefined; by: string; address: string }): void;
}
