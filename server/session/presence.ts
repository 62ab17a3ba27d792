import type { Answer, ChatEvent, Direct, LeaveReason } from "../chat/event.ts";
import type { Listener, Member } from "../chat/member.ts";
import type { Context, Self } from "../commands/command.ts";
import { say } from "../commands/talk.ts";
import { defect, Refusal, tooFast, tooFastCommands } from "../refusals.ts";
import { readLine, type Request } from "../wire/text_input.ts";
import {
  answerLines,
  changedView,
  PLAIN_VIEW,
  type TextOutput,
  type View,
  waitingLines,
  welcomeLines,
} from "../wire/text_output.ts";
import { MOST_REFUSED, Pace, Patience, type Rate } from "./pace.ts";
import type { Connection } from "./connection.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";

/** How many lines of one connection may wait for their commit before it is read on. */
const MOST_PENDING = 100;

/** The second stage of a session: somebody who is in. Says what is typed, does what is asked, is told what happens. */
export class Presence implements Listener, Self {
  readonly token: string | undefined;
  #session: Host;
  #connection: Connection;
  #output: TextOutput;
  #parts: SessionParts;
  #member: Member;
  #context: Context;
  #view: View = PLAIN_VIEW;
  #messagePace: Pace;
  #commandPace: Pace;
  #patience = new Patience();
  /** What is being done; a connection goes when all of it is done. */
  #pending = new Set<Promise<void>>();
  /** The question that waits for the next line. */
  #question: PromiseWithResolvers<string> | undefined;
  /** Called when a command asks something, so that the line after its own is read. */
  #onQuestion: (() => void) | undefined;
  #leaving = false;
  #gone = false;

  constructor(session: Host, entry: Entry, parts: SessionParts) {
    this.#session = session;
    this.#connection = session.connection;
    this.#output = parts.output;
    this.#parts = parts;
    this.token = entry.token;
    this.#messagePace = new Pace(parts.settings.limits.rate, performance.now());
    this.#commandPace = new Pace(parts.settings.limits.commandRate, performance.now());
    session.connection.avoid(echoesOf(entry));
    const { member, names, recent } = parts.hub.enter(entry.identity, this);
    this.#member = member;
    this.#context = contextOf(parts, member, this);
    this.#lookAsFramed();
    this.#writeLine(welcomeLines({ name: member.name, names, recent }, this.#view));
    this.#showWaiting(entry.waiting.filter(({ from }) => !member.ignores(from)));
    parts.report.loggedIn({
      name: member.name,
      account: member.account,
      by: entry.by,
      address: this.address,
    });
  }

  get id(): string {
    return this.#session.id;
  }

  get address(): string {
    return this.#session.address;
  }

  get how(): string {
    return this.#connection.how;
  }

  received(): void {}

  lineTooLong(): void {}

  line(text: string): void | Promise<void> {
    if (this.#leaving) return;
    this.#lookAsFramed();
    if (this.#question !== undefined) return this.#answer(this.#question, text);
    const request = readLine(text);
    if (request.type === "nothing") return;
    const tooFast = this.#tooFast(request);
    return tooFast === undefined ? this.#obey(request) : this.#refuseForPace(tooFast);
  }

  closed(reason: LeaveReason): void {
    this.#gone = true;
    this.#question?.reject(new Gone());
    void Promise.allSettled(this.#pending).then(() => this.#parts.hub.leave(this.#member, this, reason));
  }

  /** On the way of every line to every reader: it looks at as little as it can. */
  deliver(event: ChatEvent): void {
    if (this.#gone) return;
    this.#connection.send(this.#output.render(event, this.#view, this.#member));
  }

  end(sentence: string, reason: LeaveReason): void {
    this.#session.end(sentence, reason);
  }

  leave(sentence: string): void {
    this.#leaving = true;
    void Promise.allSettled(this.#pending).then(() => this.end(sentence, "quit"));
  }

  look(change: { timestamps?: boolean; color?: boolean }): void {
    this.#view = changedView(this.#view, change);
  }

  ask(prompt: string): Promise<string> {
    this.#question = Promise.withResolvers<string>();
    this.#session.write(prompt);
    this.#onQuestion?.();
    return this.#question.promise;
  }

  async becomeMember(id: string): Promise<void> {
    const account = await this.#parts.accounts.find(id);
    if (account !== undefined) this.#parts.hub.promote(this.#member, { ...account, account: id });
  }

  limits(): readonly string[] {
    const { lineBytes, rate, commandRate, bytesPerSecond, outboxBytes } = this.#parts.settings.limits;
    const now = performance.now();
    return [
      `A line: ${lineBytes} bytes.`,
      `Messages: ${describe(rate, this.#messagePace.left(rate, now))}`,
      `Commands: ${describe(commandRate, this.#commandPace.left(commandRate, now))}`,
      `Lines refused as too fast: ${
        this.#patience.refused(now)
      } within the last minute; ${MOST_REFUSED} end the connection.`,
      `Reading from you: ${
        bytesPerSecond === 0 ? "as fast as it comes" : `${bytesPerSecond} bytes a second`
      }.`,
      `Waiting for you to read: ${this.#connection.waitingBytes} of ${outboxBytes} bytes.`,
    ];
  }

  #tooFast(request: Request): Refusal | undefined {
    const { rate, commandRate } = this.#parts.settings.limits;
    if (this.#speaks(request)) {
      return this.#messagePace.admits(rate, performance.now()) ? undefined : tooFast(rate);
    }
    return this.#commandPace.admits(commandRate, performance.now())
      ? undefined
      : tooFastCommands(commandRate);
  }

  #speaks(request: Request): boolean {
    if (request.type === "command") return this.#parts.commands.find(request.name)?.speaks ?? false;
    return request.type === "say";
  }

  #refuseForPace(refusal: Refusal): void {
    this.#writeLine(refusal.message);
    if (this.#patience.bears(performance.now())) return;
    this.end(`That was too fast ${MOST_REFUSED} times within a minute; connect again in a while.`, "kicked");
  }

  /**
   * A message is not waited for, up to a bound: its commit would set the pace. A command is waited for until it is done
   * or asks something.
   */
  #obey(request: Exclude<Request, { type: "nothing" }>): void | Promise<void> {
    const done = this.#attend(() =>
      request.type === "say"
        ? say(this.#context, request.text)
        : this.#parts.commands.execute(this.#context, request)
    );
    if (request.type === "command") return this.#untilDoneOrAsked(done);
    if (this.#pending.size >= MOST_PENDING) return done;
  }

  #answer(question: PromiseWithResolvers<string>, line: string): Promise<void> {
    const done = Promise.allSettled(this.#pending).then(() => {});
    this.#question = undefined;
    const next = this.#untilDoneOrAsked(done);
    question.resolve(line);
    return next;
  }

  #untilDoneOrAsked(done: Promise<void>): Promise<void> {
    const asked = new Promise<void>((resolve) => this.#onQuestion = resolve);
    return this.#question === undefined ? Promise.race([done, asked]) : Promise.resolve();
  }

  /** Does something, says how it went, and never fails. */
  #attend(deed: () => Answer | void | Promise<Answer | void>): Promise<void> {
    const attended: Promise<void> = this.#tell(deed).finally(() => this.#pending.delete(attended));
    this.#pending.add(attended);
    return attended;
  }

  async #tell(deed: () => Answer | void | Promise<Answer | void>): Promise<void> {
    try {
      const answered = await deed();
      if (answered) this.#writeLine(answerLines(answered));
    } catch (error) {
      this.#writeLine(this.#refusalOf(error).message);
    }
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (!(error instanceof Gone)) this.#parts.report.defect(error);
    return defect();
  }

  #showWaiting(directs: readonly Direct[]): void {
    if (directs.length === 0) return;
    this.#writeLine(waitingLines(directs, this.#view));
    this.#member.lastCorrespondent = directs.at(-1)?.from;
  }

  #writeLine(text: string): void {
    this.#session.write(text + "\n");
  }

  /** Room messages are led by their room for as long as the client ends its lines by pausing. */
  #lookAsFramed(): void {
    const roomFirst = this.#connection.pauseFramed;
    if (this.#view.roomFirst !== roomFirst) this.#view = changedView(this.#view, { roomFirst });
  }
}

/** The connection went while a command waited for an answer. */
class Gone extends Error {}

function contextOf(
  { commands, hub, accounts, tokens, login, settings }: SessionParts,
  member: Member,
  self: Self,
): Context {
  return { commands, hub, accounts, tokens, login, settings, member, self };
}

/**
 * How pieces must not begin that go to a client which takes its own name for an echo. It knows itself by what its user
 * typed, and has added the digits: four of them, or five, for it draws a number up to 10000.
 */
function echoesOf({ identity: { name }, typed }: Entry): string[] {
  const names = [name, typed].flatMap((own) => [own, own.replace(/\d{4}$/, ""), own.replace(/10000$/, "")]);
  return [...new Set(names)].map((start) => `${start}:`);
}

function describe(rate: Rate | "off", left: number): string {
  if (rate === "off") return "as fast as you like.";
  return `${rate.burst} at once, then ${rate.perSecond} a second; ${Math.floor(left)} left now.`;
}
