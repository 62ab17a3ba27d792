import type { Account } from "../accounts/account_store.ts";
import type { Identity } from "../chat/member.ts";
import { defect, guestsNotAdmitted, logInFirst, Refusal, unknownCommand } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { answer, ASKS_USERNAME, type Attempt, greeting, LOGIN_HELP } from "./login_dialogue.ts";
import { type LoginState, promptOf, type Step } from "./login_dialogue.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";

/** The pause before the second refusal; each further one doubles it. */
const FIRST_PAUSE_MS = 500;

/**
 * The first stage of a session: somebody who is not in yet. Leads through the login dialogue, makes the attempts, and
 * has little patience: time, lines, bytes and tries are counted.
 */
export class Entrance {
  #session: Host;
  #parts: SessionParts;
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
    const { serverName, guests, limits } = parts.settings;
    this.#deadline = setTimeout(() => this.#timeOut(), limits.loginMs);
    session.write(greeting(serverName, { guests }));
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#parts.settings.limits.loginBytes) this.#timeOut();
  }

  async line(text: string): Promise<void> {
    try {
      await this.#take(answer(this.#state, text));
    } catch (error) {
      await this.#refuse(this.#refusalOf(error), ASKS_USERNAME);
    }
    this.#countLine();
  }

  lineTooLong(): void {
    this.#countLine();
  }

  closed(): void {
    this.#left = true;
    clearTimeout(this.#deadline);
    this.#endPause?.();
  }

  #take(step: Step): void | Promise<void> {
    switch (step.type) {
      case "ask":
        return this.#ask(step);
      case "attempt":
        return this.#attempt(step.attempt);
      case "refuse":
        return this.#refuse(step.refusal, step.state);
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
    }
  }

  async #ask({ state, check }: Extract<Step, { type: "ask" }>): Promise<void> {
    const { login, hub } = this.#parts;
    if (check?.username !== undefined) await login.checkUsername(check.username);
    if (check?.name !== undefined) {
      await login.checkName(check.name);
      hub.checkNotPresent(check.name);
    }
    this.#wait(state);
  }

  async #attempt(attempt: Attempt): Promise<void> {
    const { login } = this.#parts;
    const { address } = this.#session;
    switch (attempt.by) {
      case "token": {
        const { account, token } = await login.byToken(attempt.jwt);
        return this.#enterAccount(account, { token: token.id, typed: account.name, by: attempt.by });
      }
      case "password": {
        const account = await login.byPassword(address, attempt);
        return this.#enterAccount(account, { token: undefined, typed: attempt.username, by: attempt.by });
      }
      case "signing up": {
        using _claim = this.#parts.hub.claim(attempt.name);
        const account = await login.signUp(address, attempt);
        return await this.#enterAccount(account, {
          token: undefined,
          typed: attempt.username,
          by: attempt.by,
        });
      }
      case "guest name":
        return this.#enterGuest(attempt.name);
      case "name":
        if (await login.holds(attempt.name)) return this.#wait({ asks: "password", username: attempt.name });
        return this.#enterGuest(attempt.name);
    }
  }

  async #enterAccount(account: Account, entry: Pick<Entry, "token" | "typed" | "by">): Promise<void> {
    const { id, name, role, ignored } = account;
    const waiting = await this.#parts.log.waitingFor(id);
    if (this.#session.ended) return; // gone meanwhile: what waits goes on waiting
    this.#session.enter({ ...entry, identity: { name, role, ignored, account: id }, waiting });
    if (waiting.length > 0) await this.#parts.log.shown(id, waiting);
    await this.#checkAgain(id, entry.token);
  }

  /** What was revoked or disabled on the way in ended no connection, for there was none yet. */
  async #checkAgain(account: string, token: string | undefined): Promise<void> {
    try {
      await this.#parts.login.checkAgain(account, token);
    } catch (error) {
      this.#session.end(this.#refusalOf(error).message, "kicked");
    }
  }

  async #enterGuest(typed: string): Promise<void> {
    const { login, hub, settings } = this.#parts;
    if (!settings.guests) throw guestsNotAdmitted();
    let name: string;
    do {
      name = await login.guestName(typed, (candidate) => !hub.isFree(candidate));
    } while (!hub.isFree(name)); // somebody took it while the accounts were looked at
    const identity: Identity = { name, role: "guest", account: undefined, ignored: [] };
    this.#session.enter({ identity, token: undefined, typed, by: "guest name", waiting: [] });
  }

  /** Says no; the more often, the later, and in the end for good. */
  async #refuse(refusal: Refusal, state: LoginState): Promise<void> {
    this.#tries++;
    if (this.#tries > 1) await this.#pause(FIRST_PAUSE_MS * 2 ** Math.min(this.#tries - 2, 5));
    const { loginTries } = this.#parts.settings.limits;
    this.#session.write(refusal.message + "\n");
    if (this.#tries < loginTries) return this.#wait(state);
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
