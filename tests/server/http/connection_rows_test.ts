import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { ConnectionRows } from "../../../server/http/connection_rows.ts";
import { type Connected, type Present, Sessions } from "../../../server/session/sessions.ts";

const ann: Present = {
  name: "ann",
  role: "member",
  account: "1",
  by: "token",
  token: undefined,
  looksAt: "lobby",
  messages: 0,
};

Deno.test("at the first look all connections are new, at the next only what has changed", () => {
  const { sessions, change, remove } = someSessions("a", "b", "c");
  const rows = new ConnectionRows(sessions);
  deepEqual(rows.look().changed.map(({ id }) => id), ["a", "b", "c"]);
  deepEqual(rows.look(), { changed: [], gone: [] });
  change("b", { present: ann });
  remove("c");
  sessions.add(connectionOf("d"));
  const { changed, gone } = rows.look();
  deepEqual([changed.map(({ id, name }) => [id, name]), gone], [[["b", "ann"], ["d", ""]], ["c"]]);
  deepEqual(Array.from(rows.all, ({ id }) => id), ["a", "b", "d"]);
  equal(rows.find("b")?.name, "ann");
  equal(rows.find("c"), undefined);
});

Deno.test("whatever may change of a connection is seen", () => {
  const changes: Partial<Connected>[] = [
    { how: "TLS, JSON" },
    { waitingBytes: 1 },
    { present: { ...ann, name: "anna" } },
    { present: { ...ann, role: "moderator" } },
    { present: { ...ann, account: undefined } },
    { present: { ...ann, by: "password" } },
    { present: { ...ann, looksAt: "den" } },
    { present: { ...ann, messages: 1 } },
    { present: undefined },
  ];
  for (const changed of changes) {
    const { sessions, change } = someSessions("a");
    change("a", { present: ann });
    const rows = new ConnectionRows(sessions);
    rows.look();
    equal(rows.look().changed.length, 0);
    change("a", changed);
    equal(rows.look().changed.length, 1, JSON.stringify(changed));
  }
});

Deno.test("what was forgotten is new again", () => {
  const { sessions } = someSessions("a");
  const rows = new ConnectionRows(sessions);
  rows.look();
  rows.clear();
  deepEqual([...rows.all], []);
  deepEqual(rows.look().changed.length, 1);
});

function someSessions(...ids: string[]) {
  const sessions = new Sessions();
  for (const id of ids) sessions.add(connectionOf(id));
  return {
    sessions,
    change: (id: string, change: Partial<Connected>) => sessions.add({ ...sessions.find(id)!, ...change }),
    remove: (id: string) => sessions.remove(sessions.find(id)!),
  };
}

function connectionOf(id: string): Connected {
  return {
    id,
    address: "192.0.2.1",
    since: new Date("2026-02-03T04:05:06.789Z"),
    how: "TLS",
    origin: { address: "192.0.2.1", how: "openssl" },
    present: undefined,
    waitingBytes: 0,
    end: () => {},
  };
}
