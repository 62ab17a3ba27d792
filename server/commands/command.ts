import type { Accounts } from "../accounts/accounts.ts";
import type { Login } from "../accounts/login.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Answer } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Member } from "../chat/member.ts";
import { isAtLeast, type Role } from "../accounts/roles.ts";
import { badUsage, guestsCannot, mayNot, unknownCommand } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";

/** What a command may do to the connection that it came from. */
export interface Self {
  /** The id of its listener. */
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The `jti` of the token that it logged in with. */
  readonly token: string | undefined;
  /** Changes how lines look here. */
  look(change: { timestamps?: boolean; color?: boolean }): void;
  /** Asks something; the next line is the answer and nothing else. */
  ask(prompt: string): Promise<string>;
  /** Its limits and what is left of them, a line each. */
  limits(): readonly string[];
  /** Goes on as somebody who has signed up, in the same place. */
  becomeMember(account: string): Promise<void>;
  /** Ends the connection with a last sentence, when all that it said has been told. */
  leave(sentence: string): void;
}

/** What a command works with. */
export interface Context {
  readonly commands: Commands;
  readonly hub: Hub;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly login: Login;
  /** How long a token is good for that is issued now; may change while the server runs. */
  readonly settings: { readonly tokenDays: number };
  /** Who asks. */
  readonly member: Member;
  readonly self: Self;
}

/** The headings of `/help`, in their order. */
export type Group = "Talking" | "People" | "View" | "Account" | "Leaving";

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
  /** Reads what follows the name; undefined where it is not as the usage says. */
  readonly fromText: (rest: string) => Args | undefined;
  readonly run: (context: Context, args: Args) => Answer | void | Promise<Answer | void>;
}

/** A row of the table, its arguments closed over. */
export interface Command extends Omit<Row<unknown>, "fromText" | "run"> {
  readonly execute: (context: Context, rest: string) => Answer | void | Promise<Answer | void>;
}

/** Makes a row. Role, usage and unknown names are dealt with here, so that no `run` can forget them. */
export function command<Args>({ fromText, run, ...row }: Row<Args>): Command {
  return {
    ...row,
    execute(context, rest) {
      checkRole(context.member, row.role ?? "guest");
      const args = fromText(rest);
      if (args === undefined) throw badUsage(`/${row.name} ${row.usage}`.trimEnd());
      return run(context, args);
    },
  };
}

/** What people may ask for, by name. */
export class Commands {
  readonly rows: readonly Command[];
  /** Name or alias → row. */
  #byName = new Map<string, Command>();

  constructor(rows: readonly Command[]) {
    this.rows = rows;
    for (const row of rows) {
      for (const name of [row.name, ...row.aliases ?? []]) this.#byName.set(name, row);
    }
  }

  find(name: string): Command | undefined {
    return this.#byName.get(name);
  }

  /** @throws {Refusal} `unknown_command`, `bad_usage`, `guests_cannot`, `may_not`, and what the command refuses. */
  execute(
    context: Context,
    { name, rest }: { name: string; rest: string },
  ): Answer | void | Promise<Answer | void> {
    const row = this.find(name);
    if (row === undefined) throw unknownCommand(quotable(name, 32));
    return row.execute(context, rest);
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

function checkRole(member: Member, needed: Role): void {
  if (isAtLeast(member.role, needed)) return;
  throw member.guest && needed === "member" ? guestsCannot() : mayNot();
}
