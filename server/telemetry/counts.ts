import { Buckets } from "./buckets.ts";
import { Tally } from "./tally.ts";

const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 250, 500, 1_000, 2_500, 5_000];
const COMMIT_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
const REQUEST_BOUNDS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000];
const GROUP_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** A row of the table of calls. */
interface Route {
  readonly method: string;
  readonly path: string;
  /** How one comes in by it. */
  readonly entrance?: string;
}

/** What stands for the row of a request that was for none. */
const NO_ROUTE: Route = { method: "other", path: "other" };

/**
 * All that is counted since the start. Those who count know their part of it alone, by an interface of their own, and
 * only add to it; it is read when somebody asks (metrics.ts, samples.ts).
 */
export class Counts {
  readonly chat = { messages: 0, directs: 0, deliveries: 0 };
  readonly post = { writtenBytes: 0, tooSlow: 0, stalled: 0 };
  readonly database = new DatabaseCounts();
  readonly doors = {
    TLS: new DoorCounts(),
    plain: new DoorCounts(),
    WebSocket: new DoorCounts(),
    https: new RefusalCounts(),
    http: new RefusalCounts(),
  };
  readonly people = new PeopleCounts();
  readonly session: SessionCounts = new SessionCounts(this.people);
  readonly http: HttpCounts = new HttpCounts(this.people);

  /** How many connections are open by which people chat. */
  get connections(): number {
    const { TLS, plain, WebSocket } = this.doors;
    return [TLS, plain, WebSocket].reduce((sum, { open }) => sum + open, 0);
  }

  /** How many such connections have come, and how many gone, together. */
  get passages(): number {
    const { TLS, plain, WebSocket } = this.doors;
    return [TLS, plain, WebSocket].reduce((sum, { opened, closed }) => sum + opened + closed, 0);
  }
}

class RefusalCounts {
  readonly refusals: Tally<"reason"> = new Tally(["reason"]);

  refused(reason: string): void {
    this.refusals.add(reason);
  }
}

class DoorCounts extends RefusalCounts {
  opened = 0;
  closed = 0;

  get open(): number {
    return this.opened - this.closed;
  }
}

/** What people do and are told, wherever they come from. */
class PeopleCounts {
  readonly logins: Tally<"method" | "outcome"> = new Tally(["method", "outcome"], [
    ["password", "accepted"],
    ["password", "refused"],
  ]);
  readonly signups: Tally<"outcome"> = new Tally(["outcome"], [["accepted"], ["refused"]]);
  readonly refusals: Tally<"code"> = new Tally(["code"], [["defect"]]);

  /** @param by As the sessions call it. */
  tried(by: string, accepted: boolean): void {
    const outcome = accepted ? "accepted" : "refused";
    if (by === "signing up") this.signups.add(outcome);
    else this.logins.add(by === "guest name" || by === "name" ? "guest" : by, outcome);
  }
}

class SessionCounts {
  receivedBytes = 0;
  /** From a line read to its message told. */
  readonly latencyMs: Buckets = new Buckets(LATENCY_BOUNDS_MS);
  readonly commands: Tally<"command"> = new Tally(["command"]);
  #people: PeopleCounts;

  constructor(people: PeopleCounts) {
    this.#people = people;
  }

  toldAfter(ms: number): void {
    this.latencyMs.observe(ms);
  }

  ran(command: string): void {
    this.commands.add(command);
  }

  tried(by: string, accepted: boolean): void {
    this.#people.tried(by, accepted);
  }

  refused(code: string): void {
    this.#people.refusals.add(code);
  }
}

class DatabaseCounts {
  /** Commits and deletions that it would not take. */
  errors = 0;
  readonly commitMs: Buckets = new Buckets(COMMIT_BOUNDS_MS);
  /** How many messages were committed together. */
  readonly groups: Buckets = new Buckets(GROUP_BOUNDS);

  committed(ms: number): void {
    this.commitMs.observe(ms);
  }

  grouped(messages: number): void {
    this.groups.observe(messages);
  }
}

class HttpCounts {
  readonly requests: Tally<"method" | "route" | "status"> = new Tally(["method", "route", "status"]);
  /** Method and path of a row, with NUL between → how long requests for it took. */
  #durationsMs = new Map<string, Buckets>();
  #people: PeopleCounts;

  constructor(people: PeopleCounts) {
    this.#people = people;
  }

  answered(
    { method, path, entrance }: Route = NO_ROUTE,
    { status, ms }: { readonly status: number; readonly ms: number },
  ): void {
    this.requests.add(method, path, `${Math.floor(status / 100)}xx`);
    const key = `${method}\0${path}`;
    const durationsMs = this.#durationsMs.get(key) ?? new Buckets(REQUEST_BOUNDS_MS);
    this.#durationsMs.set(key, durationsMs);
    durationsMs.observe(ms);
    if (entrance !== undefined) this.#people.tried(entrance, status < 400);
  }

  refused(code: string): void {
    this.#people.refusals.add(code);
  }
  /** Method and path of each row that was asked for, and how long requests for it took. */
  *durationsMs(): Generator<readonly [words: readonly string[], durationsMs: Buckets]> {
    for (const [key, durationsMs] of this.#durationsMs) yield [key.split("\0"), durationsMs];
  }
}
