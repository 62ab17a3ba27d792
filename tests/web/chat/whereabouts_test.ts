import { match, strictEqual as equal } from "node:assert/strict";
import { date } from "../../../web/shared/time.ts";
import { connectionWords, tokenWords } from "../../../web/chat/whereabouts.ts";

const NOW = Date.parse("2026-11-22T14:05:00Z");

const TOKEN = {
  id: "1",
  label: "laptop",
  scope: "chat",
  issued_at: "2026-11-20T12:00:00Z",
  expires_at: "2026-12-20T12:00:00Z",
  revoked: false,
  current: false,
  from: "203.0.113.7",
  how: "Firefox",
  last_used_at: "2026-11-22T14:00:00Z",
  last_used_from: "203.0.113.7",
  last_used_by: "Firefox",
};

for (
  const [changed, words] of [
    [{}, "from 203.0.113.7 by Firefox; used 5 min ago"],
    [
      { last_used_from: "198.51.100.1", last_used_by: "curl" },
      "from 203.0.113.7 by Firefox; used 5 min ago from 198.51.100.1 by curl",
    ],
    [
      { last_used_by: "curl" },
      "from 203.0.113.7 by Firefox; used 5 min ago from 203.0.113.7 by curl",
    ],
    [
      { last_used_at: null, last_used_from: null, last_used_by: null },
      "from 203.0.113.7 by Firefox; not used yet",
    ],
    [{ from: null, how: null, last_used_at: null }, "; not used yet"],
  ] as const
) {
  Deno.test(`where a token is from, and what has become of it: ${words}`, () => {
    const said = tokenWords({ ...TOKEN, ...changed }, NOW);
    const made = `made ${date(TOKEN.issued_at)}`;
    equal(said, `${made}${words.startsWith(";") ? words : ` ${words}`}; until ${date(TOKEN.expires_at)}`);
  });
}

Deno.test("how a connection came to be is said as far as it is known", () => {
  const connection = {
    id: "1",
    address: "203.0.113.7",
    how: "TLS",
    since: "2026-11-22T14:05:00Z",
    current: false,
  };
  match(connectionWords({ ...connection, by: "password" }), /^TLS, by password; since /);
  match(connectionWords({ ...connection, by: "" }), /^TLS; since /);
});
