import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { call } from "../support/api.ts";
import { firstOf, PageOf } from "../support/page_of.ts";
import { startServer } from "../support/start_server.ts";

const NOBODY = { account: null, confirmed_until: null, must_enrol: false };

Deno.test("signing in sets a cookie that no script can read and no other site can send", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  const { status, json, headers } = await page.signsIn("ann");
  equal(status, 200);
  equal(json.account.name, "ann");
  equal(json.account.role, "member");
  const port = new URL(page.origin).port;
  match(
    headers.get("set-cookie")!,
    new RegExp(
      `^__Host-parley-${port}=eyJ[^;]+; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=2592000$`,
    ),
  );
  equal(headers.get("cache-control"), "no-store");
  deepEqual((await page.calls("/session")).json, json);
  equal((await page.calls("/me")).json.username, "ann");
});

Deno.test("a wrong password signs nobody in, and is counted like any other attempt", async () => {
  await using server = await startServer("--logins-per-minute=2");
  await server.hasAccount("ann");
  const page = new PageOf(server);
  const wrong = await page.signsIn("ann", "wrong horse");
  deepEqual([wrong.status, wrong.json.message], [401, "Wrong username or password."]);
  equal(wrong.headers.get("set-cookie"), null);
  equal((await page.signsIn("nobody")).status, 401);
  const third = await page.signsIn("ann");
  equal(third.status, 429);
  match(third.json.message, /^Too many attempts\. Try again in \d+ s\.$/);
});

Deno.test("who is not signed in is told so without an error", async () => {
  await using server = await startServer();
  const page = new PageOf(server);
  deepEqual((await page.calls("/session")).json, NOBODY);
  equal((await page.calls("/me")).status, 401);
});

Deno.test("a cookie that is no good any more is taken back", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  await page.signsIn("ann");
  const { json: tokens } = await page.calls("/me/tokens");
  await call(server, `/me/tokens/${tokens[0].id}`, { method: "DELETE", token: await server.tokenOf("ann") });
  const { json, headers } = await page.calls("/session");
  deepEqual(json, NOBODY);
  match(headers.get("set-cookie")!, /^__Host-parley-\d+=; .*Max-Age=0$/);
});

for (
  const [whose, headers] of [
    ["of another site", { origin: "https://evil.example" }],
    ["of another port of this host", { origin: "http://127.0.0.1:1" }],
    ["of a sandboxed frame", { origin: "null" }],
  ] as const
) {
  Deno.test(`a page ${whose} can neither change anything with the cookie nor open a WebSocket`, async () => {
    await using server = await startServer();
    await server.hasAccount("ann");
    const page = new PageOf(server);
    await page.signsIn("ann");
    for (
      const [method, path, json] of [
        ["PATCH", "/me", { name_account: "Eve" }],
        ["POST", "/me/tokens", { label: "stolen" }],
        ["POST", "/rooms/lobby/messages", { text: "hi" }],
        ["DELETE", "/session", undefined],
        ["POST", "/session", { username: "ann", password: "correct horse" }],
      ] as const
    ) {
      const { status, json: answer } = await page.calls(path, { method, json, headers });
      deepEqual([status, answer.message], [403, "Requests from other sites' pages are not taken."], path);
    }
    equal("closed" in await firstOf(page.opens("/ws", headers)), true);
    equal((await page.calls("/me")).json.name_account, "ann");
  });
}

Deno.test("a cookie without the page that it is from changes nothing, whatever the body is said to be", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  await page.signsIn("ann");
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
    const headers = { cookie: page.cookie, "content-type": type };
    const { status, json } = await call(server, "/me", {
      method: "PATCH",
      text: '{"name_account":"Eve"}',
      headers,
    });
    equal(status, 403, type);
    match(json.message, /^With a cookie this call is for the server's own pages;/);
  }
  equal((await page.calls("/me")).json.name_account, "ann");
});

Deno.test("the chat's WebSocket logs in by the cookie, but only from a page of this server", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  await page.signsIn("ann");
  const socket = page.opens("/ws");
  const { message } = await firstOf(socket);
  equal((message as { name: string }).name, "ann");
  const bob = await server.connect();
  await bob.comesInAs("bob");
  socket.close();
  await bob.reads("ann has left the chat.");
});

Deno.test("logging out ends the session and its connections, not those of other log-ins", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  const page = new PageOf(server);
  await page.signsIn("ann");
  const socket = page.opens("/ws");
  await firstOf(socket);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  deepEqual((await page.calls("/session", { method: "DELETE" })).json, NOBODY);
  await closed;
  equal(page.cookie, "");
  await ann.types("/u");
  await ann.reads("New login from 127.0.0.1 by Deno.");
  await ann.reads("Users currently online (1): ann");
});

Deno.test("logging out everywhere ends all tokens and all connections, those by password as well", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.members("ann", "bob");
  const token = await server.tokenOf("ann");
  const [page, other] = [new PageOf(server), new PageOf(server)];
  await page.signsIn("ann");
  await other.signsIn("ann");
  const { status, json } = await page.calls("/me/tokens", { method: "DELETE" });
  deepEqual([status, json.message], [200, "Logged out everywhere."]);
  match(await ann.readsToTheEnd(), /This account was logged out everywhere; log in again\.\n$/);
  await bob.reads("ann has left the chat.");
  equal((await call(server, "/me", { token })).status, 401);
  deepEqual((await other.calls("/session")).json, NOBODY);
  equal(page.cookie, "");
});

Deno.test("a password changed in one browser signs the others out, and not this one", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [page, other] = [new PageOf(server), new PageOf(server)];
  await page.signsIn("ann");
  await other.signsIn("ann");
  await page.calls("/me/password", {
    json: { current_password: "correct horse", password: "battery staple" },
  });
  notEqual((await page.calls("/session")).json.account, null);
  equal((await other.calls("/session")).json.account, null);
});

Deno.test("giving the password once more is right or wrong, and says until when it holds", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  const { json: before } = await page.signsIn("ann");
  const wrong = await page.calls("/session/confirm", { json: { password: "wrong horse" } });
  deepEqual([wrong.status, wrong.json.message], [403, "Wrong password; nothing was changed."]);
  const { json } = await page.calls("/session/confirm", { json: { password: "correct horse" } });
  equal(json.confirmed_until >= before.confirmed_until, true);
  equal(Math.round((Date.parse(json.confirmed_until) - Date.now()) / 3_600_000), 12);
});

Deno.test("a banned account is not signed in", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const root = await server.moderator("root");
  await root.types("/ban ann 1d spam");
  await root.reads(/ann/);
  const { status, json } = await new PageOf(server).signsIn("ann");
  equal(status, 403);
  match(json.message, /^You are banned from this server until .*: spam\.$/);
});

Deno.test("the server tells anybody how to join, and strangers not of ports that they cannot reach", async () => {
  await using server = await startServer(
    "--name=Castle",
    "--motd=Mind the gap.",
    "--guests=off",
    "--signup=closed",
  );
  const { json } = await call(server, "/server");
  deepEqual({ ...json, version: "", fingerprint: "" }, {
    name: "Castle",
    version: "",
    motd: "Mind the gap.",
    guests: false,
    signup: "closed",
    tls_port: server.parley.addresses.tls!.port,
    plain_port: server.parley.addresses.plain!.port,
    fingerprint: "",
    self_signed: true,
    needs_setup: true,
    limits: { line_bytes: 4096 },
    password_login: true,
    require_mfa: "none",
    providers: [],
  });
  equal(json.fingerprint, server.parley.certificate.fingerprint);
  const client = Deno.createHttpClient({ caCerts: [server.parley.certificate.certPem] });
  const { port } = server.parley.addresses.https!;
  const remote = await fetch(`https://localhost:${port}/server`, { client });
  equal((await remote.json()).plain_port, null);
  client.close();
});

Deno.test("pages are sent packed, may run and load only what is the server's own, and are never kept", async () => {
  await using server = await startServer();
  for (const path of ["/", "/join", "/link", "/admin", "/setup"]) {
    const response = await server.http(path, { headers: { "accept-encoding": "gzip" } });
    const page = await response.text();
    equal(response.status, 200, path);
    equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    equal(response.headers.get("cache-control"), "no-cache");
    equal(response.headers.get("vary"), "accept-encoding");
    const policy = response.headers.get("content-security-policy")!;
    match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    equal(policy.includes("unsafe"), false);
    for (const [, address = ""] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      match(address, /^\/assets\/\w+-[0-9a-f]{12}\.(js|css|svg)$/);
      const asset = await server.http(address, { headers: { "accept-encoding": "br" } });
      equal(asset.status, 200, address);
      equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
      await asset.body?.cancel();
    }
  }
});

Deno.test("no path leads out of the folder of the assets", async () => {
  await using server = await startServer();
  for (
    const file of [
      "../chat.html",
      "..%2fchat.html",
      "%2e%2e%2f%2e%2e%2fbuild.ts",
      "chat",
      ".js",
      "a/b.js",
      "x.js%00",
    ]
  ) {
    const { status } = await call(server, `/assets/${file}`);
    equal(status === 404 || status === 400, true, file);
  }
});

Deno.test("twelve hours after the password a page may chat on, but must give it again for what admins do", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using server = await startServer();
    await server.hasAccount("root");
    await server.hasRole("root", "admin");
    const page = new PageOf(server);
    await page.signsIn("root");
    equal((await page.calls("/admin/api/rooms")).status, 200);
    laterMs = 12 * 3_600_000;
    const { status, json } = await page.calls("/admin/api/rooms");
    deepEqual([status, json.message], [428, "Give your password once more to go on."]);
    equal((await page.calls("/me/tokens", { json: { scope: "admin" } })).status, 428);
    equal(
      (await page.calls("/me/tokens", { json: { scope: "chat" } })).status,
      428,
      "it could make an admin",
    );
    equal((await page.calls("/me/tokens", { json: { scope: "read:#ops" } })).status, 200);
    equal((await page.calls("/rooms")).status, 200);
    await page.calls("/session/confirm", { json: { password: "correct horse" } });
    equal((await page.calls("/admin/api/rooms")).status, 200);
  } finally {
    Date.now = now;
  }
});
