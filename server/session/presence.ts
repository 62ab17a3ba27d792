import type { Origin } from "../accounts/origin.ts";
import type { Role } from "../accounts/roles.ts";
import type { Answer, LeaveReason, Telling } from "../chat/event.ts";
import type { Listener, Member } from "../chat/member.ts";
import { LOBBY } from "../chat/room_name.ts";
import type { Self } from "../commands/command.ts";
import { defect, forTextMode, mayBePassword, Refusal, tooFast, tooFastCommands } from "../refusals.ts";
import { CatchUp } from "./catch_up.ts";
import type { Connection } from "./connection.ts";
import type { Ask } from "./dialect.ts";
import { Liveness } from "./liveness.ts";
import { MOST_REFUSED, Pace, Patience, type Rate } from "./pace.ts";
import type { Present } from "./sessions.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";
import { TextDialect } from "./text_dialect.ts";

/** How many lines of one connection may wait for their commit before it is read on. */
const MOST_PENDING = 100;

/** How long after the log-in a password may still arrive that was being typed when a browser opened the door. */
const SECRET_UNDER_WAY_MS = 5_000;

/** The second stage of a session: somebody who is in. Says what is typed, does what is asked, is told what happens. */
export class Presence implements Listener, Self, Present {
  readonly token: string | undefined;
  by: string;
  readonly tokenIsLent: boolean;
  looksAt = LOBBY;
  #session: Host;
  #connection: Connection;
  #parts: SessionParts;
  #member: Member;
  #messagePace: Pace;
  #commandPace: Pace;
  #patience = new Patience();
  #liveness: Liveness | undefined;
  /** How many were said here. */
  #messages = 0;
  /** What is being done; a connection goes when all of it is done. Those who only read never do anything. */
  #pending: Set<Promise<void>> | undefined;
  /** Settles when what was said last, and so all before it, has been told or refused. */
  #lastSaid: Promise<void> | undefined;
  /** The question that waits for the next line. */
  #question: PromiseWithResolvers<string> | undefined;
  /** Called when a command asks something, so that the line after its own is read. */
  #onQuestion: (() => void) | undefined;
  /** What came while the account was away is still being shown; what is typed meanwhile is done after that. */
  #catchingUp: Promise<void> | undefined;
  #catchUp: CatchUp | undefined;
  #leaving = false;
  #gone = false;
  /** Until when the next line may be a password. */
  #secretUntilMs = 0;

  /** @throws {Refusal} `banned`, `no_guests`: nothing has happened then. */
  constructor(session: Host, entry: Entry, parts: SessionParts) {
    this.#session = session;
    this.#connection = session.connection;
    this.#parts = parts;
    this.token = entry.token;
    this.by = entry.by;
    this.tokenIsLent = entry.by === "ticket" || entry.by === "link";
    if (entry.typingSecret) this.#secretUntilMs = performance.now() + SECRET_UNDER_WAY_MS;
    this.#messagePace = new Pace(parts.settings.limits.rate, performance.now());
    this.#commandPace = new Pace(parts.settings.limits.commandRate, performance.now());
    session.connection.avoid(echoesOf(entry));
    this.#lookAsFramed();
    const arrival = parts.hub.enter(entry.identity, this, entry.place);
    this.#member = arrival.member;
    session.write(session.dialect.welcome(arrival, entry.ref));
    if (!session.inJson) parts.archive.sawRecent(arrival.member, parts.hub.lobby);
    this.#keepAlive();
    if (!arrival.member.guest) this.#startCatchUp(arrival.member);
    parts.report.loggedIn({
      name: arrival.member.name,
      account: arrival.member.account,
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

  get origin(): Origin {
    return this.#session.origin;
  }

  get how(): string {
    return this.#session.how;
  }

  get account(): string | undefined {
    return this.#member.account;
  }

  get name(): string {
    return this.#member.name;
  }

  get role(): Role {
    return this.#member.role;
  }

  get messages(): number {
    return this.#messages;
  }

  get key(): string {
    return this.#member.key;
  }

  get gone(): boolean {
    return this.#gone;
  }

  get hears(): boolean {
    return !this.#gone;
  }

  get waitingBytes(): number {
    return this.#connection.waitingBytes;
  }

  get echoesDirects(): boolean {
    return this.#session.dialect.echoesDirects;
  }

  received(): void {
    this.#liveness?.heard();
  }

  lineTooLong(): void {}

  line(text: string): void | Promise<void> {
    if (this.#leaving || this.#gone) return;
    if (this.#mayBeSecret()) return this.#session.refuse(mayBePassword());
    if (this.#catchingUp !== undefined) return this.#catchingUp.then(() => this.line(text));
    this.#lookAsFramed();
    if (this.#question !== undefined) return this.#answer(this.#question, text);
    const ask = this.#session.dialect.read(text);
    if (ask === undefined) return;
    const readAtMs = performance.now();
    const tooFast = this.#tooFast(ask, readAtMs);
    return tooFast === undefined ? this.#obey(ask, readAtMs) : this.#refuseForPace(tooFast, ask);
  }

  async settled(): Promise<void> {
    if (this.#question === undefined) await this.#allDone();
  }

  closed(reason: LeaveReason): void {
    this.#gone = true;
    this.#liveness?.[Symbol.dispose]();
    this.#question?.reject(new Gone());
    void this.#allDone().then(() => this.#parts.hub.leave(this.#member, this, reason));
  }

  /** On the way of every line to every reader: it looks at as little as it can. */
  deliver(event: Telling): void {
    if (this.#gone) return;
    if (event.type === "direct" && this.#catchUp?.holdsBack(event)) return;
    const bytes = this.#session.dialect.event(event, this);
    if (bytes !== undefined) this.#connection.send(bytes);
    if (event.type === "left" && event.room === this.looksAt && !this.#member.isIn(event.room)) {
      this.looksAt = LOBBY;
    }
  }

  end(sentence: string, reason: LeaveReason): void {
    this.#session.end(sentence, reason);
  }

  leave(sentence: string): void {
    this.#leaving = true;
    // the command that leaves is not among what is pending yet, and is answered first
    queueMicrotask(() => {
      void this.#allDone().then(() => this.end(sentence, "quit"));
    });
  }

  look(change: { timestamps?: boolean; color?: boolean; ids?: boolean }): void {
    const { dialect } = this.#session;
    if (dialect instanceof TextDialect) dialect.look(change);
  }

  speakJson(): void {
    this.#session.speakJson();
    this.#session.write(this.#session.dialect.welcome(this.#parts.hub.welcome(this.#member)));
    this.#keepAlive();
  }

  show(answer: Answer): void {
    this.#session.tell(answer, this);
  }

  allSaid(): Promise<void> {
    return this.#lastSaid ?? Promise.resolve();
  }

  ask(prompt: string, before?: Answer): Promise<string> {
    if (this.#session.inJson) throw forTextMode(); // a prompt is no object, nor is the answer
    if (before !== undefined) this.show(before);
    this.#question = Promise.withResolvers<string>();
    this.#session.write(prompt);
    this.#onQuestion?.();
    return this.#question.promise;
  }

  async becomeMember(id: string): Promise<void> {
    const account = await this.#parts.accounts.find(id);
    if (account === undefined) return;
    await this.#parts.hub.promote(this.#member, { ...account, account: id, address: this.address });
    this.by = "signing up";
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

  /** Of one line only. */
  #mayBeSecret(): boolean {
    const untilMs = this.#secretUntilMs;
    this.#secretUntilMs = 0;
    return untilMs > 0 && performance.now() < untilMs;
  }

  #tooFast({ speaks }: Ask, nowMs: number): Refusal | undefined {
    const { rate, commandRate } = this.#parts.settings.limits;
    if (speaks) return this.#messagePace.admits(rate, nowMs) ? undefined : tooFast(rate);
    return this.#commandPace.admits(commandRate, nowMs) ? undefined : tooFastCommands(commandRate);
  }

  #refuseForPace(refusal: Refusal, { ref }: Ask): void {
    this.#session.refuse(refusal, ref);
    if (this.#patience.bears(performance.now())) return;
    this.end(`That was too fast ${MOST_REFUSED} times within a minute; connect again in a while.`, "kicked");
  }

  /**
   * A message is not waited for, up to a bound: its commit would set the pace. A command is waited for until it is done
   * or asks something.
   */
  #obey(ask: Ask, readAtMs: number): void | Promise<void> {
    const done = this.#attend(this.#tell(ask, readAtMs));
    if (ask.waitedFor) return this.#untilDoneOrAsked(done);
    this.#lastSaid = done;
    if (this.#pending!.size >= MOST_PENDING) return done;
  }

  #answer(question: PromiseWithResolvers<string>, line: string): Promise<void> {
    const done = this.#allDone();
    this.#question = undefined;
    const next = this.#untilDoneOrAsked(done);
    question.resolve(line);
    return next;
  }

  #untilDoneOrAsked(done: Promise<void>): Promise<void> {
    const asked = new Promise<void>((resolve) => this.#onQuestion = resolve);
    return this.#question === undefined ? Promise.race([done, asked]) : Promise.resolve();
  }

  /** The connection's end waits for a deed, which never fails. */
  #attend(deed: Promise<void>): Promise<void> {
    const pending = this.#pending ??= new Set();
    const attended: Promise<void> = deed.finally(() => pending.delete(attended));
    pending.add(attended);
    return attended;
  }

  async #allDone(): Promise<void> {
    await Promise.allSettled(this.#pending ?? []);
  }

  /** Does what is asked, and says how it went. */
  async #tell({ run, ref, speaks }: Ask, readAtMs: number): Promise<void> {
    try {
      const answer = (answer: Answer) => {
        this.#looksOn(answer);
        this.#session.tell(answer, this, ref);
      };
      const answered = await run({ ...this.#parts, member: this.#member, self: this, answer });
      if (speaks) this.#wasTold(readAtMs);
      if (answered && answered !== "answered") answer(answered);
    } catch (error) {
      this.#session.refuse(this.#refusalOf(error), ref);
    }
  }

  /** Where it looks changes with the answer that says so: it would take what it is told before for said elsewhere. */
  #looksOn(answered: Answer): void {
    if (answered.type === "entered") this.looksAt = answered.room;
    else if (!this.#member.isIn(this.looksAt)) this.looksAt = LOBBY;
  }

  #wasTold(readAtMs: number): void {
    this.#messages++;
    this.#parts.counts.toldAfter(performance.now() - readAtMs);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (!(error instanceof Gone)) this.#parts.report.defect(error);
    return defect();
  }

  /** Shows an account what came while it was away. */
  #startCatchUp(member: Member): void {
    this.#catchUp = new CatchUp(member, this, this.#parts);
    this.#catchingUp = this.#attend(this.#catchUp.run()).finally(() => this.#catchingUp = undefined);
  }

  #keepAlive(): void {
    if (!this.#session.dialect.pings || this.#liveness !== undefined) return;
    this.#liveness = new Liveness(this.#parts.settings.limits, {
      ping: () => this.#session.write(this.#session.dialect.ping()),
      silent: () => this.end("Nothing was heard from you for too long.", "timeout"),
    });
  }

  /** Room messages are led by their room for as long as the client ends its lines by pausing. */
  #lookAsFramed(): void {
    const { dialect } = this.#session;
    if (dialect instanceof TextDialect) dialect.look({ roomFirst: this.#connection.pauseFramed });
  }
}

/** The connection went while a command waited for an answer. */
class Gone extends Error {}

/**
 * How pieces must not begin that go to a client which takes its own name for an echo. It knows itself by what its user
 * typed, and has added the digits: four of them, or five, for it draws a number up to 10000. It looks for the colon as
 * well; without that, a text of nothing but its name could be cut nowhere.
 */
function echoesOf({ identity: { name }, typed }: Entry): string[] {
  const names = [name, typed].flatMap((own) => [own, own.replace(/\d{4}$/, ""), own.replace(/10000$/, "")]);
  return [...new Set(names)].map((start) => `${start}:`);
}

function describe(rate: Rate | "off", left: number): string {
  if (rate === "off") return "as fast as you like.";
  return `${rate.burst} at once, then ${rate.perSecond} a second; ${Math.floor(left)} left now.`;
}
