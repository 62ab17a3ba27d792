import { isAtLeast } from "../accounts/roles.ts";
import type { WebSocketFeed } from "../transport/websocket_feed.ts";
import type { ConnectionRow, LiveMessage } from "../wire/admin_types.ts";
import type { RowChanges } from "./connection_rows.ts";
import type { Caller } from "./route.ts";

/** With more than this waiting for a viewer, it is told no more until it has read; and for how long at most. */
const MOST_WAITING_BYTES = 65_536;
const MOST_BEHIND_MS = 30_000;

/** How many rows a message has at most. */
const ROWS_PER_MESSAGE = 1_000;

/** What is told to all who look, once rendered. */
export interface News {
  readonly changes: RowChanges;
  /** The messages that tell of the changes. */
  readonly texts: readonly string[];
  /** The message that tells how the server is doing; undefined where that is not known. */
  readonly status: string | undefined;
  /** A connection as it is now. */
  readonly find: (id: string) => ConnectionRow | undefined;
}

/** Somebody who looks. One that does not read in time is told less often, and then of all that has changed meanwhile. */
export class LiveViewer {
  readonly feed: Pick<WebSocketFeed, "waitingBytes" | "send" | "end" | "ends" | "gone">;
  caller: Caller;
  /** Since when more waits than is read. */
  #behindSinceMs: number | undefined;
  /** The ids of the connections of which something was not told meanwhile. */
  #missed = new Set<string>();

  constructor(feed: LiveViewer["feed"], caller: Caller) {
    this.feed = feed;
    this.caller = caller;
  }

  /** Moderators do not. */
  get seesStatus(): boolean {
    return isAtLeast(this.caller.account.role, "admin");
  }

  /** Tells it what is new, if it reads. Answers false when it has not for too long. */
  tell({ changes, texts, status, find }: News, nowMs: number): boolean {
    if (this.feed.waitingBytes > MOST_WAITING_BYTES) {
      this.#behindSinceMs ??= nowMs;
      this.#missed = this.#missed.union(idsOf(changes));
      return nowMs - this.#behindSinceMs <= MOST_BEHIND_MS;
    }
    const behind = this.#behindSinceMs !== undefined;
    for (const text of behind ? connectionTexts(this.#takeMissed(changes, find)) : texts) {
      this.feed.send(text);
    }
    if (this.seesStatus && status !== undefined) this.feed.send(status);
    return true;
  }

  #takeMissed(changes: RowChanges, find: News["find"]): RowChanges {
    const ids = [...this.#missed.union(idsOf(changes))];
    this.#behindSinceMs = undefined;
    this.#missed = new Set();
    return {
      changed: ids.map(find).filter((row) => row !== undefined),
      gone: ids.filter((id) => find(id) === undefined),
    };
  }
}

/** The messages that tell of changes; none where there are no changes to tell of. */
export function connectionTexts({ changed, gone }: RowChanges, { reset = false } = {}): string[] {
  if (!reset && changed.length === 0 && gone.length === 0) return [];
  const count = Math.max(1, Math.ceil(changed.length / ROWS_PER_MESSAGE));
  return Array.from({ length: count }, (_, index) =>
    textOf({
      type: "connections",
      reset: reset && index === 0,
      changed: changed.slice(index * ROWS_PER_MESSAGE, (index + 1) * ROWS_PER_MESSAGE),
      gone: index === 0 ? gone : [],
    }));
}

export function textOf(message: LiveMessage): string {
  return JSON.stringify(message);
}

function idsOf({ changed, gone }: RowChanges): Set<string> {
  return new Set([...changed.map(({ id }) => id), ...gone]);
}
