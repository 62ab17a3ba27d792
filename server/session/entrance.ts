import type { LinkOffer } from "../accounts/link_codes.ts";
import type { Voucher } from "../accounts/voucher.ts";
import {
  defect,
  linkNotFound,
  linkRefused,
  logInFirst,
  noLink,
  Refusal,
  unknownCommand,
} from "../refusals.ts";
import { readJson } from "../wire/json_input.ts";
import { linkJson } from "../wire/json_output.ts";
import type { Ref } from "../wire/json_types.ts";
import { quotable } from "../wire/printable.ts";
import { Admission } from "./admission.ts";
import { readStep } from "./json_login.ts";
import { answer, ASKS_USERNAME, asksSecret, type Attempt, greeting, LOGIN_HELP } from "./login_dialogue.ts";
import { linkSentence, type LoginState, promptOf, type Step } from "./login_dialogue.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";

/** The pause before the second refusal; each further one doubles it. */
const FIRST_PAUSE_MS = 500;

/** How often it is looked at the time that is left, which an admin may change meanwhile. */
const LOOK_EVERY_MS = 1_000;

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
  #state: LoginState = ASKS_USERNAME;
  #beganAtMs = performance.now();
  /** Until when a browser may confirm the log-in, which is waited for. */
  #linkEndsAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What a browser may confirm. */
  #link: LinkOffer | undefined;
  #lines = 0;
  #bytes = 0;
  #tries = 0;
  #left = false;
  #endPause: (() => void) | undefined;

  constructor(session: Host, parts: SessionParts) {
    this.#session = session;
    this.#parts = parts;
    this.#admission = new Admission(parts, session.address);
    const { serverName, guests } = parts.settings;
    this.#watchTime();
    if (!session.inJson) session.write(greeting(serverName, { guests }));
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#parts.settings.limits.loginBytes) this.#timeOut();
  }

  async line(text: string): Promise<void> {
    if (this.#session.inJson) await this.#jsonLine(text);
    else await this.#textLine(text);
    this.#countLine();
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
    this.#countLine();
  }

  settled(): Promise<void> {
    return Promise.resolve(); // each line is waited for
  }

  closed(): void {
    this.#left = true;
    this.#link?.withdraw();
    clearTimeout(this.#timer);
    this.#endPause?.();
  }

  async #textLine(text: string): Promise<void> {
    try {
      await this.#take(answer(this.#state, text), text);
    } catch (error) {
      await this.#refuse(this.#refusalOf(error));
      this.#wait(ASKS_USERNAME);
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
        return this.#wait(step.state);
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
    const { login, hub } = this.#parts;
    if (check !== undefined) {
      hub.moderation.checkMaySignUp({ name: check.name ?? "", address: this.#session.address });
    }
    if (check?.username !== undefined) await login.checkUsername(check.username);
    if (check?.name !== undefined) {
      await login.checkName(check.name);
      hub.checkNotPresent(check.name);
    }
    this.#wait(state);
  }

  async #enter(attempt: Attempt, ref?: Ref): Promise<void> {
    const admitted = await this.#admission.attempt(attempt);
    if ("passwordOf" in admitted) return this.#wait({ asks: "password", username: admitted.passwordOf });
    if (this.#left) return; // or in by now, for a browser has opened the door meanwhile
    await this.#goIn({ ...admitted, ref });
  }

  async #goIn(entry: Entry): Promise<void> {
    this.#session.enter(entry);
    if (entry.identity.account !== undefined) await this.#checkAgain(entry.identity.account, entry.token);
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
    this.#linkEndsAtMs = performance.now() + this.#link.lifetimeMs;
    return { ...this.#link, url };
  }

  /** With a username a password does as well, so that it does not matter why no browser does. */
  #tellLink(username: string | undefined): void {
    try {
      this.#session.write(linkSentence(this.#offerLink(username)) + "\n");
    } catch (error) {
      if (username === undefined || !(error instanceof Refusal)) throw error;
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

  #watchTime(): void {
    const endsAtMs = Math.max(this.#beganAtMs + this.#parts.settings.limits.loginMs, this.#linkEndsAtMs);
    const leftMs = endsAtMs - performance.now();
    if (leftMs <= 0) return this.#timeOut();
    this.#timer = setTimeout(() => this.#watchTime(), Math.min(leftMs, LOOK_EVERY_MS));
  }

  /** Says no; the more often, the later, and in the end for good. */
  async #refuse(refusal: Refusal, ref?: Ref): Promise<void> {
    this.#tries++;
    if (this.#tries > 1) await this.#pause(FIRST_PAUSE_MS * 2 ** Math.min(this.#tries - 2, 5));
    if (this.#left) return;
    this.#session.refuse(refusal, ref);
    if (FINAL.includes(refusal.code)) return this.#session.end("Goodbye.", "kicked");
    const { loginTries } = this.#parts.settings.limits;
    if (this.#tries < loginTries) return;
    this.#session.end(`That was try ${this.#tries} of ${loginTries}; connect again.`, "quit");
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wait(state: LoginState): void {
    if (this.#left) return;
    this.#state = state;
    this.#session.write(promptOf(state));
  }

  /** The last line that is allowed may still be the one that leads in. */
  #countLine(): void {
    if (++this.#lines >= this.#parts.settings.limits.loginLines && !this.#left) this.#timeOut();
  }

  #answerPing(ref: Ref | undefined): void {
    this.#session.tell({ type: "pong" }, { key: "", looksAt: "" }, ref);
  }

  #timeOut(): void {
    this.#session.end("Login timed out.", "timeout");
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
