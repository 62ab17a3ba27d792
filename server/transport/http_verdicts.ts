/** What a connection of an HTTP listener is at. Moments are milliseconds of one clock. */
export type Activity =
  /** It has asked for nothing yet: its handshake or its first headers are on the way, or never come. */
  | { is: "new"; since: number }
  | { is: "busy"; since: number; requests: number }
  | { is: "idle"; since: number };

/** A connection as far as limits go. */
export interface LimitedConnection {
  activity: Activity;
  /** What it is counted under; undefined where no limit per address holds. */
  limitKey: string | undefined;
}

/** How long connections may take, and how many there may be. */
export interface HttpLimits {
  /** From the connection to the end of its first headers, TLS handshake included. */
  readonly headerMs: number;
  /** From the end of one request to the end of the next one's headers. */
  readonly idleMs: number;
  /** 0 for any number. */
  readonly maxPerAddress: number;
  readonly maxConnections: number;
}

/** Why a connection has to go. */
export type Verdict = "headers late" | "idle" | "too many from its address" | "too many";

/**
 * Those that have to go, and why.
 *
 * Where there are too many, those that have asked for nothing go first, the oldest of them before all others: who
 * means to ask does so soon, so that real clients get in past any number of silent ones. Then go those idle for
 * longest, and only then, the newest first, those with a request in progress.
 */
export function judge<Connection extends LimitedConnection>(
  connections: Iterable<Connection>,
  limits: HttpLimits,
  now: number,
): Map<Connection, Verdict> {
  const verdicts = new Map<Connection, Verdict>();
  const inTime: Connection[] = [];
  for (const connection of connections) {
    const overdue = judgeTime(connection.activity, limits, now);
    if (overdue === undefined) inTime.push(connection);
    else verdicts.set(connection, overdue);
  }
  const room = new Room(limits);
  for (const connection of inTime.sort(worthiestFirst)) {
    const refusal = room.take(connection.limitKey);
    if (refusal !== undefined) verdicts.set(connection, refusal);
  }
  return verdicts;
}

function judgeTime(activity: Activity, limits: HttpLimits, now: number): Verdict | undefined {
  switch (activity.is) {
    case "new":
      return now - activity.since >= limits.headerMs ? "headers late" : undefined;
    case "busy":
      return undefined;
    case "idle":
      return now - activity.since >= limits.idleMs ? "idle" : undefined;
  }
}

/** A total order for `sort`: busy, the longest first; idle, the last used first; new, the newest first. */
function worthiestFirst({ activity: a }: LimitedConnection, { activity: b }: LimitedConnection): number {
  if (a.is !== b.is) return RANK[a.is] - RANK[b.is];
  return a.is === "busy" ? a.since - b.since : b.since - a.since;
}

const RANK: Record<Activity["is"], number> = { busy: 0, idle: 1, new: 2 };

/** Counts those who stay. */
class Room {
  #limits: HttpLimits;
  #taken = 0;
  /** Limit key → connections that stay. */
  #takenBy = new Map<string, number>();

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  take(limitKey: string | undefined): Verdict | undefined {
    const { maxConnections, maxPerAddress } = this.#limits;
    const takenBy = this.#takenBy.get(limitKey ?? "") ?? 0;
    if (limitKey !== undefined && maxPerAddress > 0 && takenBy >= maxPerAddress) {
      return "too many from its address";
    }
    if (this.#taken >= maxConnections) return "too many";
    this.#taken++;
    if (limitKey !== undefined) this.#takenBy.set(limitKey, takenBy + 1);
  }
}
