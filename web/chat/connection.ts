import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ClientMessage, ServerMessage } from "../../server/wire/json_types.ts";
import { retryDelayMs } from "./backoff.ts";

/** How the connection stands. */
export type Status =
  | { readonly is: "connecting" }
  /** The server has let the page in. */
  | { readonly is: "in" }
  /** It was lost, and is tried again at this moment. */
  | { readonly is: "waiting"; readonly untilMs: number }
  /** It has ended for good, and the server has said why. */
  | { readonly is: "ended"; readonly why: string };

/** What can be asked, and is answered. */
export type Request = Exclude<ClientMessage, { type: "pong" }>;

/** The server has answered that something was not done; the message is a sentence for people. */
export class Refused extends Error {
  readonly code: string;

  constructor({ code, text }: { code: string; text: string }) {
    super(text);
    this.code = code;
  }
}

/** The connection was lost before the answer came: whether it was done is not known. */
export class Interrupted extends Error {
  constructor() {
    super("The connection was lost. Wait until it is back, and try again.");
  }
}

/** What the connection tells. */
export interface Ears {
  /** All that has come since the last time, in its order; nothing of it is an answer to what was asked. */
  receive(messages: readonly ServerMessage[]): void;
  /** What was told until now may not be all that there is. */
  lost(): void;
}

/** The server may put several messages into one of the WebSocket's, with an LF between. */
const LINES = "parley.lines";

/** When nothing has come for so long the server is asked for a sign of life, and is given so long for it. */
const SILENT_MS = 25_000, ANSWER_MS = 10_000;

/** How often is looked whether it is time for that. */
const LOOK_EVERY_MS = 5_000;

/** How long an answer may take. */
const PATIENCE_MS = 30_000;

/** How long to wait when the page has asked for more than the pace of commands allows, and how often. */
const PACE_MS = 1_100;
const MOST_TRIES = 8;

/** How long at most until what has come is handed on, where the browser draws no frames. */
const UNDRAWN_MS = 120;

/** An answer that is awaited. */
interface Question {
  readonly answered: (answer: ServerMessage) => void;
  readonly failed: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * The chat's WebSocket: comes in, asks and is answered, hands on what it is told, and comes back by itself when it is lost.
 * What comes is handed on once a frame, however much it is.
 */
export class Connection {
  #status: Signal<Status> = signal({ is: "connecting" });
  #ears: Ears;
  /** How the page comes in; undefined where the browser's cookie says who one is. */
  #greeting: () => Request | undefined;
  #socket: WebSocket | undefined;
  /** By their `ref`. */
  #questions = new Map<number, Question>();
  #refs = 0;
  /** What has come and was not handed on. */
  #heard: ServerMessage[] = [];
  #handOnAt: { frame: number | undefined; timer: ReturnType<typeof setTimeout> } | undefined;
  #heardAtMs = 0;
  #askedAtMs: number | undefined;
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setInterval> | undefined;
  /** What the server has said to people last: when it closes, that is why. */
  #lastWord = "";
  #closed = false;

  constructor(ears: Ears, greeting: () => Request | undefined) {
    this.#ears = ears;
    this.#greeting = greeting;
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#look = setInterval(() => this.#lookAlive(), LOOK_EVERY_MS);
    this.#open();
  }

  get status(): ReadonlySignal<Status> {
    return this.#status;
  }

  /**
   * Asks something, and waits for the answer.
   *
   * @param options.patient Tries again where the page is too fast, instead of saying so.
   * @throws {Refused | Interrupted}
   */
  async ask(request: Request, { patient = false } = {}): Promise<ServerMessage> {
    for (let tries = 1;; tries++) {
      try {
        return await this.#askOnce(request);
      } catch (error) {
        const again = patient && error instanceof Refused && error.code === "too_fast" && tries < MOST_TRIES;
        if (!again) throw error;
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      }
    }
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true;
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    clearInterval(this.#look);
    clearTimeout(this.#retry);
    this.#drop();
  }

  #askOnce(request: Request): Promise<ServerMessage> {
    if (this.#status.value.is !== "in") return Promise.reject(new Interrupted());
    const ref = ++this.#refs;
    return new Promise((answered, failed) => {
      const timer = setTimeout(() => {
        this.#questions.delete(ref);
        failed(new Interrupted());
      }, PATIENCE_MS);
      this.#questions.set(ref, { answered, failed, timer });
      this.#send({ ...request, ref });
    });
  }

  #open(): void {
    if (this.#closed) return;
    this.#status.value = { is: "connecting" };
    const address = new URL("/ws", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, LINES);
    this.#socket = socket;
    this.#heardAtMs = Date.now();
    socket.onopen = () => this.#greet();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = (event) => socket === this.#socket && this.#lose(event);
  }

  #greet(): void {
    const greeting = this.#greeting();
    if (greeting !== undefined) this.#send(greeting);
  }

  #send(message: Request): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #hear(data: unknown): void {
    this.#heardAtMs = Date.now();
    this.#askedAtMs = undefined;
    for (const line of String(data).split("\n")) this.#heard.push(JSON.parse(line));
    if (this.#handOnAt !== undefined) return;
    const handOn = () => this.#handOn();
    this.#handOnAt = { frame: requestAnimationFrame(handOn), timer: setTimeout(handOn, UNDRAWN_MS) };
  }

  /** In a task of its own, which leaves time for what waits for an answer. */
  #handOnSoon(): void {
    this.#handOnAt = { frame: undefined, timer: setTimeout(() => this.#handOn()) };
  }

  #handOn(): void {
    if (this.#handOnAt === undefined) return;
    if (this.#handOnAt.frame !== undefined) cancelAnimationFrame(this.#handOnAt.frame);
    clearTimeout(this.#handOnAt.timer);
    this.#handOnAt = undefined;
    const heard = this.#takeToAnswer();
    batch(() => {
      for (const message of heard) this.#note(message);
      this.#ears.receive(heard.filter((message) => !this.#answer(message)));
    });
    if (this.#heard.length > 0) this.#handOnSoon();
  }

  /** What has come, up to the first answer: whoever has asked learns of it before what comes after it is handed on. */
  #takeToAnswer(): ServerMessage[] {
    const answerAt = this.#heard.findIndex((message) => "ref" in message && message.ref !== undefined);
    return this.#heard.splice(0, answerAt < 0 ? this.#heard.length : answerAt + 1);
  }

  /** What matters to the connection itself. */
  #note(message: ServerMessage): void {
    if (message.type === "notice" && message.room === undefined) this.#lastWord = message.text;
    if (message.type === "welcome") {
      this.#attempts = 0;
      this.#status.value = { is: "in" };
    }
    if (message.type === "error" && this.#status.value.is === "connecting") this.#end(message.text);
  }

  /** Answers whether it was what somebody waits for. */
  #answer(message: ServerMessage): boolean {
    if (!("ref" in message) || typeof message.ref !== "number") return message.type === "pong";
    const question = this.#questions.get(message.ref);
    this.#questions.delete(message.ref);
    clearTimeout(question?.timer);
    if (message.type === "error") question?.failed(new Refused(message));
    else question?.answered(message);
    return true;
  }

  #lose({ code, reason }: CloseEvent): void {
    while (this.#handOnAt !== undefined) this.#handOn();
    const wasIn = this.#status.value.is === "in";
    this.#drop();
    if (this.#closed || this.#status.value.is === "ended") return;
    if (wasIn) this.#ears.lost();
    if (isFinal(code, reason)) return this.#end(this.#lastWord);
    const untilMs = Date.now() + retryDelayMs(this.#attempts++, Math.random());
    this.#status.value = { is: "waiting", untilMs };
    this.#retry = setTimeout(() => this.#open(), untilMs - Date.now());
  }

  #end(why: string): void {
    this.#status.value = { is: "ended", why: why || "The server has ended the connection." };
    this.close();
  }

  /** Lets go of the socket, and of all who wait for an answer by it. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const { failed, timer } of questions) {
      clearTimeout(timer);
      failed(new Interrupted());
    }
  }

  /** Somebody looks at the page again, or the network is back: waits no longer. */
  #hurry = (): void => {
    if (document.hidden) return;
    if (this.#status.value.is === "waiting") {
      clearTimeout(this.#retry);
      this.#open();
    } else this.#lookAlive({ atOnce: true });
  };

  /** A network that has gone without a word is noticed by its silence. */
  #lookAlive({ atOnce = false } = {}): void {
    const now = Date.now();
    if (this.#socket === undefined) return;
    if (this.#askedAtMs !== undefined) {
      if (now - this.#askedAtMs > ANSWER_MS) this.#lose(new CloseEvent("close", { code: 1006 }));
      return;
    }
    if (!atOnce && now - this.#heardAtMs < SILENT_MS) return;
    this.#askedAtMs = now;
    if (this.#status.value.is === "in") this.#send({ type: "ping" });
  }
}

/** Whether the server has closed because of who one is or what one did: to come back at once would not be wanted. */
function isFinal(code: number, reason: string): boolean {
  return code === 1000 || reason === "kicked";
}
