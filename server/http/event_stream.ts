import { canonicalFold } from "../accounts/names.ts";
import { backlog } from "../chat/backlog.ts";
import type { ChatEvent, Telling } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Listener, Person } from "../chat/member.ts";
import type { MessageLog } from "../chat/message_log.ts";
import type { Room } from "../chat/room.ts";
import { defect } from "../refusals.ts";
import { within } from "../transport/deadline.ts";
import { Outbox, type PostOffice } from "../transport/outbox.ts";
import { beginningSse, idOf, noticeSse, pingSse, type SseOutput } from "../wire/sse_output.ts";
import { ResponseBody } from "./response_body.ts";

/** So much of what was missed may wait to be read before more of it is looked up. */
const MOST_WAITING_BYTES = 32_768;

/** How long last words may take to be read. */
const LAST_WORDS_MS = 5_000;

/** What all streams share. */
export interface StreamParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly post: PostOffice;
  readonly output: SseOutput;
  /** May change while the server runs. */
  readonly limits: { readonly outboxBytes: number; readonly pingMs: number };
  /** Told of what goes wrong that is nobody's refusal. */
  readonly failed: (error: unknown) => void;
}

/** Who listens, and to what. */
export interface Listening {
  readonly person: Person;
  /** The names of those whom the account does not want to hear. */
  readonly ignored: readonly string[];
  /** The `jti` of the token. */
  readonly token: string;
  readonly rooms: readonly Room[];
  /** Whether private messages are told as well. */
  readonly directs: boolean;
  /** The id of what was read last: what came after it is told first. Undefined for what happens from now on. */
  readonly after: string | undefined;
}

/** One program that is told over HTTP what happens (server-sent events). */
export class EventStream implements Listener {
  readonly id: string = crypto.randomUUID();
  readonly how = "HTTP";
  readonly echoesDirects = true;
  readonly #parts: StreamParts;
  readonly #listening: Listening;
  /** Folded names. */
  readonly #ignored: ReadonlySet<string>;
  readonly #body: ResponseBody;
  readonly #outbox: Outbox;
  readonly #watch: Disposable;
  readonly #gone = Promise.withResolvers<void>();
  /** What was told while what was missed is still being read; undefined when that is done. */
  #held: Held[] | undefined;
  #heldBytes = 0;
  /** Up to this id, all that was missed is in the log; what is told later is held. */
  #upTo: string;
  #writtenAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout>;
  #over = false;

  constructor(listening: Listening, parts: StreamParts) {
    const { hub, post, limits } = parts;
    const { person, rooms, directs, ignored, after } = listening;
    this.#parts = parts;
    this.#listening = listening;
    this.#ignored = new Set(ignored.map(canonicalFold));
    this.#body = new ResponseBody(() => this.#close());
    this.#outbox = new Outbox(post, { sink: this.#body, gaveUp: () => this.cut() });
    const lastId = latest(rooms.map((room) => room.lastId));
    this.#upTo = latest([hub.distribution.lastId, lastId]);
    this.#push(beginningSse(after ?? lastId));
    this.#watch = hub.distribution.watch({
      listener: this,
      person,
      rooms,
      directsOf: directs ? person.key : undefined,
    });
    this.#timer = setTimeout(() => this.#look(), limits.pingMs);
    if (after !== undefined) void this.#catchUp(after);
  }

  get address(): string {
    return this.#listening.person.address;
  }

  get account(): string | undefined {
    return this.#listening.person.account;
  }

  get token(): string {
    return this.#listening.token;
  }

  get hears(): boolean {
    return !this.#over;
  }

  /** What its reader gets. */
  get body(): ReadableStream<Uint8Array> {
    return this.#body.stream;
  }

  /** Settles when it is over. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  deliver(event: Telling): void {
    if (this.#over) return;
    if (event.type !== "passages" && event.type !== "messages") return this.#deliverOne(event);
    if (this.#held === undefined && this.#unheard.size === 0) {
      return this.#push(this.#parts.output.render(event));
    }
    for (const one of event.all.slice(event.from, event.type === "messages" ? event.to : undefined)) {
      this.#deliverOne(one);
    }
  }

  end(sentence: string): void {
    if (this.#over) return;
    this.#stopListening();
    this.#push(noticeSse(sentence));
    void within(LAST_WORDS_MS, this.#outbox.emptied().then(() => this.#body.close())).then(() => this.cut());
  }

  /** Breaks it off, if it is not over. */
  cut(): void {
    this.#body.break();
    this.#close();
  }

  #deliverOne(event: ChatEvent): void {
    if (this.#ignores(event)) return;
    const bytes = this.#parts.output.render(event);
    if (this.#held === undefined) this.#push(bytes);
    else this.#hold(this.#held, { id: idOf(event), bytes });
  }

  #close(): void {
    this.#stopListening();
    this.#outbox.close();
    this.#gone.resolve();
  }

  #stopListening(): void {
    this.#over = true;
    this.#held = undefined;
    clearTimeout(this.#timer);
    this.#watch[Symbol.dispose]();
  }

  #push(bytes: Uint8Array): void {
    this.#writtenAtMs = performance.now();
    this.#outbox.push(bytes);
  }

  /** The folded names of whom its account does not want to hear: somebody present may have changed that since. */
  get #unheard(): Pick<ReadonlySet<string>, "has" | "size"> {
    return this.#parts.hub.roster.findByKey(this.#listening.person.key)?.ignored ?? this.#ignored;
  }

  #ignores(event: ChatEvent): boolean {
    const speaker = speakerOf(event);
    if (speaker === undefined) return false;
    const unheard = this.#unheard;
    return unheard.size > 0 && unheard.has(canonicalFold(speaker));
  }

  /** Tells all that was said since, and then what has happened meanwhile: nothing is left out or told twice. */
  async #catchUp(after: string): Promise<void> {
    this.#held = [];
    try {
      for (let from = after; from < this.#upTo;) {
        const upTo = this.#upTo;
        await this.#tellMissed(from, upTo);
        from = upTo;
      }
    } catch (error) {
      this.#parts.failed(error);
      this.end(defect().message);
    }
    for (const { bytes } of this.#held ?? []) this.#push(bytes);
    this.#held = undefined;
  }

  async #tellMissed(after: string, upTo: string): Promise<void> {
    const { log, output } = this.#parts;
    const { person, directs, rooms } = this.#listening;
    const directsOf = directs ? person.key : undefined;
    for await (const said of backlog(log, { rooms: rooms.map(({ name }) => name), directsOf, after, upTo })) {
      if (this.#over) return;
      if (!this.#ignores(said)) this.#push(output.render(said));
      if (this.#outbox.bytes > MOST_WAITING_BYTES) await this.#outbox.emptied();
    }
  }

  /** Of more than may wait, all that is in the log is read from there instead. */
  #hold(held: Held[], told: Held): void {
    held.push(told);
    this.#heldBytes += told.bytes.length;
    if (this.#heldBytes <= this.#parts.limits.outboxBytes) return;
    this.#upTo = this.#parts.hub.distribution.lastId;
    this.#held = held.filter(({ id }) => id === undefined);
    this.#heldBytes = this.#held.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (this.#heldBytes > this.#parts.limits.outboxBytes / 2) this.cut(); // it is not in the log
  }

  /** Looks now and then whether one may still listen, and shows that the stream is there when nothing else does. */
  #look(): void {
    const { hub, limits } = this.#parts;
    const { person, rooms } = this.#listening;
    const mayRead = rooms.every((room) => hub.rooms.find(room.name) === room && room.mayRead(person));
    if (!mayRead || hub.moderation.isBanned(person)) return this.end("You may no longer read along here.");
    const silentMs = performance.now() - this.#writtenAtMs;
    if (silentMs >= limits.pingMs) this.#push(pingSse());
    this.#timer = setTimeout(() => this.#look(), limits.pingMs - (silentMs % limits.pingMs));
  }
}

/** What was told and not yet passed on. */
interface Held {
  /** Where it can be read from the log as well. */
  readonly id: string | undefined;
  readonly bytes: Uint8Array;
}

function speakerOf(event: ChatEvent): string | undefined {
  switch (event.type) {
    case "message":
    case "direct":
      return event.from;
    case "joined":
    case "left":
      return event.name;
    case "renamed":
    case "topic":
    case "deleted":
    case "noted":
    case "told":
    case "announced":
      return undefined;
  }
}

/** "" of none. */
function latest(ids: readonly string[]): string {
  return ids.reduce((one, other) => one > other ? one : other, "");
}
