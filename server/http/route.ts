import type { z } from "zod";
import type { Account } from "../accounts/account_store.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Administration } from "../accounts/administration.ts";
import type { AuditTrail } from "../accounts/audit_trail.ts";
import type { Identities } from "../accounts/identities.ts";
import type { LinkCodes } from "../accounts/link_codes.ts";
import type { Confirmations } from "../accounts/confirmations.ts";
import type { Invitations, SignupPolicy } from "../accounts/invitations.ts";
import type { Login } from "../accounts/login.ts";
import type { Mfa, MfaPolicy } from "../accounts/mfa.ts";
import type { PasskeyProofs } from "../accounts/passkey_proofs.ts";
import type { Passkeys } from "../accounts/passkeys.ts";
import type { PasswordLinks } from "../accounts/password_links.ts";
import type { Tickets } from "../accounts/tickets.ts";
import type { TokenRecord } from "../accounts/token_store.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Certificate } from "../certificates/certificate.ts";
import type { Archive } from "../chat/archive.ts";
import type { Disclosure } from "../chat/disclosure.ts";
import type { Erasure } from "../chat/erasure.ts";
import type { Hub } from "../chat/hub.ts";
import type { NewLogins } from "../chat/new_logins.ts";
import type { RoomRemoval } from "../chat/room_removal.ts";
import type { Commands } from "../commands/command.ts";
import { badBody, type Refusal } from "../refusals.ts";
import type { Role } from "../accounts/roles.ts";
import type { Rate } from "../session/pace.ts";
import type { Sessions } from "../session/sessions.ts";
import type { SettingsInForce } from "../settings.ts";
import type { Backups } from "../store/backups.ts";
import type { ConnectionEnds } from "../transport/native_sockets.ts";
import type { WebSocketDoor } from "../transport/websocket_door.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Samples } from "../telemetry/samples.ts";
import type { Status } from "../wire/admin_types.ts";
import type { Assets } from "./assets.ts";
import type { NeededScope } from "./authenticate.ts";
import type { BrowserSessions } from "./browser_sessions.ts";
import type { Documentation } from "./documentation.ts";
import type { EventStreams } from "./event_streams.ts";
import type { LiveView } from "./live_view.ts";
import type { Newcomers } from "./newcomers.ts";
import type { Setup } from "./setup.ts";
import type { SignOn } from "./sign_on.ts";

/** What a call works with. */
export interface ApiParts {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly login: Login;
  readonly tickets: Tickets;
  readonly links: LinkCodes;
  readonly confirmations: Confirmations;
  readonly passwordLinks: PasswordLinks;
  readonly mfa: Mfa;
  readonly passkeys: Passkeys;
  readonly passkeyProofs: PasskeyProofs;
  readonly browserSessions: BrowserSessions;
  readonly newLogins: NewLogins;
  readonly identities: Identities;
  readonly signOn: SignOn;
  readonly newcomers: Newcomers;
  readonly hub: Hub;
  readonly archive: Archive;
  readonly commands: Pick<Commands, "rows">;
  readonly erasure: Pick<Erasure, "erase">;
  readonly disclosure: Disclosure;
  readonly streams: EventStreams;
  readonly setup: Setup;
  readonly assets: Assets;
  readonly documentation: Documentation;
  readonly webSockets: Pick<WebSocketDoor, "accept">;
  readonly samples: Pick<Samples, "latest" | "history">;
  readonly metrics: Pick<Metrics, "text">;
  /** Presented to those who connect over TLS. */
  readonly certificate: () => Certificate;
  /** Where it listens; what is off is absent. */
  readonly addresses: () => {
    tls?: Deno.NetAddr;
    plain?: Deno.NetAddr;
    https?: Deno.NetAddr;
    http?: Deno.NetAddr;
  };
  /** Answers where the database does. */
  readonly probe: () => Promise<void>;
  /** May change while the server runs. */
  readonly settings: ApiSettings;
  readonly settingsInForce: Pick<SettingsInForce, "list" | "change">;
  readonly admin: AdminParts;
}

/** What the calls of admins work with beside. */
export interface AdminParts {
  readonly administration: Administration;
  readonly audit: AuditTrail;
  readonly backups: Pick<Backups, "list" | "make" | "open">;
  readonly invitations: Pick<Invitations, "list" | "isOpen" | "linkOf">;
  readonly live: Pick<LiveView, "open">;
  readonly roomRemoval: Pick<RoomRemoval, "begin" | "finish">;
  readonly sessions: Sessions;
  readonly status: () => Promise<Status>;
}

export interface ApiSettings {
  readonly serverName: string;
  readonly motd: string;
  readonly guests: boolean;
  readonly signup: SignupPolicy;
  readonly requireMfa: MfaPolicy;
  readonly passwordLogin: boolean;
  readonly tokenDays: number;
  readonly keepDays: number | "forever";
  readonly limits: {
    readonly bodyBytes: number;
    readonly bodyMs: number;
    readonly lineBytes: number;
    /** Of one account's calls as well, and of what it says by them. */
    readonly commandRate: Rate | "off";
    readonly rate: Rate | "off";
  };
}

/** What a call knows of its request. */
export interface Call<Body> {
  readonly parts: ApiParts;
  /** The peer's IP address. */
  readonly address: string;
  /** Whether it came in by a port that only this machine reaches. */
  readonly loopbackOnly: boolean;
  /** The name by which the server was called, without its port. */
  readonly host: string;
  /** What stands behind the `?`. */
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** As it came, its body read already. */
  readonly request: Request;
  readonly body: Body;
  /** The variable parts of the path. */
  readonly params: Readonly<Record<string, string>>;
}

/** Who calls, where a call needs a token. */
export interface Caller {
  readonly account: Account;
  readonly token: TokenRecord;
  /** A program that shows its token, or a page whose browser sends a cookie. */
  readonly by: "bearer" | "cookie";
}

/** What a call answers: an object as JSON, or a response of its own. */
export type Reply = Response | Readonly<Record<string, unknown>> | readonly unknown[];

interface Row<Body> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** One sentence, for the documentation. */
  readonly summary: string;
  /** What is answered when it is done: JSON of this shape, or of this type what is not JSON: `text/csv`. */
  readonly answers?: z.ZodType | { readonly type: string };
  /** Where a browser is sent by it (302), for the documentation; it is then answered nothing else. */
  readonly leads?: string;
  /** What may stand behind the `?`, for the documentation: each field with its description. */
  readonly query?: z.ZodObject;
  /** A body, or what stands for the variable parts of the path, as it might be sent. */
  readonly example?: { readonly body?: unknown; readonly params?: Readonly<Record<string, string>> };
  /** What the body must be; calls without one are not sent any. */
  readonly body?: z.ZodType<Body>;
  /** What is said when the body is not so; or that of the field that is at fault, undefined for the whole. */
  readonly badBody?: string | ((field: string | undefined) => string);
  /** The body may be plain text as well, which is then its field `text`. */
  readonly takesText?: true;
  /** Says something to others: its pace is that of messages as well. */
  readonly speaks?: true;
  /** How one comes in by it: it is counted as such an attempt. */
  readonly entrance?: "password" | "code" | "passkey" | "identity" | "signing up";
  /** Is for those as well who must have a second factor and have none: they get one by it, or leave. */
  readonly beforeEnrolment?: true;
  /** Needs no token, and is answered to those as well whose address is banned. */
  readonly answersBanned?: true;
  /** What it may refuse beside what any such call may, as it would be said; for the documentation. */
  readonly refuses?: readonly Refusal[];
  /**
   * What it may answer beside that it is done, and refuses nothing by: status → what that means, and where it is of
   * another shape, that; for the documentation.
   */
  readonly also?: Readonly<Record<number, string | { readonly means: string; readonly answers: z.ZodType }>>;
  /** Refusals that this call words in its own way: code → status and text. */
  readonly words?: Readonly<Record<string, { status: number; message: string }>>;
}

/** A row of the table. */
export type Route = JsonRoute | RawRoute;

/** One that is called with JSON, its body's type closed over. */
export interface JsonRoute extends Omit<Row<unknown>, "body"> {
  readonly body?: z.ZodType;
  /** What the token must be good for; undefined where none is needed. */
  readonly scope: NeededScope | undefined;
  /** What the account must be at least. */
  readonly role?: Role;
  /** Whose calls need no token after all. */
  readonly openTo?: (request: Request, address: string) => boolean;
  /** @throws {Refusal} */
  readonly run: (call: Call<unknown>, caller: Caller | undefined) => Promise<Reply>;
}

/** One that takes the request as it came, from pages of this server and from programs alone, and has no body. */
export interface RawRoute
  extends Pick<Row<unknown>, "path" | "summary" | "refuses" | "words" | "answersBanned"> {
  readonly method: "GET";
  /** @throws {Refusal} */
  readonly answer: (
    request: Request,
    arrived: { readonly parts: ApiParts; readonly ends: ConnectionEnds },
  ) => Response | Promise<Response>;
}

/** A call that anyone may make. */
export function openRoute<Body = undefined>(
  row: Row<Body> & { run: (call: Call<Body>) => Reply | Promise<Reply> },
): JsonRoute {
  return { ...row, scope: undefined, run: async (call) => await row.run(withBody(row, call)) };
}

/** A call that needs an access token of some scope. */
export function memberRoute<Body = undefined>(
  row: Row<Body> & {
    scope: NeededScope;
    role?: Role;
    run: (call: Call<Body>, caller: Caller) => Reply | Promise<Reply>;
  },
): JsonRoute {
  return { ...row, run: async (call, caller) => await row.run(withBody(row, call), caller!) };
}

/** @throws {Refusal} `bad_body` */
function withBody<Body>(row: Row<Body>, call: Call<unknown>): Call<Body> {
  if (row.body === undefined) return { ...call, body: undefined as Body };
  const checked = row.body.safeParse(call.body);
  if (checked.success) return { ...call, body: checked.data };
  const [field] = checked.error.issues[0]?.path ?? [];
  throw badBody(wordsForBody(row, field?.toString()));
}

/** @param field The one that is at fault; undefined where the body is no object. */
export function wordsForBody({ badBody }: Pick<Row<unknown>, "badBody">, field?: string): string {
  return typeof badBody === "function" ? badBody(field) : badBody ?? "The body is not what this call takes.";
}
