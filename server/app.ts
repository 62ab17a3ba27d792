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
import { WaysIn } from "./accounts/ways_in.ts";
import { type Certificate, loadCertificate } from "./certificates/certificate.ts";
import { ensureSelfSigned } from "./certificates/self_signed.ts";
import { allCommands } from "./commands/table.ts";
import type { Erased } from "./chat/erasure.ts";
import { NewLogins } from "./chat/new_logins.ts";
import { openChat, sayWhatWaits } from "./chat_parts.ts";
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
import { followChanges } from "./follow_changes.ts";
import { openIdentities } from "./identity_parts.ts";
import { limitRows } from "./options.ts";
import { openRecords } from "./records.ts";
import { logErased, reportOf, signOnReport } from "./reports.ts";
import { Session } from "./session/session.ts";
import type { SessionParts } from "./session/stage.ts";
import { SettingsInForce } from "./settings.ts";
import { DataDirectory } from "./store/data_directory.ts";
import { bringForward } from "./store/migrations.ts";
import { KvSettingStore } from "./store/settings.ts";
import { connectionsFor, givesMemoryBack, openSockets, postLimits } from "./system_parts.ts";
import { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";
import type { Samples } from "./telemetry/samples.ts";
import { openTelemetry, type Telemetry } from "./telemetry_parts.ts";
import { Closer } from "./transport/closer.ts";
import { ConnectionLimit } from "./transport/connection_limit.ts";
import { PostOffice } from "./transport/outbox.ts";
import { ChatReception } from "./transport/reception.ts";
import { WebSocketDoor } from "./transport/websocket_door.ts";
import { beginUpkeep } from "./upkeep_parts.ts";
import { workersFor } from "./worker_count.ts";
import { JsonOutput } from "./wire/json_output.ts";
import { SseOutput } from "./wire/sse_output.ts";
import { TextOutput } from "./wire/text_output.ts";

/** Limits that are also kept elsewhere: by the system for open connections, by workers. */
const TUNED = [
  limitRows.lineBytes,
  limitRows.bytesPerSecond,
  limitRows.handshakeMs,
  limitRows.stallMs,
  limitRows.outboxBytes,
  limitRows.outboxTotalBytes,
].map(({ flag }) => `--${flag}`);

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
    opening.use(await followChanges(records, chat, log));

    await sayWhatWaits(chat);
    await chat.erasure.resume();
    database.emptyOldLog();
    const { retention } = opening.use(beginUpkeep(chat, { tokens, database, settings, log }));
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

/** The operator's certificate, or the one that Parley makes for itself. */
async function certificateOf({ certificate, dataDir }: Config, log: Log): Promise<Certificate> {
  if (certificate !== undefined) return await loadCertificate(certificate);
  const own = await ensureSelfSigned({ dir: dataDir });
  if (own.renewed) log.warn("the certificate had expired and was made anew", { sha256: own.fingerprint });
  return own;
}
