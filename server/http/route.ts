import type { z } from "zod";
import type { Account } from "../accounts/account_store.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Login } from "../accounts/login.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Hub } from "../chat/hub.ts";
import { badBody } from "../refusals.ts";
import type { Rate } from "../session/pace.ts";
import type { Setup } from "./setup.ts";

/** What a call works with. */
export interface ApiParts {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly login: Login;
  readonly hub: Hub;
  readonly setup: Setup;
  /** Presented to those who connect over TLS, PEM. */
  readonly certificatePem: () => string;
  /** Where people chat over TLS; undefined where that is off. */
  readonly chatPort: () => number | undefined;
  /** Answers where the database does. */
  readonly probe: () => Promise<void>;
  /** May change while the server runs. */
  readonly settings: ApiSettings;
}

export interface ApiSettings {
  readonly serverName: string;
  readonly tokenDays: number;
  readonly limits: {
    readonly bodyBytes: number;
    readonly bodyMs: number;
    /** Of one account's calls as well. */
    readonly commandRate: Rate | "off";
  };
}

/** What a call knows of its request. */
export interface Call<Body> {
  readonly parts: ApiParts;
  /** The peer's IP address. */
  readonly address: string;
  /** The name by which the server was called, without its port. */
  readonly host: string;
  readonly body: Body;
  /** The variable parts of the path. */
  readonly params: Readonly<Record<string, string>>;
}

/** Who calls, where a call needs a token. */
export interface Caller {
  readonly account: Account;
  readonly token: TokenRecord;
}

/** What a call answers: an object as JSON, or a response of its own. */
export type Reply = Response | Readonly<Record<string, unknown>> | readonly unknown[];

interface Row<Body> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** One sentence, for the documentation. */
  readonly summary: string;
  /** What the body must be; calls without one are not sent any. */
  readonly body?: z.ZodType<Body>;
  /** What is said when the body is not so. */
  readonly badBody?: string;
  /** Refusals that this call words in its own way: code → status and text. */
  readonly words?: Readonly<Record<string, { status: number; message: string }>>;
}

/** A row of the table, its body's type closed over. */
export interface Route extends Omit<Row<unknown>, "body"> {
  readonly needsToken: boolean;
  /** @throws {Refusal} */
  readonly run: (call: Call<unknown>, caller: Caller | undefined) => Promise<Reply>;
}

/** A call that anyone may make. */
export function openRoute<Body = undefined>(
  row: Row<Body> & { run: (call: Call<Body>) => Reply | Promise<Reply> },
): Route {
  return { ...row, needsToken: false, run: async (call) => await row.run(withBody(row, call)) };
}

/** A call that needs an access token. */
export function memberRoute<Body = undefined>(
  row: Row<Body> & { run: (call: Call<Body>, caller: Caller) => Reply | Promise<Reply> },
): Route {
  return {
    ...row,
    needsToken: true,
    run: async (call, caller) => await row.run(withBody(row, call), caller!),
  };
}

/** @throws {Refusal} `bad_body` */
function withBody<Body>(row: Row<Body>, call: Call<unknown>): Call<Body> {
  if (row.body === undefined) return { ...call, body: undefined as Body };
  const checked = row.body.safeParse(call.body);
  if (checked.success) return { ...call, body: checked.data };
  throw badBody(row.badBody ?? "The body is not what this call takes.");
}
