import type { Account } from "../accounts/account_store.ts";
import type { Invitation } from "../accounts/invitation_store.ts";
import { looksLikeToken } from "../accounts/tokens.ts";
import { badUsage, passwordsDiffer, type Refusal } from "../refusals.ts";
import { printable } from "../wire/printable.ts";
import { type Stranger, strangerOf } from "../wire/text_input.ts";

/** Somebody who has given the right password, or has just made an account with one. The password itself is forgotten. */
export interface Proven {
  /** As it was then. */
  readonly account: Account;
  /** What was typed for a name. */
  readonly typed: string;
  readonly by: "password" | "signing up";
}

/** Somebody who makes an account, as far as that has come. */
interface SigningUp {
  readonly username: string;
  readonly name: string;
  /** One that was good; undefined where none was asked for. */
  readonly invitation: Invitation | undefined;
}

/** What the dialogue waits for. */
export type LoginState =
  | { readonly asks: "username" }
  | { readonly asks: "password"; readonly username: string }
  /** The second factor. */
  | { readonly asks: "code" } & Proven
  /** The one by which codes are switched on, without which somebody does not come in. */
  | { readonly asks: "first code" } & Proven
  | { readonly asks: "invitation"; readonly username: string; readonly name: string | undefined }
  | { readonly asks: "name" } & Omit<SigningUp, "name">
  | { readonly asks: "new password" } & SigningUp
  | { readonly asks: "repeated password"; readonly password: string } & SigningUp;

/** What somebody tries in order to come in. */
export type Attempt =
  | { readonly by: "token"; readonly jwt: string }
  | { readonly by: "password"; readonly username: string; readonly password: string }
  | { readonly by: "code"; readonly of: Proven; readonly code: string }
  | { readonly by: "first code"; readonly of: Proven; readonly code: string }
  /** Both steps at once, by a program; the code where it has given one. */
  | {
    readonly by: "password and code";
    readonly username: string;
    readonly password: string;
    readonly code: string | undefined;
  }
  | { readonly by: "ticket"; readonly ticket: string }
  | { readonly by: "signing up"; readonly password: string } & SigningUp
  | { readonly by: "guest name"; readonly name: string }
  /** A bare name: an account's, or else a guest's, unless it looks like a token. */
  | { readonly by: "name"; readonly name: string };

/** What follows from a line. */
export type Step =
  | {
    readonly type: "ask";
    readonly state: LoginState;
    /** What must be right of an account that is to be made. */
    readonly check?: { readonly username: string; readonly name?: string; readonly invitation?: string };
  }
  /** A log-in by browser, where one is possible; then the question of the state. */
  | { readonly type: "offer link"; readonly username: string | undefined; readonly state: LoginState }
  | { readonly type: "attempt"; readonly attempt: Attempt }
  | { readonly type: "refuse"; readonly refusal: Refusal; readonly state: LoginState }
  /** A command for those who are in, if it is one at all. */
  | { readonly type: "too early"; readonly command: string }
  /** A program, whose line is an object. */
  | { readonly type: "json" }
  | { readonly type: "help" }
  | { readonly type: "leave" }
  | { readonly type: "turn away"; readonly stranger: Exclude<Stranger, "json"> };

const LEAVES = /^\.exit$/i;

/** Where every dialogue begins. */
export const ASKS_USERNAME: LoginState = { asks: "username" };

/** The greeting, with the first prompt. */
export function greeting(serverName: string, { guests }: { guests: boolean }): string {
  return [
    `Welcome to ${serverName}.`,
    "Paste your access token, or /login <username>, or /signup <username>.",
    ...guests ? ["Or just type a name to come in as a guest."] : [],
    promptOf(ASKS_USERNAME),
  ].join("\n");
}

/** What `/help` says to those who are not in yet. */
export const LOGIN_HELP = [
  "A name            comes in as a guest, or asks for the password of the account that holds it.",
  "/guest <name>     comes in as a guest.",
  "/login            lets you in by a browser that is signed in here, without a password.",
  "/login <username> does so for this account, or asks for your password, which your terminal shows as you type;",
  "                  then for a code of your authenticator app, or a recovery code, where you have switched codes on.",
  "/ticket <ticket>  comes in by the ticket that the page Join from a terminal gives you, within a minute.",
  "/signup <username> makes an account; where that is by invitation, it asks for yours.",
  "/token <token>    comes in by an access token; pasting it alone does the same.",
  ".exit             leaves.",
].join("\n");

/** How a browser is asked to let somebody in. */
export function linkSentence({ url, code }: { url: string; code: string }): string {
  return `Open ${url} and enter ${code}.`;
}

/** Whether the next line is a secret, that nobody else must ever read. */
export function asksSecret({ asks }: LoginState): boolean {
  return asks !== "username" && asks !== "name";
}

/** What is written before the line that a state waits for. */
export function promptOf(state: LoginState): string {
  switch (state.asks) {
    case "username":
      return "Enter your username: ";
    case "code":
    case "first code":
      return "Code: ";
    case "invitation":
      return "Invitation: ";
    case "name":
      return "Choose a name: ";
    case "password":
    case "new password":
      return "Password: ";
    case "repeated password":
      return "Repeat password: ";
  }
}

/** The state in which a line is understood: what begins with a slash is no name, and so another beginning. */
export function stateFor(state: LoginState, line: string): LoginState {
  return state.asks === "name" && /^\s*\//.test(line) ? ASKS_USERNAME : state;
}

/** Goes on from a state by a line: to the next question, or to an attempt. */
export function answer(state: LoginState, line: string): Step {
  switch (state.asks) {
    case "username":
      return answerUsername(line);
    case "password":
      if (LEAVES.test(line)) return { type: "leave" }; // no password is so short
      return attempt({ by: "password", username: state.username, password: line });
    case "code":
    case "first code":
      return answerOrLeave(state, line, (code) => attempt({ by: state.asks, of: provenOf(state), code }));
    case "invitation":
      return answerOrLeave(state, line, (given) => toSignUp({ ...state, invitation: undefined }, given));
    case "name":
      return answerOrLeave(state, line, (name) => toSignUp({ ...state, name }));
    case "new password":
      if (LEAVES.test(line)) return { type: "leave" };
      return ask({ ...state, asks: "repeated password", password: line });
    case "repeated password":
      return answerRepeatedPassword(state, line);
  }
}

/**
 * What is asked for once more after a refusal: it may be given right yet. What comes next is mostly that, and must not be
 * taken for a guest's name, which all would see.
 */
const ASKED_AGAIN: Partial<Record<LoginState["asks"], readonly string[]>> = {
  "code": ["wrong_code", "too_many_codes", "too_many_attempts"],
  "first code": ["wrong_code", "too_many_codes", "too_many_attempts"],
  "invitation": ["invitation_not_valid", "too_many_attempts"],
  "name": ["bad_name", "name_taken"],
  "repeated password": ["bad_password", "common_password", "password_is_name"],
};

/** What is waited for after a refusal of this code. */
export function stateAfter(state: LoginState, code: string): LoginState {
  if (!ASKED_AGAIN[state.asks]?.includes(code)) return ASKS_USERNAME;
  if (state.asks !== "repeated password") return state;
  const { username, name, invitation } = state;
  return { asks: "new password", username, name, invitation };
}

/** The question for an invitation, where that comes before the question of a state. */
export function invitationFirst(state: LoginState): LoginState | undefined {
  if (state.asks !== "name" && state.asks !== "new password") return undefined;
  const name = state.asks === "name" ? undefined : state.name;
  return state.invitation === undefined ? { asks: "invitation", username: state.username, name } : undefined;
}

function answerUsername(line: string): Step {
  const stranger = strangerOf(line);
  if (stranger === "json") return { type: "json" };
  if (stranger !== undefined) return { type: "turn away", stranger };
  const text = printable(line).trim();
  if (text === "") return ask(ASKS_USERNAME);
  if (LEAVES.test(text)) return { type: "leave" };
  if (text.startsWith("/")) return answerCommand(text);
  if (looksLikeToken(text) && isNoName(text)) return attempt({ by: "token", jwt: text });
  if (text.includes("@")) return ask({ asks: "password", username: text });
  return attempt({ by: "name", name: text });
}

/** Of what looks like a token: no name is so long, or begins so. */
function isNoName(text: string): boolean {
  return text.length > 32 || text.startsWith("eyJ");
}

function answerCommand(text: string): Step {
  const [, command = "", rest = ""] = /^\/(\S*)\s*(.*)$/su.exec(text) ?? [];
  const [, first, second] = /^(\S+)(?:\s+(.+))?$/su.exec(rest) ?? [];
  switch (command.toLowerCase()) {
    case "token":
      return first === undefined ? refuse(badUsage("/token <token>")) : attempt({ by: "token", jwt: first });
    case "ticket":
      return rest === "" ? refuse(badUsage("/ticket <ticket>")) : attempt({ by: "ticket", ticket: rest });
    case "login":
      if (first === undefined) return { type: "offer link", username: undefined, state: ASKS_USERNAME };
      return second === undefined
        ? { type: "offer link", username: first, state: { asks: "password", username: first } }
        : attempt({ by: "password", username: first, password: second });
    case "signup":
      if (first === undefined) return refuse(badUsage("/signup <username> [name]"));
      return toSignUp({ username: first, name: second, invitation: undefined });
    case "guest":
      return rest === "" ? refuse(badUsage("/guest <name>")) : attempt({ by: "guest name", name: rest });
    case "help":
      return { type: "help" };
    case "quit":
    case "exit":
      return { type: "leave" };
    default:
      return { type: "too early", command: command.toLowerCase() };
  }
}

/**
 * To the next question for an account that is to be made.
 *
 * @param given An invitation that is still to be looked at.
 */
function toSignUp(
  { username, name, invitation }: Omit<SigningUp, "name"> & { readonly name?: string | undefined },
  given?: string,
): Step {
  const check = { username, ...given !== undefined && { invitation: given } };
  return name === undefined
    ? { ...ask({ asks: "name", username, invitation }), check }
    : { ...ask({ asks: "new password", username, name, invitation }), check: { ...check, name } };
}

function answerRepeatedPassword(
  state: Extract<LoginState, { asks: "repeated password" }>,
  line: string,
): Step {
  const { username, name, invitation, password } = state;
  const signingUp = { username, name, invitation };
  return line === password
    ? attempt({ by: "signing up", ...signingUp, password })
    : { type: "refuse", refusal: passwordsDiffer(), state: { asks: "new password", ...signingUp } };
}

/** A code or a name, unlike a password, is never nothing, nor what leaves. */
function answerOrLeave(state: LoginState, line: string, given: (code: string) => Step): Step {
  const text = printable(line).trim();
  if (text === "") return ask(state);
  return LEAVES.test(text) ? { type: "leave" } : given(text);
}

function provenOf({ account, typed, by }: Proven): Proven {
  return { account, typed, by };
}

function ask(state: LoginState): Extract<Step, { type: "ask" }> {
  return { type: "ask", state };
}

function attempt(attempt: Attempt): Step {
  return { type: "attempt", attempt };
}

function refuse(refusal: Refusal): Step {
  return { type: "refuse", refusal, state: ASKS_USERNAME };
}
