import { defect, logInFirst, Refusal, unknownCommand } from "../refusals.ts";
import { readJson } from "../wire/json_input.ts";
import type { Ref } from "../wire/json_types.ts";
import { quotable } from "../wire/printable.ts";
import { Admission } from "./admission.ts";
import { readAttempt } from "./json_login.ts";
import { answer, ASKS_USERNAME, type Attempt, greeting, LOGIN_HELP } from "./login_dialogue.ts";
import { type LoginState, promptOf, type Step } from "./login_dialogue.ts";
import type { Host, SessionParts } from "./stage.ts";

/** The pause before the second refusal; each further one doubles it. */
const FIRST_PAUSE_MS = 500;

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
  #deadline: ReturnType<typeof setTimeout>;
  #lines = 0;
  #bytes = 0;
  #tries = 0;
  #left = false;
  #endPause: (() => void) | undefined;

  constructor(session: Host, parts: SessionParts) {
    this.#session = session;
    this.#parts = parts;
    this.#admission = new Admission(parts, session.address);
    const { serverName, guests, limits } = parts.settings;
    this.#deadline = setTimeout(() => this.#timeOut(), limits.loginMs);
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
    clearTimeout(this.#deadline);
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
      const attempt = readAttempt(request);
      if (attempt === "pong") return;
      if (attempt === "ping") return this.#answerPing(request.ref);
      await this.#enter(attempt, request.ref);
    } catch (error) {
      await this.#refuse(this.#refusalOf(error), request.ref);
    }
  }

  #take(step: Step, line: string): void | Promise<void> {
    switch (step.type) {
      case "ask":
        return this.#ask(step);
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
    if (this.#session.ended) return;
    this.#session.enter({ ...admitted, ref });
    if (admitted.identity.account !== undefined) {
      await this.#checkAgain(admitted.identity.account, admitted.token);
    }
  }

  /** What was revoked or disabled on the way in ended no connection, for there was none yet. */
  async #checkAgain(account: string, token: string | undefined): Promise<void> {
    try {
      await this.#parts.login.checkAgain(account, token);
    } catch (error) {
      this.#session.end(this.#refusalOf(error).message, "kicked");
    }
  }

  /** Says no; the more often, the later, and in the end for good. */
  async #refuse(refusal: Refusal, ref?: Ref): Promise<void> {
    this.#tries++;
    if (this.#tries > 1) await this.#pause(FIRST_PAUSE_MS * 2 ** Math.min(this.#tries - 2, 5));
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
