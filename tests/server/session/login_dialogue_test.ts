import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import {
  answer,
  asksSecret,
  type Attempt,
  greeting,
  linkSentence,
  LOGIN_HELP,
  type LoginState,
  promptOf,
} from "../../../server/session/login_dialogue.ts";
import { quoted } from "../../support/quoted.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMUoifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4";

/** What a first line leads to, in short: an attempt, a question, a refusal, or what else there is. */
const FIRST_LINES: [line: string, leadsTo: string][] = [
  // tokens
  [JWT, `token ${JWT}`],
  [`  ${JWT} `, `token ${JWT}`],
  [`/token ${JWT}`, `token ${JWT}`],
  [`/TOKEN  ${JWT}  `, `token ${JWT}`],
  ["/token nonsense", "token nonsense"],
  ["/token", "refused: Use: /token <token>"],
  ["eyJ.eyJ.", "token eyJ.eyJ."],

  // names
  ["alice", "name alice"],
  ["  alice\t", "name alice"],
  ["j.r.smith", "name j.r.smith"],
  ["al\x1bic\x07e\u202e", "name alice"],
  ["two words", "name two words"],
  ["exit", "name exit"],
  ["Cap", "name Cap"],
  ["user", "name user"],
  ["NICK", "name NICK"],

  // whatever has an @ is a username
  ["ann@example.org", "Password:  of ann@example.org"],
  ["ann@", "Password:  of ann@"],
  ["@", "Password:  of @"],

  // commands
  ["/login ann", "a browser of ann's, Password:  of ann"],
  ["/LogIn  Ann@Example.org", "a browser of Ann@Example.org's, Password:  of Ann@Example.org"],
  ["/login ann correct horse  battery", "password of ann: correct horse  battery"],
  ["/login", "a browser, Enter your username: "],
  ["/LOGIN   ", "a browser, Enter your username: "],
  ["/ticket BCDF-GHJK-MNPQ", "ticket BCDF-GHJK-MNPQ"],
  ["/Ticket  bcdf ghjk mnpq ", "ticket bcdf ghjk mnpq"],
  ["/ticket", "refused: Use: /ticket <ticket>"],
  ["BCDF-GHJK-MNPQ", "name BCDF-GHJK-MNPQ"],
  ["/signup ann", "Choose a name:  of ann, checked: ann"],
  ["/signup ann Ann", "Password:  of ann as Ann, checked: ann Ann"],
  ["/signup", "refused: Use: /signup <username> [name]"],
  ["/guest ann", "guest name ann"],
  ["/guest Ann B", "guest name Ann B"],
  ["/guest", "refused: Use: /guest <name>"],
  ["/help", "help"],
  ["/help login", "help"],
  [".exit", "leave"],
  [" .EXIT ", "leave"],
  ["/exit", "leave"],
  ["/Quit now", "leave"],
  [".exit now", "name .exit now"],
  ["/who", "too early: who"],
  ["/@ bob hi", "too early: @"],
  ["/", "too early: "],
  ["//", "too early: /"],

  // nothing
  ["", "Enter your username: "],
  [" \t ", "Enter your username: "],
  ["\x00\x1b\x07", "Enter your username: "],

  // programs
  ['{"type":"guest","name":"bot"}', "json"],
  ["{", "json"],

  // programs at the wrong port
  ["GET / HTTP/1.1", "turned away: http"],
  ["get / HTTP/1.0", "turned away: http"],
  ["POST /rooms/lobby/messages HTTP/1.1", "turned away: http"],
  ["CONNECT example.org:443 HTTP/1.1", "turned away: http"],
  ["OPTIONS * HTTP/1.1", "turned away: http"],
  ["PRI * HTTP/2.0", "turned away: http"],
  ["CAP LS 302", "turned away: irc"],
  ["NICK ann", "turned away: irc"],
  ["USER ann 0 * :Ann", "turned away: irc"],
  ["PASS secret", "turned away: irc"],
  ["PASS  :secret", "turned away: irc"],
];

for (const [line, leadsTo] of FIRST_LINES) {
  Deno.test(`the first line ${quoted(line)} leads to ${quoted(leadsTo)}`, () => {
    equal(inShort({ asks: "username" }, line), leadsTo);
  });
}

const NAMED = { username: "ann", name: "Ann" };

/** State, line and what follows, of the questions after the first. */
const ANSWERS: [state: LoginState, line: string, leadsTo: string][] = [
  [{ asks: "password", username: "ann" }, "correct horse", "password of ann: correct horse"],
  // a password is what was typed, whatever it looks like
  [{ asks: "password", username: "ann" }, " /help\t\x1b ", "password of ann:  /help\t\x1b "],
  [{ asks: "password", username: "ann" }, ".exit", "password of ann: .exit"],
  [{ asks: "password", username: "ann" }, "", "password of ann: "],
  [{ asks: "password", username: "ann" }, "GET / HTTP/1.1", "password of ann: GET / HTTP/1.1"],
  [{ asks: "name", username: "ann" }, " A\x1bnn ", "Password:  of ann as Ann, checked: ann Ann"],
  [{ asks: "name", username: "ann" }, "", "Password:  of ann as , checked: ann "],
  [{ asks: "new password", ...NAMED }, " a b ", "Repeat password:  of ann as Ann, given:  a b "],
  [{ asks: "repeated password", ...NAMED, password: " a b " }, " a b ", "signing up ann as Ann:  a b "],
  [
    { asks: "repeated password", ...NAMED, password: " a b " },
    "a b",
    "refused: The two passwords differ; try again. Password:  of ann as Ann",
  ],
  [
    { asks: "repeated password", ...NAMED, password: "correct horse" },
    "Correct horse",
    "refused: The two passwords differ; try again. Password:  of ann as Ann",
  ],
];

for (const [state, line, leadsTo] of ANSWERS) {
  Deno.test(`asked for the ${state.asks}, ${quoted(line)} leads to ${quoted(leadsTo)}`, () => {
    equal(inShort(state, line), leadsTo);
  });
}

Deno.test("a browser is asked for by a sentence", () => {
  equal(
    linkSentence({ url: "https://localhost:8443/link", code: "BCDF-GHJK" }),
    "Open https://localhost:8443/link and enter BCDF-GHJK.",
  );
});

Deno.test("passwords are secrets, names are not", () => {
  const states: LoginState[] = [{ asks: "username" }, ...ANSWERS.map(([state]) => state)];
  const secret = states.filter(asksSecret).map(({ asks }) => asks);
  deepEqual(new Set(secret), new Set(["password", "new password", "repeated password"]));
});

Deno.test("the greeting tells guests how to come in where they may", () => {
  equal(
    greeting("The Dog", { guests: true }),
    "Welcome to The Dog.\n" +
      "Paste your access token, or /login <username>, or /signup <username>.\n" +
      "Or just type a name to come in as a guest.\n" +
      "Enter your username: ",
  );
  equal(
    greeting("The Dog", { guests: false }),
    "Welcome to The Dog.\n" +
      "Paste your access token, or /login <username>, or /signup <username>.\n" +
      "Enter your username: ",
  );
});

Deno.test("the help before log-in names every way in and the way out", () => {
  const ways = ["/guest <name>", "/login  ", "/login <username>", "/signup", "/token", "/ticket", ".exit"];
  deepEqual(ways.filter((way) => !LOGIN_HELP.includes(way)), []);
});

function inShort(state: LoginState, line: string): string {
  const step = answer(state, line);
  switch (step.type) {
    case "ask": {
      const { username, name } = step.check ?? {};
      const checked = [username, name].filter((handle) => handle !== undefined).join(" ");
      return asked(step.state) + (step.check === undefined ? "" : `, checked: ${checked}`);
    }
    case "offer link":
      return `a browser${step.username === undefined ? "" : ` of ${step.username}'s`}, ${asked(step.state)}`;
    case "attempt":
      return attempted(step.attempt);
    case "refuse":
      return `refused: ${step.refusal.message}${
        step.state.asks === "username" ? "" : ` ${asked(step.state)}`
      }`;
    case "too early":
      return `too early: ${step.command}`;
    case "turn away":
      return `turned away: ${step.stranger}`;
    case "json":
    case "help":
    case "leave":
      return step.type;
  }
}

function attempted(attempt: Attempt): string {
  switch (attempt.by) {
    case "token":
      return `token ${attempt.jwt}`;
    case "ticket":
      return `ticket ${attempt.ticket}`;
    case "password":
      return `password of ${attempt.username}: ${attempt.password}`;
    case "signing up":
      return `signing up ${attempt.username} as ${attempt.name}: ${attempt.password}`;
    case "guest name":
    case "name":
      return `${attempt.by} ${attempt.name}`;
  }
}

function asked(state: LoginState): string {
  const prompt = promptOf(state);
  switch (state.asks) {
    case "username":
      return prompt;
    case "password":
    case "name":
      return `${prompt} of ${state.username}`;
    case "new password":
      return `${prompt} of ${state.username} as ${state.name}`;
    case "repeated password":
      return `${prompt} of ${state.username} as ${state.name}, given: ${state.password}`;
  }
}
