import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { ConnectionRow } from "../../../server/wire/admin_types.ts";
import { Live } from "../../../web/admin/live.ts";

function row(id: string, messages = 0): ConnectionRow {
  return {
    id,
    name: id,
    account: null,
    role: "guest",
    by: "guest name",
    how: "TLS",
    address: "10.0.0.1",
    tls: "TLSv1.3",
    since: "2026-11-22T12:00:00Z",
    room: "lobby",
    messages,
    waiting_bytes: 0,
  };
}

function shown(live: Live): [id: string, messages: number][] {
  return live.connections.value!.map(({ id, messages }) => [id, messages]);
}

Deno.test("connections come, change and go", () => {
  const live = new Live((draw) => draw());
  live.take({ type: "connections", reset: true, changed: [row("ann"), row("bob")], gone: [] });
  live.take({ type: "connections", reset: false, changed: [row("bob", 3), row("eve")], gone: ["ann"] });
  deepEqual(shown(live), [["bob", 3], ["eve", 0]]);
});

Deno.test("a line that was opened again begins with all connections anew", () => {
  const live = new Live((draw) => draw());
  live.take({ type: "connections", reset: true, changed: [row("ann"), row("bob")], gone: [] });
  live.take({ type: "connections", reset: true, changed: [row("eve")], gone: [] });
  deepEqual(shown(live), [["eve", 0]]);
});
