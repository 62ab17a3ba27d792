import type { Accounts } from "../accounts/accounts.ts";
import type { Confirmations } from "../accounts/confirmations.ts";
import type { Administration } from "../accounts/administration.ts";
import type { AuditTrail } from "../accounts/audit_trail.ts";
import type { Login } from "../accounts/login.ts";
import type { Mfa } from "../accounts/mfa.ts";
import type { Origin } from "../accounts/origin.ts";
import { isAtLeast, type Role } from "../accounts/roles.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Answer, LeaveReason } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Member } from "../chat/member.ts";
import type { Archive } from "../chat/archive.ts";
import type { CommandCounts } from "./counts.ts";
import {
  badUsage,
  confirmPasswordFirst,
  guestsCannot,
  lineTooLong,
  mayNot,
  unknownCommand,
  unknownType,
} from "../refusals.ts";
import type { Fields, JsonRequest } from "../wire/json_input.ts";
import { quotable } from "../wire/printable.ts";

/** What a command may do to the connection that it came from. */
export interface Self {
  /** The id of its listener. */
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  /** From where its peer has come, and by what program. */
  readonly origin: Origin;
  /** The `jti` of the token that it logged in with, or by which the browser is logged in that let it in. */
  readonly token: string | undefined;
  /** The token is such a browser's: it is not for this connection to end. */
  readonly tokenIsLent: boolean;
  /** The room that is meant where none is named. */
  looksAt: string;
  /** Changes how lines look here. */
  look(change: { timestamps?: boolean; color?: boolean; ids?: boolean }): void;
  /** Goes on in JSON. */
  speakJson(): void;
  /** Shows something before the answer. */
  show(answer: Answer): void;
  /** Answers when all that was said here before has been told: what others read of next happened after it. */
  allSaid(): Promise<void>;
  /**
   * Asks something; the next line is the answer and nothing else.
   *
   * @param before Shown before the question.
   * @throws {Refusal} `for_text_mode`, before anything is shown
   */
  ask(prompt: string, before?: Answer): Promise<string>;
  /** Its limits and what is left of them, a line each. */
  limits(): readonly string[];
  /** Goes on as somebody who has signed up, in the same place. */
  becomeMember(account: string): Promise<void>;
  /** Ends the connection with a last sentence, when all that it said has been told. */
  leave(sentence: string): void;
}

/** One of the connections by which an account is in. */
export interface OwnConnection {
  readonly id: string;
  readonly origin: Origin;
  /** In words: "TLS", "plain, JSON", "WebSocket". */
  readonly how: string;
  readonly since: Date;
  readonly present: { readonly by: string } | undefined;
  /** Ends it with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** What a command works with. */
export interface Context {
  readonly commands: Commands;
  readonly hub: Hub;
  readonly archive: Archive;
  readonly accounts: Accounts;
  readonly administration: Administration;
  readonly tokens: Tokens;
  readonly confirmations: Pick<Confirmations, "isConfirmed">;
  readonly login: Login;
  readonly mfa: Mfa;
  readonly sessions: { of(account: string): readonly OwnConnection[] };
  readonly audit: AuditTrail;
  readonly counts: CommandCounts;
  /** May change while the server runs. */
  readonly settings: CommandSettings;
  /** Who asks. */
  readonly member: Member;
  readonly self: Self;
  /** Answers at once, where what is told next must not come before the answer. */
  readonly answer: (answer: Answer) => void;
}

/** What a command comes to: an answer, or none, or one that was given at once by {@link Context.answer}. */
export type Outcome = Answer | "answered" | void;

export interface CommandSettings {
  /** The message of the day; "" for none. */
  readonly motd: string;
  /** How long a token is good for that is issued now. */
  readonly tokenDays: number;
  /** How many days messages are kept. */
  readonly keepDays: number | "forever";
  readonly limits: { readonly lineBytes: number };
}

/** The headings of `/help`, in their order. */
export type Group =
  | "Talking"
  | "Rooms"
  | "History"
  | "People"
  | "View"
  | "Account"
  | "Moderation"
  | "Leaving";

interface Row<Args> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: Group;
  /** What follows the name; "" for nothing. */
  readonly usage: string;
  /** One sentence in the third person. */
  readonly help: string;
  /** Who may: guests too, unless it says otherwise. */
  readonly role?: Role;
  /** Says something to others: its pace is that of messages. */
  readonly speaks?: true;
  /** Asks questions, or is about how a terminal looks: of no use in a page. */
  readonly textOnly?: true;
  /** Its type in JSON mode, where that is not its name. */
  readonly json?: string;
  /** Reads what follows the name; undefined where it is not as the usage says. */
  readonly fromText: (rest: string) => Args | undefined;
  /** Reads the fields of a request in JSON mode, which has no such type without this. */
  readonly fromJson?: (fields: Fields) => Args;
  readonly run: (context: Context, args: Args) => Outcome | Promise<Outcome>;
}

/** A row of the table, its arguments closed over. */
export interface Command extends Omit<Row<unknown>, "fromText" | "fromJson" | "run"> {
  readonly execute: (context: Context, rest: string) => Outcome | Promise<Outcome>;
  readonly executeJson?:
    | ((context: Context, fields: Fields) => Outcome | Promise<Outcome>)
    | undefined;
}

/** Makes a row. Role, usage and unknown names are dealt with here, so that no `run` can forget them. */
export function command<Args>({ fromText, fromJson, run, ...row }: Row<Args>): Command {
  const { role = "guest" } = row;
  const act = (context: Context, args: Args) =>
    isAtLeast(role, "moderator")
      ? checkPower(context, role).then(() => run(context, args))
      : run(context, args);
  return {
    ...row,
    execute(context, rest) {
      checkRole(context.member, role);
      const args = fromText(rest);
      if (args === undefined) throw badUsage(`/${row.name} ${row.usage}`.trimEnd());
      return act(context, args);
    },
    executeJson: fromJson && ((context, fields) => {
      checkRole(context.member, role);
      return act(context, fromJson(fields));
    }),
  };
}

/** What people may ask for, by name. */
export class Commands {
  readonly rows: readonly Command[];
  /** Name or alias → row. */
  #byName = new Map<string, Command>();
  /** Type in JSON mode → row. */
  #byType = new Map<string, Command>();

  constructor(rows: readonly Command[]) {
    this.rows = rows;
    for (const row of rows) {
      for (const name of [row.name, ...row.aliases ?? []]) this.#byName.set(name, row);
      if (row.executeJson !== undefined) this.#byType.set(row.json ?? row.name, row);
    }
  }

  find(name: string): Command | undefined {
    return this.#byName.get(name);
  }

  findJson(type: string): Command | undefined {
    return this.#byType.get(type);
  }

  /** @throws {Refusal} `unknown_command`, `bad_usage`, `guests_cannot`, `may_not`, and what the command refuses. */
  execute(
    context: Context,
    { name, rest }: { name: string; rest: string },
  ): Outcome | Promise<Outcome> {
    const row = this.find(name);
    if (row === undefined) throw unknownCommand(quotable(name, 32));
    context.counts.ran(row.name);
    return row.execute(context, rest);
  }

  /**
   * What is done without an answer is acknowledged: a program has to know.
   *
   * @throws {Refusal} `unknown_type`, `bad_request`, `guests_cannot`, `may_not`, and what the command refuses.
   */
  async executeJson(context: Context, { type, fields }: JsonRequest): Promise<Exclude<Outcome, void>> {
    const row = this.findJson(type);
    if (row?.executeJson === undefined) throw unknownType(type);
    context.counts.ran(row.name);
    return await row.executeJson(context, fields) ?? { type: "ack", id: undefined };
  }
}

/** For commands that take nothing: what follows is let pass. */
export function nothing(): Record<never, never> {
  return {};
}

/** For commands that take one word. */
export function oneWord(rest: string): { word: string } | undefined {
  return /^\S+$/.test(rest) ? { word: rest } : undefined;
}

/**
 * What is said in JSON is no longer than what can be typed.
 *
 * @throws {Refusal} `line_too_long`
 */
export function checkLength({ settings }: { settings: Pick<CommandSettings, "limits"> }, text: string): void {
  const { lineBytes } = settings.limits;
  if (text.length * 3 > lineBytes && encoder.encode(text).length > lineBytes) throw lineTooLong(lineBytes);
}

/**
 * For what only admins may do, and for what would let somebody do that: who came in by a browser's session must have
 * given the password lately, for a browser may have been left open.
 *
 * @throws {Refusal} `confirm_password`
 */
export async function checkConfirmed(
  { self, tokens, confirmations }: Pick<Context, "self" | "tokens" | "confirmations">,
): Promise<void> {
  const token = self.token === undefined ? undefined : await tokens.get(self.token);
  if (token?.ofBrowser && !confirmations.isConfirmed(token)) throw confirmPasswordFirst();
}

const encoder = new TextEncoder();

/**
 * For what takes power over others: who got it while connected may still lack the second factor that goes with it.
 *
 * @throws {Refusal} `mfa_required`, `confirm_password`
 */
async function checkPower(context: Context, role: Role): Promise<void> {
  const { login, accounts, member } = context;
  login.checkEnrolled(await accounts.get(member.account!));
  if (role === "admin") await checkConfirmed(context);
}

function checkRole(member: Member, needed: Role): void {
  if (isAtLeast(member.role, needed)) return;
  throw member.guest && needed === "member" ? guestsCannot() : mayNot();
}
