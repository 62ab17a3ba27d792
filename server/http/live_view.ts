import type { Accounts } from "../accounts/accounts.ts";
import type { Confirmations } from "../accounts/confirmations.ts";
import type { Login } from "../accounts/login.ts";
import type { Moderation } from "../chat/moderation.ts";
import {
  defect,
  Refusal,
  shuttingDown,
  tokenExpired,
  tokenNotValid,
  tooManyViewers,
  viewerTooSlow,
} from "../refusals.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Closer } from "../transport/closer.ts";
import { within } from "../transport/deadline.ts";
import type { ConnectionEnds, NativeSockets } from "../transport/native_sockets.ts";
import { WebSocketFeed } from "../transport/websocket_feed.ts";
import { WebSocketWatch } from "../transport/websocket_watch.ts";
import type { Status } from "../wire/admin_types.ts";
import { checkPower } from "./authenticate.ts";
import { ConnectionRows } from "./connection_rows.ts";
import { connectionTexts, LiveViewer, textOf } from "./live_viewer.ts";
import type { Caller } from "./route.ts";

/** How often those who look are told. */
const TELL_EVERY_MS = 1_000;

/** How many may look at a time, and of one account: an admin has to find room whatever moderators do. */
const MOST_VIEWERS = 64, MOST_OF_ACCOUNT = 8;

/** What is needed to know whether somebody may look, and to tell what there is to see. */
export interface LiveViewParts {
  readonly login: Pick<Login, "checkAgain">;
  readonly accounts: Pick<Accounts, "find">;
  readonly moderation: Pick<Moderation, "checkMayEnter">;
  readonly confirmations: Confirmations;
  readonly sessions: Sessions;
  readonly status: () => Promise<Status>;
  readonly closer: Closer;
  /** Undefined where the platform lacks the means. */
  readonly sockets: NativeSockets | undefined;
  /** May change while the server runs. */
  readonly limits: { readonly pingMs: number };
  /** Told of what goes wrong that is nobody's refusal. */
  readonly failed: (error: unknown) => void;
}

/**
 * What admins look at while it happens: how the server is doing, and who is connected. It is put together once a second
 * for all who look, and not at all while nobody does. Moderators see the connections alone.
 */
export class LiveView implements Disposable {
  #parts: LiveViewParts;
  #rows: ConnectionRows;
  #watch: WebSocketWatch;
  /** Those of whom it is not known yet whether they may look. */
  #arriving = new Set<WebSocketFeed>();
  #viewers = new Set<LiveViewer>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(parts: LiveViewParts) {
    this.#parts = parts;
    this.#rows = new ConnectionRows(parts.sessions);
    this.#watch = new WebSocketWatch(parts.sockets);
  }

  /**
   * Takes a request that asks for a WebSocket. Whether its sender may look is found out after that, for no page can read
   * why a WebSocket did not open: it is closed with 4401, 4403 or 4428, as HTTP would answer 401, 403 or 428.
   *
   * @param arrived.caller Who it is; a refusal where that is nobody.
   * @throws {Refusal} `shutting_down`
   */
  open(
    request: Request,
    { ends, caller }: { ends: ConnectionEnds; caller: Promise<Caller> },
  ): Response {
    caller.catch(() => {}); // it is looked at when the WebSocket is open
    if (this.#closed) throw shuttingDown();
    const { closer, limits } = this.#parts;
    const { feed, response } = WebSocketFeed.accept(request, { ends, closer, pingMs: limits.pingMs });
    this.#arriving.add(feed);
    this.#watch.add(feed);
    void feed.gone.then(() => {
      this.#arriving.delete(feed);
      this.#watch.remove(feed);
    });
    void this.#admit(feed, caller);
    return response;
  }

  /** Lets nobody look any more, and says why; waits until that is read, for so long at most. */
  async endAll(sentence: string, withinMs: number): Promise<void> {
    this.#closed = true;
    const feeds = [...this.#arriving, ...Array.from(this.#viewers, ({ feed }) => feed)];
    for (const feed of feeds) feed.end({ code: 1001, reason: sentence });
    await within(withinMs, Promise.all(feeds.map(({ gone }) => gone)));
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch[Symbol.dispose]();
  }

  async #admit(feed: WebSocketFeed, arriving: Promise<Caller>): Promise<void> {
    try {
      if (!await feed.opened) return;
      const viewer = new LiveViewer(feed, await this.#stillMay(await arriving, feed));
      this.#checkRoom(viewer.caller);
      this.#arriving.delete(feed);
      this.#begin(viewer);
    } catch (error) {
      feed.end(this.#endingFor(error));
    }
  }

  /** @throws {Refusal} `shutting_down`, `too_many_viewers` */
  #checkRoom({ account: { id } }: Caller): void {
    if (this.#closed) throw shuttingDown();
    const own = this.#viewers.values().filter(({ caller }) => caller.account.id === id).toArray();
    if (this.#viewers.size >= MOST_VIEWERS || own.length >= MOST_OF_ACCOUNT) throw tooManyViewers();
  }

  #begin(viewer: LiveViewer): void {
    if (this.#viewers.size === 0) this.#rows.look();
    this.#viewers.add(viewer);
    void viewer.feed.gone.then(() => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size === 0) this.#rows.clear();
    });
    for (const text of connectionTexts({ changed: [...this.#rows.all], gone: [] }, { reset: true })) {
      viewer.feed.send(text);
    }
    if (viewer.seesStatus) void this.#statusText().then((text) => text && viewer.feed.send(text));
    this.#timer ??= setTimeout(() => void this.#tell(), TELL_EVERY_MS);
  }

  /** Tells all who look what has changed, and comes again as long as somebody does. */
  async #tell(): Promise<void> {
    await Promise.all(Array.from(this.#viewers, (viewer) => this.#lookAgain(viewer)));
    const status = await this.#statusText();
    if (this.#viewers.size > 0) this.#tellAll(status);
    const again = this.#viewers.size > 0 && !this.#closed;
    this.#timer = again ? setTimeout(() => void this.#tell(), TELL_EVERY_MS) : undefined;
  }

  #tellAll(status: string | undefined): void {
    const changes = this.#rows.look();
    const find = (id: string) => this.#rows.find(id);
    const news = { changes, texts: connectionTexts(changes), status, find };
    const nowMs = performance.now();
    for (const viewer of this.#viewers) {
      if (!viewer.tell(news, nowMs)) viewer.feed.end(this.#endingFor(viewerTooSlow()));
    }
  }

  async #lookAgain(viewer: LiveViewer): Promise<void> {
    try {
      viewer.caller = await this.#stillMay(viewer.caller, viewer.feed);
    } catch (error) {
      viewer.feed.end(this.#endingFor(error));
    }
  }

  /**
   * Whether somebody may look, as it is by now.
   *
   * @throws {Refusal} `token_revoked`, `token_expired`, `account_disabled`, `token_not_valid`, `may_not`, `token_scope`,
   * `confirm_password`, `banned`
   */
  async #stillMay(
    { account: { id }, token, by }: Caller,
    { ends }: Pick<WebSocketFeed, "ends">,
  ): Promise<Caller> {
    const { login, accounts, moderation, confirmations } = this.#parts;
    await login.checkAgain(id, token.id);
    if (token.expiresAt <= new Date()) throw tokenExpired();
    const account = await accounts.find(id);
    if (account === undefined) throw tokenNotValid();
    const { name, role } = account;
    const caller = { account, token, by };
    moderation.checkMayEnter({ account: id, name, role, address: ends.remote.hostname });
    checkPower(caller, { scope: "admin", role: "moderator", confirmations });
    return caller;
  }

  /** Undefined where it could not be put together, of which the log has more. */
  async #statusText(): Promise<string | undefined> {
    try {
      return textOf(await this.#parts.status());
    } catch (error) {
      this.#parts.failed(error);
    }
  }

  #endingFor(error: unknown): { code: number; reason: string } {
    const refusal = error instanceof Refusal ? error : defect();
    if (refusal !== error) this.#parts.failed(error);
    return { code: closeCode(refusal.code), reason: refusal.message };
  }
}

/** As HTTP would answer: the page asks for a log-in, or for the password. */
function closeCode(code: string): number {
  switch (code) {
    case "token_missing":
    case "token_not_valid":
    case "token_revoked":
    case "token_expired":
      return 4401;
    case "confirm_password":
      return 4428;
    case "defect":
      return 1011;
    case "shutting_down":
      return 1001;
    case "too_many_viewers":
    case "too_slow":
      return 1013;
    default:
      return 4403;
  }
}
