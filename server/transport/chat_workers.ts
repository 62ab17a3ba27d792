import { pause } from "../pause.ts";
import type { ChatDoors, WantedDoors } from "./chat_doors.ts";
import type { PostCounts } from "./counts.ts";
import { within } from "./deadline.ts";
import type { KeyPair, ListenerLimits, ListenerParts } from "./listeners.ts";
import type { PostLimits } from "./outbox.ts";
import { HeldAddress, ListenError } from "./ports.ts";
import type { ChatReception } from "./reception.ts";
import { type LinkReport, WorkerLink } from "./worker_link.ts";
import type { WorkerLimits, WorkerOrder } from "./_worker_orders.ts";

/** How often workers are looked at. */
const ROUND_MS = 1_000;

/** How long the successor of a worker waits that has died; each time longer, until one has lived long. */
const FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 30_000, LONG_LIFE_MS = 60_000;

/** How long a worker may take in the end to let nobody in any more, and then to let go of everything. */
const STOP_MS = 1_000;

/** What workers work with. */
export interface ChatWorkersParts extends Pick<ListenerParts, "sockets"> {
  /** How many there are to be. */
  readonly count: number;
  readonly reception: Pick<ChatReception, "admit">;
  /** May change while the server runs: then `tune` is to be called. The budget is that of the whole process. */
  readonly limits: ListenerLimits & PostLimits;
  /** Of all workers together, and of this isolate. */
  readonly counts: PostCounts;
  readonly report: WorkersReport;
  /** What each runs; the real thing, where nothing else is given. */
  readonly module?: URL;
}

/** Who wants to know how workers fare: the server's log. */
export interface WorkersReport extends LinkReport {
  /** One has died, with so many connections; its successor is on the way. */
  workerDied(error: unknown, connections: number): void;
  workerStarted(): void;
}

/**
 * Doors in several workers, each with the sockets of those whom the system has led to it. Who they are, what they say and
 * who is told is known in this isolate alone, so that there is one roster and one order, however many workers there are.
 *
 * A worker that dies takes its connections with it, and another one takes its place.
 */
export class ChatWorkers implements ChatDoors {
  readonly addresses: ChatDoors["addresses"];
  #parts: ChatWorkersParts;
  #keys: KeyPair;
  #links = new Set<WorkerLink>();
  #closing = new AbortController();
  /** What is asked for, and waits for a worker that is behind. */
  #waiting: (() => void)[] = [];
  #rounds: ReturnType<typeof setInterval>;

  private constructor(addresses: ChatDoors["addresses"], parts: ChatWorkersParts, keys: KeyPair) {
    this.addresses = addresses;
    this.#parts = parts;
    this.#keys = keys;
    this.#rounds = setInterval(() => this.#makeRounds(), ROUND_MS);
  }

  /** @throws {ListenError} */
  static async open(
    { tls, plain }: WantedDoors,
    parts: ChatWorkersParts,
    keys: KeyPair,
  ): Promise<ChatWorkers> {
    const { sockets, count } = parts;
    using atTls = tls === "off" ? undefined : new HeldAddress(tls, { flag: "--tls", sockets });
    using atPlain = plain === "off" ? undefined : new HeldAddress(plain, { flag: "--plain", sockets });
    const addresses = { ...atTls && { tls: atTls.address }, ...atPlain && { plain: atPlain.address } };
    const workers = new ChatWorkers(addresses, parts, keys);
    try {
      const links = await Promise.all(Array.from({ length: count }, () => workers.#makeReady()));
      await Promise.all(links.map((link) => workers.#letListen(link, 0)));
    } catch (error) {
      await workers.close();
      await workers[Symbol.asyncDispose]();
      throw new ListenError(`Cannot listen with --workers ${count}: ${textOf(error)}`);
    }
    return workers;
  }

  /** Bytes that wait to be written, of all together; up to a second old. */
  get waitingBytes(): number {
    return this.#links.values().reduce((sum, { waitingBytes }) => sum + waitingBytes, 0);
  }

  async useCertificate(keys: KeyPair): Promise<void> {
    this.#keys = keys;
    await this.#all({ type: "present", keys });
  }

  tune(): void {
    const { sockets, limits: { stallMs: stalledMs } } = this.#parts;
    void this.#all({ type: "limit", limits: this.#limits() });
    for (const address of Object.values(this.addresses)) {
      sockets?.tuneListener(address, { stalledMs });
      sockets?.tuneConnections(address, { stalledMs });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await within(STOP_MS, this.#all({ type: "close" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#rounds);
    await within(STOP_MS, this.#all({ type: "stop" }));
    for (const link of this.#links) link.terminate();
  }

  /** @throws {Error} where a worker cannot be started */
  async #makeReady(): Promise<WorkerLink> {
    const { module = CHAT_WORKER, reception, counts, report } = this.#parts;
    const link = new WorkerLink(module, {
      reception,
      counts,
      report,
      whenKeptUp: (deed) => this.#whenKeptUp(deed),
      progressed: () => this.#goOn(),
    });
    this.#links.add(link);
    void link.died.then(() => this.#links.delete(link));
    await link.obey({ type: "be ready" });
    return link;
  }

  /**
   * @param pauseMs How long it has waited for its place.
   * @throws {Error} where it does not listen
   */
  async #letListen(link: WorkerLink, pauseMs: number): Promise<void> {
    const { addresses } = this;
    try {
      this.#closing.signal.throwIfAborted();
      await link.obey({ type: "listen", addresses, keys: this.#keys, limits: this.#limits() });
    } catch (error) {
      link.terminate();
      throw error;
    }
    const startedAtMs = performance.now();
    void link.died.then((why) => {
      if (why === undefined) return;
      this.#parts.report.workerDied(why, link.lostConnections);
      const livedMs = performance.now() - startedAtMs;
      void this.#replace(livedMs < LONG_LIFE_MS ? pauseMs : 0);
    });
  }

  /** @param pauseMs How long the one that has died had waited for its place. */
  async #replace(pauseMs: number): Promise<void> {
    const { report } = this.#parts;
    for (;;) {
      if (this.#closing.signal.aborted) return;
      pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), LONGEST_PAUSE_MS);
      await pause(pauseMs, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      try {
        await this.#letListen(await this.#makeReady(), pauseMs);
        return report.workerStarted();
      } catch (error) {
        if (!this.#closing.signal.aborted) report.workerDied(error, 0);
      }
    }
  }

  /** Has all workers do something. One that dies meanwhile is left out: its successor begins with what holds by then. */
  async #all(order: WorkerOrder): Promise<void> {
    await Promise.all(Array.from(this.#links, (link) =>
      link.obey(order).catch((error) => {
        if (!link.gone) throw error;
      })));
  }

  #makeRounds(): void {
    for (const link of this.#links) link.makeRound();
  }

  get #behind(): boolean {
    return this.#links.values().some(({ behind }) => behind);
  }

  #whenKeptUp(deed: () => void): void {
    if (this.#waiting.length === 0 && !this.#behind) deed();
    else this.#waiting.push(deed);
  }

  #goOn(): void {
    let done = 0;
    while (done < this.#waiting.length && !this.#behind) this.#waiting[done++]!();
    this.#waiting.splice(0, done);
  }

  /** What each goes by: its share of what may wait for slow readers. The main isolate has one as well. */
  #limits(): WorkerLimits {
    const { count, limits } = this.#parts;
    const { lineBytes, bytesPerSecond, handshakeMs, stallMs, outboxBytes } = limits;
    const outboxTotalBytes = shareOfBudget(limits, count);
    return { lineBytes, bytesPerSecond, handshakeMs, stallMs, outboxBytes, outboxTotalBytes };
  }
}

/** What may wait for all slow readers of one isolate, where there are so many workers; one reader's worth at least. */
export function shareOfBudget(
  { outboxBytes, outboxTotalBytes }: Pick<PostLimits, "outboxBytes" | "outboxTotalBytes">,
  workers: number,
): number {
  return Math.max(outboxBytes, Math.floor(outboxTotalBytes / (workers + 1)));
}

// `deno compile` cannot see this import: it is told with --include
const CHAT_WORKER = new URL("./_chat_worker.ts", import.meta.url);

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
