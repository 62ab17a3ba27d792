import { openAdmin } from "./admin_parts.ts";
import { Confirmations } from "./accounts/confirmations.ts";
import { LinkCodes } from "./accounts/link_codes.ts";
import { Login } from "./accounts/login.ts";
import { LoginLimit, SignupLimit } from "./accounts/login_limit.ts";
import { Mfa } from "./accounts/mfa.ts";
import type { PasswordHashing } from "./accounts/password_hashing.ts";
import { PasskeyProofs } from "./accounts/passkey_proofs.ts";
import { Passkeys } from "./accounts/passkeys.ts";
import { Tickets } from "./accounts/tickets.ts";
import type { Tokens } from "./accounts/tokens.ts";
import { WaysIn } from "./accounts/ways_in.ts";
import { type Certificate, loadCertificate } from "./certificates/certificate.ts";
import { ensureSelfSigned } from "./certificates/self_signed.ts";
import { allCommands } from "./commands/table.ts";
import type { Erased } from "./chat/erasure.ts";
import { sayForOperator } from "./chat/outgoing.ts";
import { Retention } from "./chat/retention.ts";
import { NewLogins } from "./chat/new_logins.ts";
import { type Chat, openChat, sayWhatWaits } from "./chat_parts.ts";
import type { Config } from "./config.ts";
import { type Addresses, Doors, httpLimits, type Lasting } from "./doors.ts";
import { BrowserSessions } from "./http/browser_sessions.ts";
import { EventStreams } from "./http/event_streams.ts";
import { Errands } from "./http/errands.ts";
import { LateApi } from "./http/late_api.ts";
import { linkUrl } from "./http/link_url.ts";
import { Newcomers } from "./http/newcomers.ts";
import { Setup } from "./http/setup.ts";
import { SignOn } from "./http/sign_on.ts";
import { openIdentities } from "./identity_parts.ts";
import { limitRows, type Limits, type Settings } from "./options.ts";
import { openRecords, type Records } from "./records.ts";
import { accountDeleted, accountDisabled, tokenRevoked } from "./refusals.ts";
import { Session } from "./session/session.ts";
import type { SessionParts } from "./session/stage.ts";
import { SettingsInForce } from "./settings.ts";
import { FILES_OF_WORKER } from "./start_worker.ts";
import type { StoredChange } from "./store/changes.ts";
import { DataDirectory } from "./store/data_directory.ts";
import type { Database } from "./store/kv.ts";
import { bringForward } from "./store/migrations.ts";
import { KvPruner } from "./store/pruner.ts";
import { KvSettingStore } from "./store/settings.ts";
import { Sweeper } from "./store/sweeper.ts";
import { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";
import type { Samples } from "./telemetry/samples.ts";
import { openTelemetry, type Telemetry } from "./telemetry_parts.ts";
import { shareOfBudget } from "./transport/chat_workers.ts";
import { Closer } from "./transport/closer.ts";
import { ConnectionLimit } from "./transport/connection_limit.ts";
import { NativeHeap } from "./transport/native_heap.ts";
import { NativeSockets } from "./transport/native_sockets.ts";
import { type PostLimits, PostOffice } from "./transport/outbox.ts";
import { ChatReception } from "./transport/reception.ts";
import { SpareMemory } from "./transport/spare_memory.ts";
import { WebSocketDoor } from "./transport/websocket_door.ts";
import { unlessLogged } from "./unless_logged.ts";
import { workersFor } from "./worker_count.ts";
import { JsonOutput } from "./wire/json_output.ts";
import { SseOutput } from "./wire/sse_output.ts";
import { TextOutput } from "./wire/text_output.ts";

/** How often a running server looks for what the commands of the CLI have changed. */
const LOOK_EVERY_MS = 500;

/** How often it is kept when tokens were used last. */
const KEEP_USES_MS = 60_000;

/** Limits that are also kept elsewhere: by the system for open connections, by workers. */
const TUNED = [
  limitRows.lineBytes,
  limitRows.bytesPerSecond,
  limitRows.handshakeMs,
  limitRows.stallMs,
  limitRows.outboxBytes,
  limitRows.outboxTotalBytes,
].map(({ flag }) => `--${flag}`);

/** What files, the database and HTTP need of the file descriptors beside the chat's connections. */
const SPARE_DESCRIPTORS = 100;

/** A server, built from its parts; started and stopped in order. */
export class Parley implements AsyncDisposable {
  #settings: SettingsInForce;
  #log: Log;
  #doors: Doors;
  #setup: Setup;
  /** Those who came in by HTTP and stay. */
  #lasting: readonly Lasting[];
  #telemetry: Telemetry;
  /** Closes everything but the doors, the last opened first. */
  #opened: AsyncDisposableStack;
  #stopped: Promise<void> | undefined;

  private constructor(
    parts: {
      settings: SettingsInForce;
      log: Log;
      doors: Doors;
      setup: Setup;
      lasting: readonly Lasting[];
      telemetry: Telemetry;
      opened: AsyncDisposableStack;
    },
  ) {
    this.#settings = parts.settings;
    this.#log = parts.log;
    this.#doors = parts.doors;
    this.#setup = parts.setup;
    this.#lasting = parts.lasting;
    this.#telemetry = parts.telemetry;
    this.#opened = parts.opened;
  }

  /**
   * Opens the data directory and all that is in it, then listens.
   *
   * @param parts.hasher Closed with the server, which otherwise has one of its own.
   * @throws {StoreError | CertificateError | ListenError} with a sentence for the operator; nothing is left open.
   */
  static async start(config: Config, log: Log, parts: { hasher?: PasswordHashing } = {}): Promise<Parley> {
    await using opening = new AsyncDisposableStack();
    const directory = opening.use(await DataDirectory.open(config.dataDir));
    await directory.lock();
    const doors = new Doors(await certificateOf(config, log));
    const [certificate, addresses] = [() => doors.certificate, () => doors.addresses];
    const counts = new Counts();
    const records = opening.use(await openRecords(directory, log, { ...parts, counts }));
    const { database, accounts, tokens } = records;
    await bringForward(directory, database, (event, fields) => log.info(event, fields));
    const erased = (what: Erased) => logErased(what, log);
    const chat = opening.use(await openChat(records, log, { erased, counts }));
    const { hub, archive } = chat;
    const sockets = openSockets(log);
    if (sockets !== undefined) opening.use(sockets);
    givesMemoryBack(opening, counts);
    const workers = workersFor(config.workers, log);
    const settingsInForce = await SettingsInForce.open(config, {
      store: new KvSettingStore(database),
      audit: chat.audit,
      adminWithoutPassword: () =>
        accounts.hasAdmin({ comesIn: (account) => waysIn.hasBesidePassword(account) }),
      mostConnections: connectionsFor(sockets?.openFileLimit() ?? Infinity, workers),
      log,
    });
    const settings = settingsInForce.current;
    const waysIn = new WaysIn(config.identityProviders.map(({ issuer }) => issuer), settings);
    const now = () => performance.now();
    const [tickets, links] = [new Tickets(now), new LinkCodes(now)];
    const mfa = new Mfa({ accounts, policy: settings });
    const loginLimit = new LoginLimit({ limits: settings.limits, now });
    const login = new Login({
      accounts,
      tokens,
      tickets,
      mfa,
      invitations: records.invitations,
      loginLimit,
      signupLimit: new SignupLimit({ limits: settings.limits, now }),
      policy: settings,
    });
    opening.use(
      await records.changes.follow({
        everyMs: LOOK_EVERY_MS,
        receive: (change) => lookAgain(change, { ...records, ...chat }),
        failed: (error) => log.error("the database does not tell what changed", error),
      }),
    );

    await sayWhatWaits(chat);
    await chat.erasure.resume();
    database.emptyOldLog();
    opening.use(keepingUses(tokens, log));
    const retention = opening.use(retentionOf(chat, { database, settings, log }));
    retention.run();
    opening.use(sweeperOf(database, log)).run();
    const setup = await Setup.open(accounts);
    const report = reportOf(log);
    const post = opening.use(new PostOffice(postLimits(settings.limits, workers), counts.post));
    const closer = opening.use(new Closer(sockets));
    const limit = new ConnectionLimit(settings.limits);
    const confirmations = new Confirmations();
    const admin = opening.use(
      openAdmin({
        records,
        chat,
        login,
        mfa,
        confirmations,
        closer,
        sockets,
        settings,
        log,
        latest: () => telemetry.samples.latest,
        certificate,
        addresses,
      }),
    );
    const newLogins = new NewLogins({ distribution: hub.distribution, tokens });
    const browserSessions = new BrowserSessions({ tokens, hub, confirmations, settings, login, newLogins });
    const { administration } = admin;
    const singleSignOn = opening.use(
      openIdentities(config.identityProviders, { accounts, administration, login, waysIn, log }),
    );
    const { identities } = singleSignOn;
    const signingOn = { identities, errands: new Errands(), browserSessions, hub, login };
    const signOn = new SignOn({ ...signingOn, report: signOnReport(counts, log) });
    const sessions: SessionParts = {
      hub,
      mailbox: chat.mailbox,
      archive,
      accounts,
      administration: admin.administration,
      tokens,
      confirmations,
      login,
      mfa,
      newLogins,
      sessions: admin.sessions,
      links,
      linkUrl: ({ localAddress }) => linkUrl(localAddress, { ...addresses(), certificate: certificate() }),
      audit: chat.audit,
      commands: allCommands(),
      textOutput: new TextOutput(),
      jsonOutput: new JsonOutput(),
      settings,
      report,
      counts: counts.session,
    };
    const webSockets = opening.use(
      new WebSocketDoor({
        post,
        closer,
        limit,
        sockets,
        limits: settings.limits,
        counts: counts.doors.WebSocket,
        begin: (connection, token) => new Session(connection, sessions, token),
      }),
    );
    const streams = new EventStreams({
      hub,
      log: chat.messages,
      post,
      output: new SseOutput(),
      limits: settings.limits,
      failed: report.defect,
    });
    const telemetry: Telemetry = opening.use(
      await openTelemetry(counts, { ...records, ...chat, post, doors, streams, certificate }),
    );
    const api = new LateApi({
      parts: {
        accounts,
        tokens,
        login,
        tickets,
        links,
        confirmations,
        passwordLinks: records.passwordLinks,
        mfa,
        passkeys: new Passkeys({ accounts, policy: settings, waysIn }),
        passkeyProofs: new PasskeyProofs({ accounts, loginLimit }),
        browserSessions,
        newLogins,
        identities,
        signOn,
        newcomers: new Newcomers(signingOn),
        hub,
        archive,
        commands: sessions.commands,
        erasure: chat.erasure,
        disclosure: chat.disclosure,
        setup,
        webSockets,
        streams,
        settings,
        settingsInForce,
        admin,
        samples: telemetry.samples,
        metrics: telemetry.metrics,
        certificate,
        addresses,
        probe: () => database.probe(),
      },
      counts: counts.http,
      defects: (error) => log.error("a request failed", error),
    });
    const lasting = [webSockets, streams, admin.live];
    const opened = opening.move();
    const parley = new Parley({ settings: settingsInForce, log, doors, setup, lasting, telemetry, opened });
    try {
      const shared = { sockets, report };
      const reception = new ChatReception({ limit, sessions, counts: counts.doors });
      await doors.open(config, {
        chat: { ...shared, post, closer, reception, limits: settings.limits, counts: counts.post },
        http: { ...shared, counts: counts.doors, handle: api.fetch, limits: httpLimits(settings.limits) },
      }, { workers });
      if (addresses().https !== undefined || addresses().http !== undefined) {
        void api.load().catch((error) => log.error("the API could not be loaded", error));
      }
      settingsInForce.onChange((changed) => {
        if (changed.includes("--keep")) retention.beginAgain();
        if (changed.some((flag) => TUNED.includes(flag))) doors.tune();
      });
    } catch (error) {
      await parley.stop();
      throw error;
    }
    return parley;
  }

  /** Where it listens; what is off is absent. */
  get addresses(): Addresses {
    return this.#doors.addresses;
  }

  get certificate(): Certificate {
    return this.#doors.certificate;
  }

  /** How it is doing. */
  get samples(): Samples {
    return this.#telemetry.samples;
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
    const certificate = await certificateOf(config, this.#log);
    const { applied, needRestart } = this.#settings.reload(config);
    if (certificate.certPem !== this.certificate.certPem) {
      await this.#doors.useCertificate(certificate);
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
    await this.#doors.close(this.#lasting);
    await this.#opened.disposeAsync();
  }
}

/** For as many connections there are file descriptors. */
function connectionsFor(openFiles: number, workers: number): number {
  return Math.max(1, openFiles - SPARE_DESCRIPTORS - workers * FILES_OF_WORKER);
}

/** The main isolate's share of what may wait for slow readers. */
function postLimits(limits: Limits, workers: number): PostLimits {
  if (workers === 0) return limits;
  return {
    get outboxBytes() {
      return limits.outboxBytes;
    },
    get outboxTotalBytes() {
      return shareOfBudget(limits, workers);
    },
    get stallMs() {
      return limits.stallMs;
    },
  };
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

/** Has memory given back that a crowd leaves behind, where that can be done. */
function givesMemoryBack(opening: AsyncDisposableStack, counts: Counts): void {
  const heap = NativeHeap.open();
  if (heap === undefined) return;
  opening.use(heap);
  opening.use(new SpareMemory({ heap, passages: () => counts.passages }));
}

/** Acts on a change that was committed, whoever made it: on those who are connected by an account or a token, or on all. */
async function lookAgain(
  { of, id }: StoredChange,
  { accounts, tokens, hub, outgoing, erasure }: Records & Chat,
): Promise<void> {
  if (of === "outgoing") {
    const waiting = await outgoing.find(id);
    return waiting && await sayForOperator(waiting, { hub, store: outgoing });
  }
  if (of === "token") {
    tokens.forget(id);
    return hub.distribution.disconnect((listener) => listener.token === id, tokenRevoked().message, "kicked");
  }
  if (of === "log_ins") return hub.distribution.logOut(id);
  const account = await accounts.find(id);
  if (account === undefined || account.disabled) {
    const refusal = account === undefined ? accountDeleted() : accountDisabled();
    hub.distribution.disconnect((listener) => listener.account === id, refusal.message, "kicked");
    if (account === undefined) void erasure.erase(id);
    return;
  }
  const member = hub.roster.findByKey(id);
  if (member === undefined) return;
  member.role = account.role;
  hub.rename(member, account.name);
}

function logErased({ tookMs, ...what }: Erased, log: Log): void {
  log.info("a deleted account is erased", { ...what, seconds: Math.round(tookMs / 1_000) });
}

function retentionOf(
  { hub, messages, search }: Chat,
  { database, settings, log }: { database: Database; settings: Settings; log: Log },
): Retention {
  return new Retention({
    hub,
    log: messages,
    pruner: new KvPruner(database),
    search,
    settings,
    forgot: ({ tookMs, ...what }) =>
      log.info("what is kept no longer was deleted", { ...what, seconds: Math.round(tookMs / 1_000) }),
    failed: unlessLogged("what is kept no longer could not be deleted", log),
  });
}

function sweeperOf(database: Database, log: Log): Sweeper {
  return new Sweeper(database, { failed: unlessLogged("what is over could not be deleted", log) });
}

/** Keeps when tokens were used last, now and then and once more at the end. */
function keepingUses(tokens: Tokens, log: Log): AsyncDisposable {
  const keep = () => tokens.keepUses().catch(unlessLogged("the use of tokens could not be kept", log));
  const timer = setInterval(keep, KEEP_USES_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await keep();
    },
  };
}

function signOnReport({ people, http }: Counts, log: Log) {
  return {
    tried: (accepted: boolean) => people.tried("identity", accepted),
    refused: (code: string) => http.refused(code),
    defect: (error: unknown) => log.error("a sign-in failed", error),
  };
}

function reportOf(log: Log) {
  return {
    defect: (error: unknown) => log.error("a session failed", error),
    loggedIn: (entry: { name: string; account: string | undefined; by: string; address: string }) =>
      log.info("joined", entry),
    // without its stack: to show that one, Deno opens a file, and panics where none is left
    acceptFails: (error: unknown) => log.error("no connections can be accepted; trying on", String(error)),
    acceptsAgain: () => log.info("connections are accepted again"),
    workerDied: (error: unknown, connections: number) =>
      log.error("a worker has died; another takes its place", String(error), { connections }),
    workerStarted: () => log.info("a worker has taken the place of one that had died"),
  };
}
