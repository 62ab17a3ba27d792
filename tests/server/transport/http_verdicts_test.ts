import { deepStrictEqual as deepEqual } from "node:assert/strict";
import {
  type Activity,
  judge,
  type LimitedConnection,
  type Verdict,
} from "../../../server/transport/http_verdicts.ts";

const now = 1_000_000;
const limits = { headerMs: 10_000, idleMs: 75_000, maxPerAddress: 3, maxConnections: 5 };

type Named = LimitedConnection & { name: string };

/** A connection that has been at this for so long; each of an address of its own, where none is given. */
function connection(name: string, is: Activity["is"], forMs: number, limitKey = name): Named {
  const since = now - forMs;
  const activity: Activity = is === "busy" ? { is, since, requests: 1 } : { is, since };
  return { name, activity, limitKey };
}

function verdicts(...connections: Named[]): Record<string, Verdict> {
  return Object.fromEntries([...judge(connections, limits, now)].map(([{ name }, why]) => [name, why]));
}

Deno.test("who has asked for nothing goes when the time for headers is over", () => {
  deepEqual(verdicts(connection("a", "new", 9_999), connection("b", "new", 10_000)), { b: "headers late" });
});

Deno.test("who has asked before goes when idle for too long", () => {
  deepEqual(verdicts(connection("a", "idle", 74_999), connection("b", "idle", 75_000)), { b: "idle" });
});

Deno.test("a request in progress takes as long as it takes", () => {
  deepEqual(verdicts(connection("a", "busy", 900_000)), {});
});

Deno.test("of too many from one address those that have asked for nothing go first, the oldest before all", () => {
  deepEqual(
    verdicts(
      connection("oldest", "new", 9_000, "net"),
      connection("older", "new", 5_000, "net"),
      connection("newest", "new", 1_000, "net"),
      connection("idle", "idle", 60_000, "net"),
      connection("busy", "busy", 1, "net"),
    ),
    { oldest: "too many from its address", older: "too many from its address" },
  );
});

Deno.test("then go those idle for longest, and the newest of those with a request last", () => {
  deepEqual(
    verdicts(
      connection("long idle", "idle", 60_000, "net"),
      connection("just idle", "idle", 1, "net"),
      connection("busy for a minute", "busy", 60_000, "net"),
      connection("busy for a second", "busy", 1_000, "net"),
    ),
    { "long idle": "too many from its address" },
  );
  const busy = [4, 3, 2, 1].map((seconds) =>
    connection(`busy for ${seconds} s`, "busy", seconds * 1000, "net")
  );
  deepEqual(verdicts(...busy), { "busy for 1 s": "too many from its address" });
});

Deno.test("an exempt address has as many as it likes, within the whole", () => {
  const exempt = [1, 2, 3, 4, 5, 6].map((ms) => ({ ...connection(`${ms}`, "new", ms), limitKey: undefined }));
  deepEqual(verdicts(...exempt), { 6: "too many" });
});

Deno.test("connections that go for another reason leave room for others", () => {
  deepEqual(
    verdicts(
      connection("late", "new", 20_000, "net"),
      connection("a", "idle", 1, "net"),
      connection("b", "idle", 2, "net"),
      connection("c", "idle", 3, "net"),
    ),
    { late: "headers late" },
  );
});

Deno.test("one refused for its address takes no room from the others", () => {
  const crowd = [1, 2, 3, 4, 5].map((ms) => connection(`crowd ${ms}`, "busy", 10 - ms, "net"));
  deepEqual(
    verdicts(...crowd, connection("a", "new", 1), connection("b", "new", 2), connection("c", "new", 3)),
    {
      "crowd 4": "too many from its address",
      "crowd 5": "too many from its address",
      c: "too many",
    },
  );
});

Deno.test("no limit per address holds where it is 0", () => {
  const crowd = [1, 2, 3, 4].map((ms) => connection(`${ms}`, "new", ms, "net"));
  deepEqual([...judge(crowd, { ...limits, maxPerAddress: 0 }, now)], []);
});
