import { availableParallelism } from "node:os";
import { Accounts } from "./accounts/accounts.ts";
import { Login } from "./accounts/login.ts";
import { LoginLimit, SignupLimit } from "./accounts/login_limit.ts";
import { PasswordHasher } from "./accounts/password.ts";
import { Tokens } from "./accounts/tokens.ts";
import { type Certificate, loadCertificate } from "./certificates/certificate.ts";
import { ensureSelfSigned } from "./certificates/self_signed.ts";
import { Hub } from "./chat/hub.ts";
import { LocalBus } from "./cluster/local_bus.ts";
import { allCommands } from "./commands/table.ts";
import { changedAtRuntime, type Config } from "./config.ts";
import { makeApi } from "./http/api.ts";
import { routes } from "./http/routes/table.ts";
import { HttpListener, type HttpParts, IDLE_MS } from "./http/server.ts";
import { Setup } from "./http/setup.ts";
import { accountDisabled, tokenRevoked } from "./refusals.ts";
import { KvAccountStore } from "./store/accounts.ts";
import { Changes, type StoredChange } from "./store/changes.ts";
import { DataDirectory } from "./store/data_directory.ts";
import { Database } from "./store/kv.ts";
import { KvMessageLog } from "./store/messages.ts";
import { KvTokenStore } from "./store/tokens.ts";
import type { Log } from "./telemetry/log.ts";
import { Closer } from "./transport/closer.ts";
import { ConnectionLimit } from "./transport/connection_limit.ts";
import { ChatListener, type ListenerParts } from "./transport/listeners.ts";
import { NativeSockets } from "./transport/native_sockets.ts";
import { PostOffice } from "./transport/outbox.ts";
import { TextOutput } from "./wire/text_output.ts";

/** How often a running server looks for what the commands of the CLI have changed. */
const LOOK_EVERY_MS = 500;

/** How long the last words of a stopping server may take to be read. */
const LAST_WORDS_MS = 5_000;

/** How long a password worker without work stays. */
const IDLE_HASHER_MS = 60_000;

/** How many passwords may wait to be checked. */
const MOST_QUEUED_PASSWORDS = 64;

/** What files, the database and HTTP need of the file descriptors beside the chat's connections. */
const SPARE_DESCRIPTORS = 100;

/** What may change while the server runs. It is one object, changed in place: whoever holds it reads it at each use. */
type Settings = Pick<Config, "serverName" | "signup" | "guests" | "tokenDays" | "limits">;

/** What is kept, and what is done with it; the commands of the CLI need no more than this. */
export interface Records extends AsyncDisposable {
  readonly database: Database;
  readonly changes: Changes;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
}

/**
 * Opens the database of a data directory, for a server or beside one.
 *
 * @throws {StoreError}
 */
export async function openRecords(directory: DataDirectory, log: Log): Promise<Records> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(
    await Database.open(directory.database, (error) => log.error("the database took no commit", error)),
  );
  const hasher = opening.use(
    new PasswordHasher({
      workers: Math.max(1, availableParallelism() - 1),
      maxQueued: MOST_QUEUED_PASSWORDS,
      idleMs: IDLE_HASHER_MS,
    }),
  );
  const changes = new Changes(database);
  const accounts = new Accounts(new KvAccountStore(database, changes), hasher);
  const tokens = await Tokens.open(new KvTokenStore(database, changes));
  const opened = opening.move();
  return { database, changes, accounts, tokens, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A server, built from its parts; started and stopped in order. */
export class Parley implements AsyncDisposable {
  #config: Config;
  #settings: Settings;
  #log: Log;
  #mostConnections: number;
  #certificate: Certificate;
  #setup: Setup;
  #chat: { tls?: ChatListener; plain?: ChatListener } = {};
  #http: { https?: HttpListener; http?: HttpListener } = {};
  /** Closes everything but the listeners, the last opened first. */
  #opened: AsyncDisposableStack;
  #stopped: Promise<void> | undefined;

  private constructor(
    config: Config,
    parts: {
      settings: Settings;
      mostConnections: number;
      log: Log;
      certificate: Certificate;
      setup: Setup;
      opened: AsyncDisposableStack;
    },
  ) {
    this.#mostConnections = parts.mostConnections;
    this.#config = config;
    this.#settings = parts.settings;
    this.#log = parts.log;
    this.#certificate = parts.certificate;
    this.#setup = parts.setup;
    this.#opened = parts.opened;
  }

  /**
   * Opens the data directory and all that is in it, then listens.
   *
   * @throws {StoreError | CertificateError | ListenError} with a sentence for the operator; nothing is left open.
   */
  static async start(config: Config, log: Log): Promise<Parley> {
    await using opening = new AsyncDisposableStack();
    const directory = opening.use(await DataDirectory.open(config.dataDir));
    await directory.lock();
    const certificate = await certificateOf(config, log);
    const records = opening.use(await openRecords(directory, log));
    const { database, accounts, tokens } = records;
    const messages = new KvMessageLog(database);
    opening.defer(() => messages.settled());
    const hub = opening.use(await Hub.open({ bus: new LocalBus(), log: messages, directory: accounts }));

    const sockets = openSockets(log);
    if (sockets !== undefined) opening.use(sockets);
    const mostConnections = connectionsFor(sockets?.openFileLimit() ?? Infinity);
    const settings = settingsOf(config, { mostConnections, log });
    const now = () => performance.now();
    const login = new Login({
      accounts,
      tokens,
      loginLimit: new LoginLimit({ limits: settings.limits, now }),
      signupLimit: new SignupLimit({ limits: settings.limits, now }),
      policy: settings,
    });
    opening.use(
      await records.changes.follow({
        everyMs: LOOK_EVERY_MS,
        receive: (change) => lookAgain(change, { accounts, tokens, hub }),
        failed: (error) => log.error("the database does not tell what changed", error),
      }),
    );

    const setup = await Setup.open(accounts);
    const report = reportOf(log);
    const post = opening.use(new PostOffice(settings.limits));
    const closer = opening.use(new Closer(sockets));
    const limit = new ConnectionLimit(settings.limits);
    const output = new TextOutput();
    const commands = allCommands();
    const sessions = { hub, log: messages, accounts, tokens, login, commands, output, settings, report };
    const api = makeApi(routes, {
      parts: {
        accounts,
        tokens,
        login,
        hub,
        setup,
        settings,
        certificatePem: () => parley.#certificate.certPem,
        chatPort: () => parley.#chat.tls?.address.port,
        probe: () => database.probe(),
      },
      defects: (error) => log.error("a request failed", error),
    });
    const opened = opening.move();
    const parley = new Parley(config, { settings, mostConnections, log, certificate, setup, opened });
    try {
      parley.#listenForChat({ post, closer, limit, sessions, sockets, settings, report });
      parley.#listenForHttp({ handle: api.fetch, sockets, limits: httpLimits(settings.limits), report });
    } catch (error) {
      await parley.stop();
      throw error;
    }
    return parley;
  }

  /** Where it listens; what is off is absent. */
  get addresses(): { tls?: Deno.NetAddr; plain?: Deno.NetAddr; https?: Deno.NetAddr; http?: Deno.NetAddr } {
    return {
      tls: this.#chat.tls?.address,
      plain: this.#chat.plain?.address,
      https: this.#http.https?.address,
      http: this.#http.http?.address,
    };
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** The code that makes the first admin; undefined where there is one. */
  get setupCode(): string | undefined {
    return this.#setup.code;
  }

  /**
   * Takes over what has changed in the configuration and in the certificate's files; nobody is disconnected.
   *
   * @throws {CertificateError} when the certificate cannot be used: all stays as it was.
   */
  async reload(config: Config): Promise<void> {
    const { applied, needRestart } = changedAtRuntime(this.#config, config);
    const certificate = await certificateOf(config, this.#log);
    const { limits, ...others } = settingsOf(config, {
      mostConnections: this.#mostConnections,
      log: this.#log,
    });
    Object.assign(this.#settings.limits, limits);
    Object.assign(this.#settings, others);
    this.#config = config;
    if (certificate.certPem !== this.#certificate.certPem) {
      this.#certificate = certificate;
      await this.#chat.tls?.useCertificate(certificate);
      this.#http.https?.useCertificate(certificate);
      this.#log.info("certificate changed", { sha256: certificate.fingerprint });
    }
    this.#log.info("configuration reloaded", { changed: applied.join(" ") || "nothing" });
    if (needRestart.length > 0) {
      this.#log.warn("this waits for a restart", { options: needRestart.join(" ") });
    }
  }

  /** Takes nobody in any more, tells everybody, writes what is queued, closes the database. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    const chat = Object.values(this.#chat);
    const http = Object.values(this.#http).map((listener) => listener.close());
    await Promise.all(chat.map((listener) => listener.close()));
    await Promise.all(chat.map((listener) => listener.endAll("Server is shutting down.", LAST_WORDS_MS)));
    await Promise.all(http);
    await this.#opened.disposeAsync();
  }

  #listenForChat(parts: ListenerParts): void {
    const { tls, plain } = this.#config;
    if (tls !== "off") this.#chat.tls = ChatListener.openTls(tls, parts, this.#certificate);
    if (plain !== "off") this.#chat.plain = ChatListener.openPlain(plain, parts);
  }

  #listenForHttp(parts: HttpParts): void {
    const { https, http } = this.#config;
    if (https !== "off") this.#http.https = HttpListener.openTls(https, parts, this.#certificate);
    if (http !== "off") this.#http.http = HttpListener.openPlain(http, parts);
  }
}

/** Takes no more connections than there are file descriptors for. */
function settingsOf(
  { serverName, signup, guests, tokenDays, limits }: Config,
  { mostConnections, log }: { mostConnections: number; log: Log },
): Settings {
  const maxConnections = Math.min(limits.maxConnections, mostConnections);
  if (maxConnections < limits.maxConnections) {
    log.warn("the system allows too few open files for --max-connections", { connections: maxConnections });
  }
  return { serverName, signup, guests, tokenDays, limits: { ...limits, maxConnections } };
}

function connectionsFor(openFiles: number): number {
  return Math.max(1, openFiles - SPARE_DESCRIPTORS);
}

/** The operator's certificate, or the one that Parley makes for itself. */
async function certificateOf({ certificate, dataDir }: Config, log: Log): Promise<Certificate> {
  if (certificate !== undefined) return await loadCertificate(certificate);
  const own = await ensureSelfSigned({ dir: dataDir });
  if (own.renewed) log.warn("the certificate had expired and was made anew", { sha256: own.fingerprint });
  return own;
}

function openSockets(log: Log): NativeSockets | undefined {
  const { sockets, missing } = NativeSockets.open();
  if (missing !== undefined) log.warn(missing);
  return sockets;
}

/** HTTP's connections count on their own, by the same numbers. */
function httpLimits(limits: Config["limits"]) {
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

/** Acts on a change of an account or a token, whoever made it, on those who are connected by it. */
async function lookAgain(
  { of, id }: StoredChange,
  { accounts, tokens, hub }: { accounts: Accounts; tokens: Tokens; hub: Hub },
): Promise<void> {
  if (of === "token") {
    tokens.forget(id);
    return hub.disconnect((listener) => listener.token === id, tokenRevoked().message, "kicked");
  }
  const member = hub.roster.findByAccount(id);
  if (member === undefined) return;
  const account = await accounts.find(id);
  if (account === undefined || account.disabled) {
    return hub.disconnect((listener) => member.listeners.has(listener), accountDisabled().message, "kicked");
  }
  member.role = account.role;
  hub.rename(member, account.name);
}

function reportOf(log: Log) {
  return {
    defect: (error: unknown) => log.error("a session failed", error),
    loggedIn: (entry: { name: string; account: string | undefined; by: string; address: string }) =>
      log.info("joined", entry),
    acceptFails: (error: unknown) => log.error("no connections can be accepted; trying on", error),
    acceptsAgain: () => log.info("connections are accepted again"),
  };
}
