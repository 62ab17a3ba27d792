import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Role } from "../../../server/accounts/roles.ts";
import { connectionTexts, LiveViewer, type News } from "../../../server/http/live_viewer.ts";
import type { Caller } from "../../../server/http/route.ts";
import type { ConnectionRow, LiveMessage } from "../../../server/wire/admin_types.ts";

/** What a viewer is sent, and how much of that it has not read. */
class Feed {
  waitingBytes = 0;
  readonly sent: LiveMessage[] = [];
  readonly ends = {} as LiveViewer["feed"]["ends"];
  readonly gone = Promise.resolve();

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  end(): void {}
}

Deno.test("a viewer is told what is new, an admin of the status as well", () => {
  for (
    const [role, types] of [["admin", ["connections", "status"]], ["moderator", ["connections"]]] as const
  ) {
    const feed = new Feed();
    equal(viewerOf(feed, role).tell(newsOf(["a"], []), 0), true);
    deepEqual(feed.sent.map(({ type }) => type), types);
  }
});

Deno.test("a viewer that does not read is told nothing, and once it does all that has changed meanwhile, once", () => {
  const feed = new Feed();
  const viewer = viewerOf(feed, "moderator");
  const now = new Map(["a", "b", "c", "d"].map((id) => [id, rowOf(id, 5)]));
  feed.waitingBytes = 65_537;
  viewer.tell(newsOf(["a", "b"], ["x"], now), 0);
  viewer.tell(newsOf(["b", "gone"], [], now), 1_000);
  viewer.tell(newsOf([], ["gone"], now), 2_000);
  equal(feed.sent.length, 0);
  feed.waitingBytes = 65_536;
  viewer.tell(newsOf(["d"], [], now), 3_000);
  deepEqual(feed.sent, [{
    type: "connections",
    reset: false,
    changed: [rowOf("a", 5), rowOf("b", 5), rowOf("d", 5)],
    gone: ["x", "gone"],
  }]);
  viewer.tell(newsOf(["c"], [], now), 4_000);
  deepEqual(feed.sent.slice(1), [{ type: "connections", reset: false, changed: [rowOf("c", 5)], gone: [] }]);
});

Deno.test("a viewer that does not read for more than 30 seconds is too slow, and one that reads in between is not", () => {
  const feed = new Feed();
  const viewer = viewerOf(feed, "admin");
  feed.waitingBytes = 1_000_000;
  deepEqual([0, 15_000, 30_000, 30_001].map((atMs) => viewer.tell(newsOf([], []), atMs)), [
    true,
    true,
    true,
    false,
  ]);
  feed.waitingBytes = 0;
  equal(viewer.tell(newsOf([], []), 31_000), true);
  feed.waitingBytes = 1_000_000;
  equal(viewer.tell(newsOf([], []), 32_000), true);
  equal(viewer.tell(newsOf([], []), 62_001), false);
});

Deno.test("many connections are told in several messages, and no change in none", () => {
  const changed = Array.from({ length: 2_001 }, (_, index) => rowOf(`${index}`));
  const messages = connectionTexts({ changed, gone: ["x"] }, { reset: true }).map((text) => JSON.parse(text));
  deepEqual(messages.map(({ reset, changed, gone }) => [reset, changed.length, gone]), [
    [true, 1_000, ["x"]],
    [false, 1_000, []],
    [false, 1, []],
  ]);
  deepEqual(connectionTexts({ changed: [], gone: [] }), []);
  equal(connectionTexts({ changed: [], gone: [] }, { reset: true }).length, 1);
  equal(connectionTexts({ changed: [], gone: ["x"] }).length, 1);
});

function viewerOf(feed: Feed, role: Role): LiveViewer {
  return new LiveViewer(feed, { account: { role } } as Caller);
}

function newsOf(
  changed: string[],
  gone: string[],
  now: ReadonlyMap<string, ConnectionRow> = new Map(),
): News {
  const changes = { changed: changed.map((id) => now.get(id) ?? rowOf(id)), gone };
  const find = (id: string) => now.get(id);
  return { changes, texts: connectionTexts(changes), status: '{"type":"status"}', find };
}

function rowOf(id: string, messages = 0): ConnectionRow {
  return {
    id,
    name: id,
    account: null,
    role: "guest",
    by: "guest name",
    how: "TLS",
    address: "192.0.2.1",
    tls: "",
    since: "2026-02-03T04:05:06.789Z",
    room: "lobby",
    messages,
    waiting_bytes: 0,
  };
}
