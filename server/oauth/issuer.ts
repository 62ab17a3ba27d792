import type { Configuration } from "openid-client";
import { ANSWER_SECONDS, boundedFetch } from "./bounded_fetch.ts";
import { presets, type ProviderOptions } from "./providers.ts";

/** For so long what was found out about an issuer is gone by; after a failure nobody asks again before. */
const FRESH_MS = 60_000, PAUSE_MS = 10_000;

/** What came of looking at an issuer. */
interface Look {
  readonly atMs: number;
  readonly found: Promise<Configuration>;
  /** How it ended; undefined while it goes on. */
  succeeded: boolean | undefined;
}

/** Told of issuers that come and go. */
export interface IssuerReport {
  available(provider: string): void;
  unavailable(provider: string, error: unknown): void;
}

/**
 * Where an issuer has what, which OpenID Connect has it tell itself (discovery): looked at when somebody wants to go there
 * and it is not known from just now, so that nobody is sent to one that does not answer.
 */
export class Issuer implements AsyncDisposable {
  #options: ProviderOptions;
  #report: IssuerReport;
  #nowMs: () => number;
  #look: Look | undefined;
  /** As of the last look that has ended; undefined before the first has. */
  #available: boolean | undefined;
  #ending = new AbortController();

  constructor(options: ProviderOptions, report: IssuerReport, nowMs: () => number = () => performance.now()) {
    this.#options = options;
    this.#report = report;
    this.#nowMs = nowMs;
  }

  /** Whether it answered when it was looked at last; where that is long ago, another look is begun. */
  isAvailable(): boolean {
    void this.find().catch(() => {});
    return this.#available ?? false;
  }

  /** @throws whatever went wrong, which is no older than ten seconds */
  find(): Promise<Configuration> {
    if (this.#look === undefined || this.#isOld(this.#look)) this.#look = this.#begin();
    return this.#look.found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#look?.found.catch(() => {});
  }

  #isOld({ atMs, succeeded }: Look): boolean {
    if (succeeded === undefined) return false;
    return this.#nowMs() >= atMs + (succeeded ? FRESH_MS : PAUSE_MS);
  }

  #begin(): Look {
    const look: Look = { atMs: this.#nowMs(), found: this.#configuration(), succeeded: undefined };
    look.found.then(() => this.#ended(look), (error) => this.#ended(look, error));
    return look;
  }

  #ended(look: Look, error?: unknown): void {
    look.succeeded = error === undefined;
    const before = this.#available;
    this.#available = look.succeeded;
    if (before === look.succeeded || this.#ending.signal.aborted) return;
    if (!look.succeeded) this.#report.unavailable(this.#options.name, error);
    else if (before === false) this.#report.available(this.#options.name);
  }

  async #configuration(): Promise<Configuration> {
    const openid = await import("openid-client");
    const { preset, issuer, clientId, clientSecret } = this.#options;
    const insecure = issuer.startsWith("http:") ? [openid.allowInsecureRequests] : []; // on this very machine
    const plain = preset && presets[preset].plain;
    if (plain === undefined) {
      return await openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: ANSWER_SECONDS,
        [openid.customFetch]: this.#fetch,
        // else an ID token that came over TLS would be believed unsigned
        execute: [...insecure, openid.enableNonRepudiationChecks],
      });
    }
    const { authorization, token } = plain.endpoints(issuer);
    const server = { issuer, authorization_endpoint: authorization, token_endpoint: token };
    const configuration = new openid.Configuration(server, clientId, clientSecret);
    configuration.timeout = ANSWER_SECONDS;
    configuration[openid.customFetch] = this.#fetch;
    for (const extend of insecure) extend(configuration);
    return configuration;
  }

  #fetch = (url: string, { signal, ...init }: { signal?: AbortSignal } & object): Promise<Response> => {
    const ending = this.#ending.signal;
    return boundedFetch(url, {
      ...init,
      signal: signal === undefined ? ending : AbortSignal.any([signal, ending]),
    });
  };
}
