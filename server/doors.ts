import type { Certificate } from "./certificates/certificate.ts";
import type { Config } from "./config.ts";
import { HttpListener, type HttpParts, IDLE_MS } from "./http/server.ts";
import type { Limits } from "./options.ts";
import { type ChatDoors, ChatListeners } from "./transport/chat_doors.ts";
import { ChatWorkers, type ChatWorkersParts } from "./transport/chat_workers.ts";
import type { ListenerParts } from "./transport/listeners.ts";
import type { ChatReception } from "./transport/reception.ts";

/** How long the last words of a stopping server may take to be read. */
const LAST_WORDS_MS = 5_000;

/** Where it listens; what is off is absent. */
export interface Addresses {
  readonly tls?: Deno.NetAddr;
  readonly plain?: Deno.NetAddr;
  readonly https?: Deno.NetAddr;
  readonly http?: Deno.NetAddr;
}

/** Connections that came in by HTTP and stay: WebSockets, streams. */
export interface Lasting {
  /** Lets nobody in any more; without it, `endAll` says so. */
  close?(): void;
  /** Ends all with a last sentence, and waits until it is read, for so long at most. */
  endAll(sentence: string, withinMs: number): Promise<void>;
}

/** What the doors work with. */
export interface DoorParts {
  readonly chat: ListenerParts & Omit<ChatWorkersParts, "count"> & { readonly reception: ChatReception };
  readonly http: HttpParts;
}

/** Where people and programs come in: up to four listeners, with the certificate that two of them present. */
export class Doors {
  #certificate: Certificate;
  #reception: ChatReception | undefined;
  #chat: ChatDoors | undefined;
  #workers: ChatWorkers | undefined;
  #http: { https?: HttpListener; http?: HttpListener } = {};

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  get addresses(): Addresses {
    return {
      ...this.#chat?.addresses,
      ...this.#http.https && { https: this.#http.https.address },
      ...this.#http.http && { http: this.#http.http.address },
    };
  }

  /** Bytes that wait in workers for those who chat. */
  get waitingBytes(): number {
    return this.#workers?.waitingBytes ?? 0;
  }

  /**
   * @param options.workers How many have the sockets of those who chat; with 0 this isolate has them.
   * @throws {ListenError} What was opened before is then still to be closed.
   */
  async open(
    wanted: Pick<Config, "tls" | "plain" | "https" | "http">,
    { chat, http }: DoorParts,
    { workers }: { workers: number },
  ): Promise<void> {
    const keys = this.#certificate;
    this.#reception = chat.reception;
    if (workers > 0) this.#workers = await ChatWorkers.open(wanted, { ...chat, count: workers }, keys);
    this.#chat = this.#workers ?? await ChatListeners.open(wanted, chat, keys);
    if (wanted.https !== "off") this.#http.https = HttpListener.openTls(wanted.https, http, keys);
    if (wanted.http !== "off") this.#http.http = HttpListener.openPlain(wanted.http, http);
  }

  /** Presents another certificate to those who come from now on; nobody is disconnected. */
  async useCertificate(certificate: Certificate): Promise<void> {
    this.#certificate = certificate;
    await this.#chat?.useCertificate(certificate);
    this.#http.https?.useCertificate(certificate);
  }

  /** Has those who keep limits for themselves take them over: workers and, for open connections, the system. */
  tune(): void {
    this.#chat?.tune();
    for (const listener of Object.values(this.#http)) listener.tune();
  }

  /** Takes nobody in any more, tells everybody, and writes what is queued. */
  async close(lasting: readonly Lasting[]): Promise<void> {
    const http = Object.values(this.#http);
    for (const door of lasting) door.close?.();
    for (const listener of http) listener.stopListening();
    await this.#chat?.close();
    const inside = this.#reception === undefined ? lasting : [this.#reception, ...lasting];
    await Promise.all(inside.map((door) => door.endAll("Server is shutting down.", LAST_WORDS_MS)));
    await this.#chat?.[Symbol.asyncDispose]();
    await Promise.all(http.map((listener) => listener.close())); // which ends WebSockets without a word
  }
}

/** HTTP's connections count on their own, by the same numbers. */
export function httpLimits(limits: Limits): HttpParts["limits"] {
  return {
    idleMs: IDLE_MS,
    get headerMs() {
      return limits.headerMs;
    },
    get stallMs() {
      return limits.stallMs;
    },
    get maxPerAddress() {
      return limits.connectionsPerAddress;
    },
    get maxConnections() {
      return limits.maxConnections;
    },
  };
}
