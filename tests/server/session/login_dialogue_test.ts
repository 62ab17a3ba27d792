import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Invitation } from "../../../server/accounts/invitation_store.ts";
import {
  answer,
  asksSecret,
  type Attempt,
  greeting,
  invitationFirst,
  linkSentence,
  LOGIN_HELP,
  type LoginState,
  promptOf,
  type Proven,
  stateAfter,
  stateFor,
} from "../../../server/session/login_dialogue.ts";
import { anAccount } from "../../support/an_account.ts";
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
  ["/SignUp  ann@example.org ", "Choose a name:  of ann@example.org, checked: ann@example.org"],
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
  ["Host: chat.example.org", "turned away: http"], // the line before was too long
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

const NAMED = { username: "ann", name: "Ann", invitation: undefined };

const INVITATION: Invitation = {
  id: "01J0000000000000000000000B",
  code: "BCDF-GHJK-MNPQ",
  role: "member",
  room: undefined,
  uses: 1,
  usedBy: [],
  by: "operator",
  createdAt: new Date(0),
  expiresAt: new Date(1),
  revoked: false,
};
const INVITED = { ...NAMED, invitation: INVITATION };

/** Somebody whose password was right. */
const PROVEN: Proven = { account: anAccount(), typed: "ANN", by: "password" };
const NEWCOMER: Proven = { ...PROVEN, by: "signing up" };

/** State, line and what follows, of the questions after the first. */
const ANSWERS: [state: LoginState, line: string, leadsTo: string][] = [
  [{ asks: "password", username: "ann" }, "correct horse", "password of ann: correct horse"],
  // a password is what was typed, whatever it looks like
  [{ asks: "password", username: "ann" }, " /help\t\x1b ", "password of ann:  /help\t\x1b "],
  [{ asks: "password", username: "ann" }, ".exit ", "password of ann: .exit "],
  [{ asks: "password", username: "ann" }, ".exit", "leave"], // none is so short
  [{ asks: "password", username: "ann" }, "", "password of ann: "],
  [{ asks: "password", username: "ann" }, "GET / HTTP/1.1", "password of ann: GET / HTTP/1.1"],
  [
    { asks: "name", username: "ann", invitation: undefined },
    " A\x1bnn ",
    "Password:  of ann as Ann, checked: ann Ann",
  ],
  [{ asks: "name", username: "ann", invitation: undefined }, "", "Choose a name:  of ann"],
  [
    { asks: "name", username: "ann", invitation: INVITATION },
    "Ann",
    "Password:  of ann as Ann, invited, checked: ann Ann",
  ],
  [{ asks: "name", username: "ann", invitation: undefined }, ".exit", "leave"],
  [
    { asks: "name", username: "ann", invitation: INVITATION },
    "/signup bob Bob",
    "Password:  of bob as Bob, checked: bob Bob",
  ],
  // a code is what is left of the line
  [{ asks: "code", ...PROVEN }, " 287 082\r", "code of ann (ANN, password): 287 082"],
  [
    { asks: "code", ...NEWCOMER },
    "bcdf-ghjk-mnpq-rstv",
    "code of ann (ANN, signing up): bcdf-ghjk-mnpq-rstv",
  ],
  [{ asks: "code", ...PROVEN }, "/help", "code of ann (ANN, password): /help"],
  [{ asks: "code", ...PROVEN }, "GET / HTTP/1.1", "code of ann (ANN, password): GET / HTTP/1.1"],
  [{ asks: "code", ...PROVEN }, " \t", "Code:  of ann"],
  [{ asks: "code", ...PROVEN }, " .Exit ", "leave"],
  [{ asks: "first code", ...PROVEN }, "287082", "first code of ann (ANN, password): 287082"],
  [{ asks: "first code", ...NEWCOMER }, "", "first Code:  of ann"],
  [{ asks: "first code", ...NEWCOMER }, ".exit", "leave"],
  [{ asks: "first code", ...NEWCOMER }, "/guest ann", "first code of ann (ANN, signing up): /guest ann"],
  // an invitation is looked at before anything else is asked
  [
    { asks: "invitation", username: "ann", name: undefined },
    " bcdf ghjk mnpq ",
    "Choose a name:  of ann, checked: ann, invited by bcdf ghjk mnpq",
  ],
  [
    { asks: "invitation", username: "ann", name: "Ann" },
    "BCDF-GHJK-MNPQ",
    "Password:  of ann as Ann, checked: ann Ann, invited by BCDF-GHJK-MNPQ",
  ],
  [{ asks: "invitation", username: "ann", name: undefined }, "", "Invitation:  of ann"],
  [{ asks: "invitation", username: "ann", name: "Ann" }, " ", "Invitation:  of ann as Ann"],
  [{ asks: "invitation", username: "ann", name: "Ann" }, ".exit", "leave"],
  [{ asks: "new password", ...NAMED }, " a b ", "Repeat password:  of ann as Ann, given:  a b "],
  [{ asks: "repeated password", ...NAMED, password: " a b " }, " a b ", "signing up ann as Ann:  a b "],
  [{ asks: "new password", ...NAMED }, ".exit", "leave"],
  [{ asks: "new password", ...INVITED }, "secret", "Repeat password:  of ann as Ann, invited, given: secret"],
  [
    { asks: "repeated password", ...INVITED, password: "secret" },
    "secret",
    "signing up ann as Ann, invited: secret",
  ],
  [
    { asks: "repeated password", ...INVITED, password: "secret" },
    "Secret",
    "refused: The two passwords differ; try again. Password:  of ann as Ann, invited",
  ],
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
    equal(inShort(stateFor(state, line), line), leadsTo);
  });
}

Deno.test("a browser is asked for by a sentence", () => {
  equal(
    linkSentence({ url: "https://localhost:8443/link", code: "BCDF-GHJK" }),
    "Open https://localhost:8443/link and enter BCDF-GHJK.",
  );
});

/** State and refusal, and what is asked then. */
const AFTER_REFUSALS: [state: LoginState, code: string, asked: string][] = [
  [{ asks: "username" }, "bad_name", "Enter your username: "],
  [{ asks: "password", username: "ann" }, "wrong_credentials", "Enter your username: "],
  [{ asks: "code", ...PROVEN }, "wrong_code", "Code:  of ann"],
  [{ asks: "code", ...PROVEN }, "too_many_codes", "Code:  of ann"],
  [{ asks: "code", ...PROVEN }, "too_many_attempts", "Code:  of ann"],
  [{ asks: "code", ...PROVEN }, "wrong_credentials", "Enter your username: "],
  [{ asks: "code", ...PROVEN }, "account_disabled", "Enter your username: "],
  [{ asks: "first code", ...PROVEN }, "wrong_code", "first Code:  of ann"],
  [{ asks: "first code", ...PROVEN }, "step_over", "Enter your username: "],
  [{ asks: "first code", ...PROVEN }, "mfa_already_on", "Enter your username: "],
  [{ asks: "invitation", username: "ann", name: undefined }, "invitation_not_valid", "Invitation:  of ann"],
  [{ asks: "invitation", username: "ann", name: undefined }, "too_many_attempts", "Invitation:  of ann"],
  [{ asks: "invitation", username: "ann", name: undefined }, "signup_closed", "Enter your username: "],
  [{ asks: "new password", ...INVITED }, "bad_password", "Enter your username: "],
  [{ asks: "name", username: "ann", invitation: undefined }, "bad_name", "Choose a name:  of ann"],
  [{ asks: "name", username: "ann", invitation: undefined }, "name_taken", "Choose a name:  of ann"],
  [{ asks: "name", username: "ann", invitation: undefined }, "user_exists", "Enter your username: "],
  ...["bad_password", "common_password", "password_is_name"].map((code): [LoginState, string, string] => [
    { asks: "repeated password", ...INVITED, password: "secret" },
    code,
    "Password:  of ann as Ann, invited",
  ]),
  [{ asks: "repeated password", ...NAMED, password: "secret" }, "name_taken", "Enter your username: "],
];

for (const [state, code, then] of AFTER_REFUSALS) {
  Deno.test(`asked for the ${state.asks} and refused by ${code}, one is then asked ${quoted(then)}`, () => {
    equal(asked(stateAfter(state, code)), then);
  });
}

Deno.test("an invitation comes before name and password, once", () => {
  const name = { asks: "name", username: "ann" } as const;
  deepEqual(invitationFirst({ ...name, invitation: undefined }), {
    asks: "invitation",
    username: "ann",
    name: undefined,
  });
  deepEqual(invitationFirst({ asks: "new password", ...NAMED }), {
    asks: "invitation",
    username: "ann",
    name: "Ann",
  });
  const others: LoginState[] = [
    { ...name, invitation: INVITATION },
    { asks: "new password", ...INVITED },
    { asks: "username" },
    { asks: "password", username: "ann" },
  ];
  for (const state of others) equal(invitationFirst(state), undefined);
});

Deno.test("what lets somebody in is a secret, names are not", () => {
  const states: LoginState[] = [{ asks: "username" }, ...ANSWERS.map(([state]) => state)];
  const secret = states.filter(asksSecret).map(({ asks }) => asks);
  const secrets = ["password", "code", "first code", "invitation", "new password", "repeated password"];
  deepEqual(new Set(secret), new Set(secrets));
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
      const { username, name, invitation } = step.check ?? {};
      const checked = [username, name].filter((handle) => handle !== undefined).join(" ");
      const invited = invitation === undefined ? "" : `, invited by ${invitation}`;
      return asked(step.state) + (step.check === undefined ? "" : `, checked: ${checked}${invited}`);
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
    case "password and code":
      return `password of ${attempt.username}: ${attempt.password}, code: ${attempt.code}`;
    case "code":
    case "first code": {
      const { account, typed, by } = attempt.of;
      return `${attempt.by} of ${account.name} (${typed}, ${by}): ${attempt.code}`;
    }
    case "signing up":
      return `signing up ${attempt.username} as ${attempt.name}${invitedIn(attempt)}: ${attempt.password}`;
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
    case "code":
      return `${prompt} of ${state.account.name}`;
    case "first code":
      return `first ${prompt} of ${state.account.name}`;
    case "invitation":
      return `${prompt} of ${state.username}${state.name === undefined ? "" : ` as ${state.name}`}`;
    case "new password":
      return `${prompt} of ${state.username} as ${state.name}${invitedIn(state)}`;
    case "repeated password":
      return `${prompt} of ${state.username} as ${state.name}${invitedIn(state)}, given: ${state.password}`;
  }
}

function invitedIn({ invitation }: { invitation: Invitation | undefined }): string {
  return invitation === undefined ? "" : ", invited";
}
