import type { LinkOffer } from "../accounts/link_codes.ts";
import type { Voucher } from "../accounts/voucher.ts";
import { notice } from "../chat/event.ts";
import { recoveryCodesNotice } from "../commands/mfa.ts";
import {
  defect,
  linkNotFound,
  linkRefused,
  logInFirst,
  noLink,
  passkeyRequired,
  passwordLoginOff,
  Refusal,
  unknownCommand,
} from "../refusals.ts";
import { readJson } from "../wire/json_input.ts";
import { linkJson } from "../wire/json_output.ts";
import type { Ref } from "../wire/json_types.ts";
import { quotable } from "../wire/printable.ts";
import type { Reader } from "../wire/text_output.ts";
import { Admission, type Admitted } from "./admission.ts";
import { readStep } from "./json_login.ts";
import { answer, ASKS_USERNAME, asksSecret, type Attempt, greeting, LOGIN_HELP } from "./login_dialogue.ts";
import {
  invitationFirst,
  linkSentence,
  type LoginState,
  promptOf,
  stateAfter,
  stateFor,
  type Step,
} from "./login_dialogue.ts";
import { LoginPatience } from "./login_patience.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";

/** How long somebody may take who has to find an authenticator app first, and perhaps a telephone to have it on. */
const ENROLMENT_MS = 300_000;

/** Of what looks the same to everybody it does not matter who reads it. */
const NOBODY: Reader = { key: "", looksAt: "" };

/** Refusals after which it is of no use to try again. */
const FINAL = ["banned"];

/**
 * The first stage of a session: somebody who is not in yet. Leads people through the login dialogue and takes programs at
 * their word, makes the attempts, and has little patience: time, lines, bytes and tries are counted.
 */
export class Entrance {
  #session: Host;
  #parts: SessionParts;
  #admission: Admission;
  #patience: LoginPatience;
  #state: LoginState = ASKS_USERNAME;
  /** What a browser may confirm. */
  #link: LinkOffer | undefined;
  #left = false;

  constructor(session: Host, parts: SessionParts) {
    this.#session = session;
    this.#parts = parts;
    this.#admission = new Admission(parts, session.address);
    const { serverName, guests } = parts.settings;
    this.#patience = new LoginPatience(
      parts.settings.limits,
      () => session.end("Login timed out.", "timeout"),
    );
    if (!session.inJson) session.write(greeting(serverName, { guests }));
  }

  received(bytes: number): void {
    this.#patience.received(bytes);
  }

  async line(text: string): Promise<void> {
    if (this.#session.inJson) await this.#jsonLine(text);
    else await this.#textLine(text);
    this.#patience.line();
  }

  /** Logs in by a token that came with the connection, as if it had been sent. */
  async bringsToken(jwt: string): Promise<void> {
    try {
      await this.#enter({ by: "token", jwt });
    } catch (error) {
      await this.#refuse(this.#refusalOf(error));
    }
  }

  lineTooLong(): void {
    this.#patience.line();
    if (!this.#session.inJson) this.#wait(this.#state);
  }

  settled(): Promise<void> {
    return Promise.resolve(); // each line is waited for
  }

  closed(): void {
    this.#left = true;
    this.#link?.withdraw();
    this.#patience[Symbol.dispose]();
  }

  async #textLine(text: string): Promise<void> {
    this.#state = stateFor(this.#state, text);
    try {
      await this.#take(answer(this.#state, text), text);
    } catch (error) {
      const refusal = this.#refusalOf(error);
      await this.#refuse(refusal);
      this.#wait(stateAfter(this.#state, refusal.code));
    }
  }

  async #jsonLine(text: string): Promise<void> {
    if (text.trim() === "") return;
    const request = readJson(text);
    if ("refusal" in request) return await this.#refuse(request.refusal, request.ref);
    try {
      const step = readStep(request);
      switch (step.type) {
        case "attempt":
          return await this.#enter(step.attempt, request.ref);
        case "link":
          return this.#session.write(linkJson(this.#offerLink(step.username, request.ref), request.ref));
        case "ping":
          return this.#answerPing(request.ref);
        case "pong":
          return;
      }
    } catch (error) {
      await this.#refuse(this.#refusalOf(error), request.ref);
    }
  }

  #take(step: Step, line: string): void | Promise<void> {
    switch (step.type) {
      case "ask":
        return this.#ask(step);
      case "offer link":
        this.#tellLink(step.username);
        return this.#wait(this.#parts.login.takesPasswords ? step.state : ASKS_USERNAME);
      case "attempt":
        return this.#enter(step.attempt);
      case "refuse":
        return this.#refuse(step.refusal).then(() => this.#wait(step.state));
      case "too early":
        throw this.#parts.commands.find(step.command) === undefined
          ? unknownCommand(quotable(step.command, 32))
          : logInFirst();
      case "help":
        this.#session.write(LOGIN_HELP + "\n");
        return this.#wait(this.#state);
      case "leave":
        return this.#session.end("Goodbye.", "quit");
      case "turn away":
        return this.#session.end(STRANGER_LINES[step.stranger], "quit");
      case "json":
        this.#session.write("\n"); // the prompt has no line ending, and an object begins its own line
        this.#session.speakJson();
        return this.#jsonLine(line);
    }
  }

  async #ask({ state, check }: Extract<Step, { type: "ask" }>): Promise<void> {
    if (state.asks === "password") return this.#askPassword(state);
    if (check === undefined) return this.#wait(state);
    const { login, hub } = this.#parts;
    const { address } = this.#session;
    hub.moderation.checkMaySignUp({ name: check.name ?? "", address });
    if (!login.takesPasswords) throw passwordLoginOff();
    if (login.asksInvitation && check.invitation === undefined) {
      const first = invitationFirst(state);
      if (first !== undefined) return this.#wait(first); // nobody else learns who has an account
    }
    const admitted = "invitation" in state && state.invitation !== undefined
      ? state
      : { ...state, invitation: await login.admitInvitation(address, check.invitation) };
    await login.checkUsername(check.username);
    if (check.name !== undefined) {
      await login.checkName(check.name);
      hub.checkNotPresent(check.name);
    }
    this.#wait(admitted);
  }

  /** Where nobody logs in by a password, a browser is asked for instead. @throws {Refusal} `password_login_off` */
  #askPassword(state: Extract<LoginState, { asks: "password" }>): void {
    if (this.#parts.login.takesPasswords) return this.#wait(state);
    this.#tellLink(state.username);
    this.#wait(ASKS_USERNAME);
  }

  async #enter(attempt: Attempt, ref?: Ref): Promise<void> {
    const admitted = await this.#admission.attempt(attempt);
    if (this.#left) return; // or in by now, for a browser has opened the door meanwhile
    if ("identity" in admitted) await this.#goIn({ ...admitted, ref });
    else await this.#askMore(admitted);
  }

  /** Goes on with somebody who owes something yet. */
  async #askMore(owing: Exclude<Admitted, Entry>): Promise<void> {
    if ("passkeyOf" in owing) {
      await this.#refuse(passkeyRequired());
      this.#tellLink(owing.passkeyOf.username);
      return this.#wait(ASKS_USERNAME);
    }
    const { next } = owing;
    switch (next.asks) {
      case "password":
        return this.#askPassword(next);
      case "code":
        this.#patience.allow(this.#parts.settings.limits.loginMs); // for the telephone is in another room
        return this.#wait(next);
      case "first code": {
        const begun = this.#parts.mfa.begin(next.account);
        this.#patience.allow(ENROLMENT_MS);
        this.#session.tell(MUST_ENROL, NOBODY);
        this.#session.tell({ type: "secret", ...begun }, NOBODY);
        return this.#wait(next);
      }
    }
  }

  async #goIn(entry: Entry): Promise<void> {
    const { identity: { account }, record, recoveryCodes } = entry;
    if (recoveryCodes !== undefined) this.#session.tell(recoveryCodesNotice(recoveryCodes), NOBODY);
    this.#session.enter(entry);
    if (account === undefined) return;
    const { origin, id } = this.#session;
    if (record === undefined) this.#parts.newLogins.tell(account, origin, { id });
    else this.#parts.newLogins.tellByToken(record, origin, { id });
    await this.#checkAgain(account, entry.token);
  }

  /** What was revoked or disabled on the way in ended no connection, for there was none yet. */
  async #checkAgain(account: string, token: string | undefined): Promise<void> {
    try {
      await this.#parts.login.checkAgain(account, token);
    } catch (error) {
      this.#session.end(this.#refusalOf(error).message, "kicked");
    }
  }

  /** @throws {Refusal} `no_link`, `bad_username`, `too_many_links` */
  #offerLink(username: string | undefined, ref?: Ref): LinkOffer & { url: string } {
    const { address, connection } = this.#session;
    const url = this.#parts.linkUrl(connection);
    if (url === undefined) throw noLink();
    this.#link?.withdraw();
    this.#link = this.#parts.links.offer({ address, how: connection.how, username }, {
      confirmed: (voucher) => this.#letIn(voucher, ref),
      refused: () => this.#interrupt(linkRefused(), ref),
    });
    this.#patience.allow(this.#link.lifetimeMs);
    return { ...this.#link, url };
  }

  /**
   * With a username a password does as well, where passwords are taken, so that it does not matter why no browser does.
   *
   * @throws {Refusal} `no_link`, `bad_username`, `too_many_links`, `password_login_off`
   */
  #tellLink(username: string | undefined): void {
    const { takesPasswords } = this.#parts.login;
    try {
      this.#session.write(linkSentence(this.#offerLink(username)) + "\n");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!takesPasswords && error.code === "no_link") throw passwordLoginOff();
      if (!takesPasswords || username === undefined) throw error;
    }
  }

  /** A browser opens the door, at whatever moment. @throws {Refusal} which is told here as well */
  async #letIn(voucher: Voucher, ref?: Ref): Promise<void> {
    try {
      const admitted = await this.#admission.byLink(voucher);
      if (this.#left) throw linkNotFound();
      if (!this.#session.inJson) this.#session.write("\n"); // the prompt has no line ending
      await this.#goIn({ ...admitted, ref, typingSecret: asksSecret(this.#state) });
    } catch (error) {
      const refusal = this.#refusalOf(error);
      this.#interrupt(refusal, ref);
      throw refusal;
    }
  }

  /** Says something while a line is waited for, and asks for that again. */
  #interrupt(refusal: Refusal, ref?: Ref): void {
    if (this.#left) return;
    if (!this.#session.inJson) this.#session.write("\n");
    this.#session.refuse(refusal, ref);
    if (FINAL.includes(refusal.code)) return this.#session.end("Goodbye.", "kicked");
    if (!this.#session.inJson) this.#wait(this.#state);
  }

  /** Says no; the more often, the later, and in the end for good. */
  async #refuse(refusal: Refusal, ref?: Ref): Promise<void> {
    await this.#patience.refusal();
    if (this.#left) return;
    this.#session.refuse(refusal, ref);
    if (FINAL.includes(refusal.code)) return this.#session.end("Goodbye.", "kicked");
    if (!this.#patience.exhausted) return;
    const { loginTries } = this.#parts.settings.limits;
    this.#session.end(`That was try ${this.#patience.tries} of ${loginTries}; connect again.`, "quit");
  }

  #wait(state: LoginState): void {
    if (this.#left) return;
    this.#state = state;
    this.#session.write(promptOf(state));
  }

  #answerPing(ref: Ref | undefined): void {
    this.#session.tell({ type: "pong" }, { key: "", looksAt: "" }, ref);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    this.#parts.report.defect(error);
    return defect();
  }
}

/** What programs are told that come to the wrong port. */
const STRANGER_LINES = {
  http: "This is not an HTTP server.",
  irc: "ERROR :This is Parley; join with a plain socket or the web page.",
};

/** What somebody is told who does not come in without a second factor. */
const MUST_ENROL = notice(
  "This server asks for a second factor: switch codes on now, to come in. It takes an authenticator app; .exit leaves.",
);
