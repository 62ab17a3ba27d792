import type { Certificate } from "./certificates/certificate.ts";
import type { Config } from "./config.ts";
import { HttpListener, type HttpParts, IDLE_MS } from "./http/server.ts";
import type { Limits } from "./options.ts";
import { ChatListener, type ListenerParts } from "./transport/listeners.ts";

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

/** Where people and programs come in: up to four listeners, with the certificate that two of them present. */
export class Doors {
  #certificate: Certificate;
  #chat: { tls?: ChatListener; plain?: ChatListener } = {};
  #http: { https?: HttpListener; http?: HttpListener } = {};

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  get addresses(): Addresses {
    return {
      ...this.#chat.tls && { tls: this.#chat.tls.address },
      ...this.#chat.plain && { plain: this.#chat.plain.address },
      ...this.#http.https && { https: this.#http.https.address },
      ...this.#http.http && { http: this.#http.http.address },
    };
  }

  /** @throws {ListenError} What was opened before is then still to be closed. */
  open(
    { tls, plain, https, http }: Pick<Config, "tls" | "plain" | "https" | "http">,
    parts: { chat: ListenerParts; http: HttpParts },
  ): void {
    const keys = this.#certificate;
    if (tls !== "off") this.#chat.tls = ChatListener.openTls(tls, parts.chat, keys);
    if (plain !== "off") this.#chat.plain = ChatListener.openPlain(plain, parts.chat);
    if (https !== "off") this.#http.https = HttpListener.openTls(https, parts.http, keys);
    if (http !== "off") this.#http.http = HttpListener.openPlain(http, parts.http);
  }

  /** Presents another certificate to those who come from now on; nobody is disconnected. */
  async useCertificate(certificate: Certificate): Promise<void> {
    this.#certificate = certificate;
    await this.#chat.tls?.useCertificate(certificate);
    this.#http.https?.useCertificate(certificate);
  }

  /** Has the system take over limits that it keeps for open connections. */
  tune(): void {
    for (const listener of [...Object.values(this.#chat), ...Object.values(this.#http)]) listener.tune();
  }

  /** Takes nobody in any more, tells everybody, and writes what is queued. */
  async close(lasting: readonly Lasting[]): Promise<void> {
    const chat = Object.values(this.#chat);
    const http = Object.values(this.#http);
    for (const door of lasting) door.close?.();
    for (const listener of http) listener.stopListening();
    await Promise.all(chat.map((listener) => listener.close()));
    const inside = [...chat, ...lasting];
    await Promise.all(inside.map((door) => door.endAll("Server is shutting down.", LAST_WORDS_MS)));
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
