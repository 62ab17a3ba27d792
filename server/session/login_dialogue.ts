import { looksLikeToken } from "../accounts/tokens.ts";
import { badUsage, passwordsDiffer, type Refusal } from "../refusals.ts";
import { printable } from "../wire/printable.ts";
import { type Stranger, strangerOf } from "../wire/text_input.ts";

/** What the dialogue waits for. */
export type LoginState =
  | { readonly asks: "username" }
  | { readonly asks: "password"; readonly username: string }
  | { readonly asks: "name"; readonly username: string }
  | { readonly asks: "new password"; readonly username: string; readonly name: string }
  | {
    readonly asks: "repeated password";
    readonly username: string;
    readonly name: string;
    readonly password: string;
  };

/** What somebody tries in order to come in. */
export type Attempt =
  | { readonly by: "token"; readonly jwt: string }
  | { readonly by: "password"; readonly username: string; readonly password: string }
  | { readonly by: "ticket"; readonly ticket: string }
  | { readonly by: "signing up"; readonly username: string; readonly name: string; readonly password: string }
  | { readonly by: "guest name"; readonly name: string }
  /** A bare name: an account's, or else a guest's. */
  | { readonly by: "name"; readonly name: string };

/** What follows from a line. */
export type Step =
  | {
    readonly type: "ask";
    readonly state: LoginState;
    readonly check?: { readonly username?: string; readonly name?: string };
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
  "/login <username> does so for this account, or asks for your password, which your terminal shows as you type.",
  "/ticket <ticket>  comes in by the ticket that the page Join from a terminal gives you, within a minute.",
  "/signup <username> makes an account.",
  "/token <token>    comes in by an access token; pasting it alone does the same.",
  ".exit             leaves.",
].join("\n");

/** How a browser is asked to let somebody in. */
export function linkSentence({ url, code }: { url: string; code: string }): string {
  return `Open ${url} and enter ${code}.`;
}

/** Whether the next line is a secret, that nobody else must ever read. */
export function asksSecret({ asks }: LoginState): boolean {
  return asks === "password" || asks === "new password" || asks === "repeated password";
}

/** What is written before the line that a state waits for. */
export function promptOf(state: LoginState): string {
  switch (state.asks) {
    case "username":
      return "Enter your username: ";
    case "name":
      return "Choose a name: ";
    case "password":
    case "new password":
      return "Password: ";
    case "repeated password":
      return "Repeat password: ";
  }
}

/** Goes on from a state by a line: to the next question, or to an attempt. */
export function answer(state: LoginState, line: string): Step {
  switch (state.asks) {
    case "username":
      return answerUsername(line);
    case "password":
      return attempt({ by: "password", username: state.username, password: line });
    case "name":
      return askNewPassword(state.username, printable(line).trim());
    case "new password":
      return ask({ ...state, asks: "repeated password", password: line });
    case "repeated password":
      return line === state.password
        ? attempt({ by: "signing up", username: state.username, name: state.name, password: state.password })
        : { type: "refuse", refusal: passwordsDiffer(), state: { ...state, asks: "new password" } };
  }
}

function answerUsername(line: string): Step {
  const stranger = strangerOf(line);
  if (stranger === "json") return { type: "json" };
  if (stranger !== undefined) return { type: "turn away", stranger };
  const text = printable(line).trim();
  if (text === "") return ask(ASKS_USERNAME);
  if (/^\.exit$/i.test(text)) return { type: "leave" };
  if (text.startsWith("/")) return answerCommand(text);
  if (looksLikeToken(text)) return attempt({ by: "token", jwt: text });
  if (text.includes("@")) return ask({ asks: "password", username: text });
  return attempt({ by: "name", name: text });
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
      return second === undefined
        ? { ...ask({ asks: "name", username: first }), check: { username: first } }
        : askNewPassword(first, second);
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

function askNewPassword(username: string, name: string): Step {
  return { ...ask({ asks: "new password", username, name }), check: { username, name } };
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
