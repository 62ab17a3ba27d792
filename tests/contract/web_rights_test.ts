import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { Tokens } from "../../server/accounts/tokens.ts";
import { recordsIn } from "../../server/cli/records.ts";
import type { Route } from "../../server/http/route.ts";
import { routes } from "../../server/http/routes/table.ts";
import { KvTokenStore } from "../../server/store/tokens.ts";
import { type Answer, call } from "../support/api.ts";
import { Bots } from "../support/bot.ts";
import { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

/** All who may call, and how. */
const CALLERS = {
  nobody: undefined,
  /** An admin's, which is good for one room. */
  "narrow token": { name: "root", scope: "read:#lobby post:#lobby", by: "bearer" },
  member: { name: "ann", scope: "chat", by: "bearer" },
  "member's browser": { name: "ann", scope: "admin", by: "cookie" },
  moderator: { name: "mo", scope: "chat", by: "bearer" },
  "moderator's browser": { name: "mo", scope: "admin", by: "cookie" },
  "admin who chats": { name: "root", scope: "chat", by: "bearer" },
  admin: { name: "root", scope: "admin", by: "bearer" },
  "admin's browser": { name: "root", scope: "admin", by: "cookie" },
  "admin's browser, long after": { name: "root", scope: "admin", by: "cookie", hoursAgo: 12 },
} as const;

type CallerName = keyof typeof CALLERS;

type Caller = { name: string; scope: string; by: "bearer" | "cookie"; hoursAgo?: number };

/** What somebody is told who calls. */
type Outcome = "may" | "who?" | "may not" | "scope" | "password";

type Rights = Readonly<Record<CallerName, Outcome>>;

const ANYBODY = rights({});
const ACCOUNTS = rights({ nobody: "who?" });
const CHAT = rights({ nobody: "who?", "narrow token": "scope" });
const MODERATORS = rights({
  ...CHAT,
  member: "may not",
  "member's browser": "may not",
  moderator: "scope",
  "admin who chats": "scope",
  "admin's browser, long after": "password",
});
/** Of which a browser that was left open long ago does nothing. */
const LATELY = rights({ ...CHAT, "admin's browser, long after": "password" });
const ADMINS = rights({ ...MODERATORS, moderator: "may not", "moderator's browser": "may not" });

/** Who may make which call. A call that is not here fails the test: who may make it has to be thought of. */
const RIGHTS: Readonly<Record<string, Rights>> = {
  "POST /signup": ANYBODY,
  "POST /login": ANYBODY,
  "POST /logout": ACCOUNTS,
  "POST /setup": ANYBODY,
  "GET /me": CHAT,
  "PATCH /me": CHAT,
  "DELETE /me": CHAT,
  "GET /me/export": CHAT,
  "POST /me/password": CHAT,
  "POST /password": ANYBODY,
  "GET /me/mfa": CHAT,
  "POST /me/mfa": CHAT,
  "POST /me/mfa/confirm": CHAT,
  "POST /me/mfa/recovery-codes": CHAT,
  "DELETE /me/mfa": CHAT,
  "POST /me/passkeys/options": { ...ACCOUNTS, "admin's browser, long after": "password" },
  "POST /me/passkeys": ACCOUNTS,
  "PATCH /me/passkeys/:id": CHAT,
  "DELETE /me/passkeys/:id": LATELY,
  "GET /me/identities": CHAT,
  "POST /me/identities/:identity": LATELY,
  "DELETE /me/identities/:identity": LATELY,
  "GET /me/connections": CHAT,
  "DELETE /me/connections/:id": CHAT,
  "GET /me/tokens": CHAT,
  "POST /me/tokens": CHAT,
  "DELETE /me/tokens": CHAT,
  "DELETE /me/tokens/:id": CHAT,
  "POST /me/ticket": CHAT,
  "GET /link/:code": CHAT,
  "POST /link/:code": CHAT,
  "DELETE /link/:code": CHAT,
  "GET /rooms": ACCOUNTS,
  "GET /rooms/:room/messages": ACCOUNTS,
  "POST /rooms/:room/messages": ACCOUNTS,
  "POST /direct/:name": CHAT,
  "GET /commands": ANYBODY,
  "GET /events": ACCOUNTS,
  "GET /ws": { ...ANYBODY, "narrow token": "scope" },
  "GET /healthz": ANYBODY,
  "GET /cert.pem": ANYBODY,
  "GET /metrics": ADMINS,
  "GET /server": ANYBODY,
  "GET /openapi.json": ANYBODY,
  "GET /docs": ANYBODY,
  "GET /session": ANYBODY,
  "POST /session": ANYBODY,
  "POST /session/code": ANYBODY,
  "POST /session/passkey/options": ANYBODY,
  "POST /session/passkey": ANYBODY,
  "GET /session/pending": ANYBODY,
  "POST /session/identity": ANYBODY,
  "GET /oauth/:provider": ANYBODY,
  "GET /oauth/:provider/callback": ANYBODY,
  "DELETE /session": ANYBODY,
  "POST /session/confirm": ACCOUNTS,
  "GET /admin/api/settings": ADMINS,
  "PATCH /admin/api/settings": ADMINS,
  "GET /admin/api/status": ADMINS,
  "GET /admin/api/samples": ADMINS,
  "GET /admin/api/live": MODERATORS,
  "GET /admin/api/connections": MODERATORS,
  "DELETE /admin/api/connections/:id": MODERATORS,
  "GET /admin/api/people": ADMINS,
  "POST /admin/api/people": ADMINS,
  "PATCH /admin/api/people/:id": ADMINS,
  "POST /admin/api/people/:id/password": ADMINS,
  "POST /admin/api/people/:id/password-link": ADMINS,
  "DELETE /admin/api/people/:id/mfa": ADMINS,
  "POST /admin/api/people/:id/logout": ADMINS,
  "DELETE /admin/api/people/:id": ADMINS,
  "GET /admin/api/invitations": ADMINS,
  "POST /admin/api/invitations": ADMINS,
  "DELETE /admin/api/invitations/:id": ADMINS,
  "GET /admin/api/tokens": ADMINS,
  "POST /admin/api/tokens": ADMINS,
  "DELETE /admin/api/tokens/:id": ADMINS,
  "GET /admin/api/rooms": ADMINS,
  "PATCH /admin/api/rooms/:room": ADMINS,
  "DELETE /admin/api/rooms/:room": ADMINS,
  "GET /admin/api/bans": MODERATORS,
  "POST /admin/api/bans": MODERATORS,
  "DELETE /admin/api/bans/:id": MODERATORS,
  "GET /admin/api/audit": ADMINS,
  "GET /admin/api/audit/export": ADMINS,
  "GET /admin/api/backups": ADMINS,
  "POST /admin/api/backups": ADMINS,
  "GET /admin/api/backups/:file": ADMINS,
  "POST /admin/api/announce": MODERATORS,
  "GET /admin/api/lockdown": ADMINS,
  "PUT /admin/api/lockdown": ADMINS,
  "DELETE /admin/api/lockdown": ADMINS,
  "GET /": ANYBODY,
  "GET /join": ANYBODY,
  "GET /link": ANYBODY,
  "GET /admin": ANYBODY,
  "GET /setup": ANYBODY,
  "GET /assets/:file": ANYBODY,
};

/** How long browsers may keep an answer; all others not at all. */
const KEPT: Readonly<Record<string, string>> = {
  "GET /": "no-cache",
  "GET /join": "no-cache",
  "GET /link": "no-cache",
  "GET /admin": "no-cache",
  "GET /setup": "no-cache",
  "GET /docs": "no-cache",
  "GET /openapi.json": "no-cache",
  "GET /assets/:file": "public, max-age=31536000, immutable",
};

/** What pages of other servers may send with the browser of somebody who is signed in here. */
const SENT_BY_PAGES = [
  undefined,
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
];

Deno.test("it is known of every call who may make it", () => {
  deepEqual(Object.keys(RIGHTS).sort(), routes.map(titleOf).sort());
});

for (const caller of Object.keys(CALLERS) as CallerName[]) {
  Deno.test(`what ${caller} may call, and that no answer is kept or shown elsewhere`, async () => {
    await using server = await town();
    const outcomes: Record<string, Outcome> = {};
    for (const route of routes) {
      const headers = { ...await credentialsOf(CALLERS[caller], server), "x-forwarded-for": "192.0.2.1" };
      outcomes[titleOf(route)] = "answer" in route
        ? await outcomeOfOpening(route, { server, headers })
        : await outcomeOfCall(route, { server, headers });
    }
    deepEqual(outcomes, Object.fromEntries(Object.keys(outcomes).map((row) => [row, RIGHTS[row]![caller]])));
  });
}

Deno.test("nothing is done for a page of another server, whatever it sends, nor by a cookie from nowhere", async () => {
  await using server = await town();
  const { origin, ...cookie } = await credentialsOf(CALLERS["admin's browser"], server);
  for (const route of routes.filter(({ method }) => method !== "GET")) {
    for (const type of SENT_BY_PAGES) {
      const ask = (headers: Record<string, string>) =>
        call(server, pathOf(route), {
          method: route.method,
          ...type === undefined ? {} : { text: '"x"' },
          headers: { ...type === undefined ? {} : { "content-type": type }, ...cookie, ...headers },
        });
      const what = `${titleOf(route)} of type ${type}`;
      for (
        const foreign of ["https://evil.example", "null", "http://127.0.0.1:1", `${origin}@evil.example`]
      ) {
        const { status, json } = await ask({ origin: foreign });
        deepEqual([status, json.message], [403, "Requests from other sites' pages are not taken."], what);
      }
      const usesCookie = RIGHTS[titleOf(route)] !== ANYBODY || titleOf(route) === "DELETE /session";
      if (!usesCookie) continue;
      const { status, json } = await ask({});
      equal(status, 403, what);
      match(json.message, /^With a cookie this call is for the server's own pages;/, what);
    }
  }
  equal((await call(server, "/me", { headers: cookie })).status, 200, "it is signed in still");
});

Deno.test("a token that is good for one room does not say whose it is", async () => {
  await using server = await town();
  const headers = await credentialsOf(CALLERS["narrow token"], server);
  deepEqual((await call(server, "/session", { headers })).json, {
    account: null,
    confirmed_until: null,
    must_enrol: false,
  });
});

Deno.test("over TLS no page is taken that has come without it", async () => {
  await using server = await town();
  const { certificate, addresses: { https } } = server.parley;
  using client = Deno.createHttpClient({ caCerts: [certificate.certPem] });
  const ask = async (origin: string) => {
    const url = `https://localhost:${https!.port}/session`;
    const headers = { origin };
    const response = await fetch(url, { client, method: "POST", body: "{}", headers });
    return [response.status, (await response.json()).message];
  };
  deepEqual(await ask(`https://localhost:${https!.port}`), [400, "Missing username or password"]);
  const foreign = [403, "Requests from other sites' pages are not taken."];
  deepEqual(await ask(`http://localhost:${https!.port}`), foreign);
});

Deno.test("a WebSocket is opened by a cookie from pages of this server alone", async () => {
  await using server = await town();
  const { origin: _origin, ...cookie } = await credentialsOf(CALLERS["admin's browser"], server);
  deepEqual(await firstWord("/ws", { server, headers: cookie }), { type: "pong" });
  const { code, reason } = await firstWord("/admin/api/live", { server, headers: cookie });
  equal(code, 4403);
  match(reason!, /^With a cookie this call is for the server's own pages;/);
  for (const origin of ["https://evil.example", "null", "", "http://127.0.0.1:1"]) {
    for (const path of ["/ws", "/admin/api/live"]) {
      const { code } = await firstWord(path, { server, headers: { ...cookie, origin } });
      ok(typeof code === "number" && code < 4_000, `${path} for ${origin}: it is not even opened`);
    }
  }
});

Deno.test("a browser that was left open makes nobody an admin, nor a token that could, until the password is given", async () => {
  await using server = await town();
  await using bots = new Bots(server);
  const jwt = await issue(CALLERS["admin's browser, long after"], server);
  const browser = { cookie: `${cookieName(server)}=${jwt}`, origin: new PageOf(server).origin };
  const asks = (path: string, json: unknown) =>
    call(server, path, { method: "POST", json, headers: browser });
  const { json: { ticket } } = await asks("/me/ticket", undefined);
  const [chat, terminal] = [await bots.connect("ws", { headers: browser }), await bots.connect()];
  await chat.reads({
    type: "welcome",
    name: "root",
    role: "admin",
    server: /./,
    version: /./,
    rooms: ["lobby"],
  });
  await terminal.comesIn({ type: "auth", ticket });
  await chat.reads({ type: "notice", text: "New login from 127.0.0.1 by netcat." });
  const DEEDS = ["/op ann admin", "/deop mo", "/lockdown 5 no-signups", "/audit", "/tokens new x admin"];
  for (const bot of [chat, terminal]) {
    for (const text of [...DEEDS, "/tokens new x"]) {
      await bot.isRefused(
        { type: "command", text },
        "confirm_password",
        /give your password once more at \/admin/,
      );
    }
    await bot.asks({ type: "command", text: "/tokens new x read:#lobby" }, { type: "notice", text: /./ });
  }
  for (const [scope, status] of [["admin", 428], ["chat", 428], ["post:#lobby", 200]] as const) {
    equal((await asks("/me/tokens", { scope })).status, status, scope);
  }
  equal((await asks("/session/confirm", { password: "correct horse" })).status, 200);
  for (const text of ["/op ann moderator", "/audit", "/tokens new x admin"]) {
    await chat.asks({ type: "command", text }, { type: "notice", text: /./ });
  }
  equal((await asks("/me/tokens", { scope: "chat" })).status, 200);
});

function rights(others: Partial<Rights>): Rights {
  const may = Object.fromEntries(Object.keys(CALLERS).map((caller) => [caller, "may"])) as Rights;
  return { ...may, ...others };
}

/** A server with a member, a moderator and an admin. */
async function town(): Promise<TestServer> {
  const server = await startServer(...UNLIMITED);
  for (const name of ["ann", "mo", "root"]) await server.hasAccount(name);
  await server.hasRole("mo", "moderator");
  await server.hasRole("root", "admin");
  return server;
}

function titleOf({ method, path }: Pick<Route, "method" | "path">): string {
  return `${method} ${path}`;
}

/** With what the documentation gives as an example, of which nothing is there. */
function pathOf(route: Route): string {
  const params = "example" in route ? route.example?.params : undefined;
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ""));
  return path === "/admin/api/audit/export" ? `${path}?format=csv` : path;
}

function cookieName(server: TestServer): string {
  return `__Host-parley-${server.parley.addresses.http!.port}`;
}

/** A new token, for a call may end it. */
async function issue({ name, scope, by, hoursAgo = 0 }: Caller, server: TestServer): Promise<string> {
  await using records = await recordsIn(server.dataDir);
  const { id } = (await records.accounts.findByHandle(name))!;
  const store = new KvTokenStore(records.database, records.changes);
  const tokens = await Tokens.open(store, () => Date.now() - hoursAgo * 3_600_000);
  const wanted = { days: 1, label: "test", scope, ...by === "cookie" ? { ofBrowser: true } as const : {} };
  return (await tokens.issue(id, wanted)).jwt;
}

async function credentialsOf(
  caller: Caller | undefined,
  server: TestServer,
): Promise<Record<string, string>> {
  if (caller === undefined) return {};
  const jwt = await issue(caller, server);
  if (caller.by === "bearer") return { authorization: `Bearer ${jwt}` };
  return { cookie: `${cookieName(server)}=${jwt}`, origin: new PageOf(server).origin };
}

/** Calls with a body that is refused as soon as it is known that somebody may call. */
async function outcomeOfCall(
  route: Route,
  { server, headers }: { server: TestServer; headers: Record<string, string> },
): Promise<Outcome> {
  const isStream = route.path === "/events";
  const hasBody = "body" in route && route.body !== undefined;
  const answer = await call(server, pathOf(route), {
    method: isStream ? "HEAD" : route.method,
    ...hasBody ? { json: "x" } : {},
    headers,
  });
  ok(answer.status < 500, `${titleOf(route)}: ${answer.text}`);
  isGuarded(answer, titleOf(route));
  return outcomeOf(answer);
}

function outcomeOf({ status, json }: Answer): Outcome {
  if (
    status === 401 &&
    /^This call needs an access token/.test(json?.message ?? "This call needs an access token")
  ) {
    return "who?";
  }
  if (status === 428) return "password";
  if (status !== 403) return "may";
  if (json?.message === "You may not do that.") return "may not";
  return /^This token is for something else/.test(json?.message ?? "This token is for something else")
    ? "scope"
    : "may";
}

/** Opens a WebSocket, and goes by the first that it is told, or by how it is closed. */
async function outcomeOfOpening(
  route: Route,
  { server, headers }: { server: TestServer; headers: Record<string, string> },
): Promise<Outcome> {
  isGuarded(await call(server, route.path, { headers }), titleOf(route));
  const { code, reason } = await firstWord(route.path, { server, headers });
  switch (code) {
    case undefined:
      return "may";
    case 4401:
      return "who?";
    case 4428:
      return "password";
    default:
      return reason === "You may not do that." ? "may not" : "scope";
  }
}

interface FirstWord {
  readonly type?: string;
  /** Of a refusal, or of the end. */
  readonly code?: string | number;
  readonly reason?: string;
}

/** What a WebSocket is told first, after a ping where it can be sent one, or how it is closed. */
async function firstWord(
  path: string,
  { server, headers }: { server: TestServer; headers: Record<string, string> },
): Promise<FirstWord> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.parley.addresses.http!.port}${path}`, { headers });
  const closed = Promise.withResolvers<FirstWord>();
  const told = new Promise<FirstWord>((resolve) => {
    socket.onmessage = ({ data }) => resolve(JSON.parse(data));
    socket.onopen = () => path === "/ws" && socket.send('{"type":"ping"}');
    socket.onerror = () => {}; // a close event follows
    socket.onclose = ({ code, reason }) => closed.resolve({ code, reason });
  });
  const word = await Promise.race([told, closed.promise]);
  socket.close();
  await closed.promise;
  return word;
}

/** No browser takes it for something else, frames it, or hands it to another site; what is private is not kept. */
function isGuarded({ headers, status }: Answer, what: string): void {
  const policy = headers.get("content-security-policy") ?? "";
  match(policy, /default-src 'none'/, what);
  match(policy, /frame-ancestors 'none'/, what);
  equal(/unsafe/.test(policy.replace("style-src 'self' 'unsafe-inline'", "")), false, what);
  deepEqual(
    ["x-content-type-options", "x-frame-options", "cross-origin-resource-policy", "referrer-policy"].map((
      name,
    ) => headers.get(name)),
    ["nosniff", "DENY", "same-origin", "no-referrer"],
    what,
  );
  equal(headers.get("cache-control"), status === 200 ? KEPT[what] ?? "no-store" : "no-store", what);
}
