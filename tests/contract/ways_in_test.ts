import { match, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { PageOf } from "../support/page_of.ts";
import { PasskeyPage } from "../support/passkey_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import type { TestServer } from "../support/start_server.ts";
import { DOORS, type Means } from "../support/ways_in.ts";
import { Wanderer } from "../support/wanderer.ts";

const PASSWORD = "correct horse";

/** Doors by which one comes in with whatever can be typed or sent. */
const SOCKETS = ["openssl", "netcat", "JSON over TLS", "WebSocket"];
const ALL = [...SOCKETS, "HTTP", "page"];

type App = Awaited<ReturnType<typeof Authenticator.of>>;

/** A server, and people who have each way in. */
class Town implements AsyncDisposable {
  readonly server: TestServer;
  #issuer: ScriptedIssuer;
  #app: App;
  #key: PasskeyPage;

  private constructor(
    parts: { server: TestServer; issuer: ScriptedIssuer; app: App; key: PasskeyPage },
  ) {
    this.server = parts.server;
    this.#issuer = parts.issuer;
    this.#app = parts.app;
    this.#key = parts.key;
  }

  /** `plain` has a password alone, `coded` codes and a passkey as well, `linked` comes by the provider `corp`. */
  static async make(...flags: string[]): Promise<Town> {
    const issuer = await ScriptedIssuer.open();
    const server = await serverWithProviders(issuer.row(), ...UNLIMITED.slice(0, 3), ...flags);
    await server.hasAccount("plain");
    const key = await PasskeyPage.ofOwner(server, "coded");
    const app = await Authenticator.of(server, await server.tokenOf("coded"));
    await new Wanderer(server).comesAs("linked");
    return new Town({ server, issuer, app, key });
  }

  password(username: string, more: { password?: string; code?: string } = {}): Means {
    return { by: "password", username, password: PASSWORD, ...more };
  }

  code(): string {
    return this.#app.recoveryCodes.pop()!;
  }

  freshCode(): string {
    return this.#app.fresh();
  }

  get device() {
    return this.#key.device;
  }

  async token(): Promise<string> {
    return await this.server.tokenOf("plain");
  }

  async browser(): Promise<PageOf> {
    const page = new PageOf(this.server);
    await page.signsIn("plain");
    return page;
  }

  async ticket(): Promise<string> {
    const { json } = await (await this.browser()).calls("/me/ticket", { method: "POST" });
    return json.ticket;
  }

  /** An admin, who comes in by a passkey, changes settings. */
  async sets(json: Readonly<Record<string, string>>): Promise<void> {
    await PasskeyPage.ofOwner(this.server, "root");
    await this.server.hasRole("root", "admin");
    await using records = await recordsIn(this.server.dataDir);
    const { id } = (await records.accounts.findByHandle("root"))!;
    const { jwt } = await records.tokens.issue(id, { days: 1, label: "test", scope: "admin" });
    const { status, text } = await call(this.server, "/admin/api/settings", {
      method: "PATCH",
      token: jwt,
      json,
    });
    equal(status, 200, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.#issuer[Symbol.asyncDispose]();
  }
}

interface Way {
  /** What one has in hand; made anew for each door. */
  readonly means: (town: Town) => Means | Promise<Means>;
  /** The doors that know this way. */
  readonly doors: readonly string[];
  /** As whom one is in by it, or the sentence that keeps one out. */
  readonly outcome: RegExp;
  /** Where one is asked for what is missing, which other tests are about. */
  readonly asksOn?: readonly string[];
}

const WRONG_PASSWORD = /^(Wrong username or password\.|User account does not exist!!!)$/;
const WRONG_CODE = /^Wrong code\. /;

const WAYS: Readonly<Record<string, Way>> = {
  "a password": { means: (town) => town.password("plain"), doors: ALL, outcome: /^plain$/ },
  "a wrong password": {
    means: (town) => town.password("plain", { password: "wrong horse" }),
    doors: ALL,
    outcome: WRONG_PASSWORD,
  },
  "a password and a recovery code": {
    means: (town) => town.password("coded", { code: town.code() }),
    doors: ALL,
    outcome: /^coded$/,
  },
  "a password and a wrong code": {
    means: (town) => town.password("coded", { code: "000000" }),
    doors: ALL,
    outcome: WRONG_CODE,
  },
  "a password whose code is not given": {
    means: (town) => town.password("coded"),
    doors: ["JSON over TLS", "WebSocket", "HTTP", "page"],
    outcome: /^Code required$/,
    asksOn: ["openssl", "netcat"],
  },
  "the password of an account that has none": {
    means: (town) => town.password("linked"),
    doors: ALL,
    outcome: WRONG_PASSWORD,
  },
  "a token": {
    means: async (town) => ({ by: "token", jwt: await town.token() }),
    doors: [...SOCKETS, "HTTP"],
    outcome: /^plain$/,
  },
  "a token that was revoked": {
    means: async (town) => {
      const jwt = await town.token();
      await call(town.server, "/logout", { method: "POST", token: jwt });
      return { by: "token", jwt };
    },
    doors: [...SOCKETS, "HTTP"],
    outcome: /^This token has been revoked\.$/,
  },
  "a ticket": {
    means: async (town) => ({ by: "ticket", ticket: await town.ticket() }),
    doors: SOCKETS,
    outcome: /^plain$/,
  },
  "a browser that confirms": {
    means: async (town) => ({ by: "link", browser: await town.browser() }),
    doors: SOCKETS,
    outcome: /^plain$/,
  },
  "a guest's name": {
    means: () => ({ by: "guest name", name: "guest" }),
    doors: SOCKETS,
    outcome: /^guest\d{4}$/,
  },
  "a passkey": {
    means: ({ device }) => ({ by: "passkey", device }),
    doors: ["page"],
    outcome: /^coded$/,
  },
  "a password and a passkey": {
    means: ({ device }) => ({ by: "password and passkey", username: "coded", device }),
    doors: ["page"],
    outcome: /^coded$/,
  },
  "an identity provider": {
    means: () => ({ by: "identity provider", provider: "corp" }),
    doors: ["page"],
    outcome: /^linked$/,
  },
};

for (const [name, { means, doors, outcome, asksOn = [] }] of Object.entries(WAYS)) {
  Deno.test(`by ${name} one comes in, or does not, at ${doors.join(", ")}, and nowhere else`, async () => {
    await using town = await Town.make();
    for (const [door, enters] of Object.entries(DOORS)) {
      if (asksOn.includes(door)) continue;
      const came = await enters(town.server, await means(town));
      if (doors.includes(door)) match(String(came), outcome, door);
      else equal(came, undefined, door);
    }
  });
}

Deno.test("a code of the app is good at every door, each once", async () => {
  for (const [door, enters] of Object.entries(DOORS)) {
    await using town = await Town.make();
    const code = town.freshCode();
    match((await enters(town.server, town.password("coded", { code })))!, /^coded$/, door);
    match((await enters(town.server, town.password("coded", { code })))!, WRONG_CODE, door);
  }
});

Deno.test("where no password lets anybody in, none does at any door, and all else does", async () => {
  await using town = await Town.make();
  const others: [Means, RegExp, string][] = [
    [{ by: "token", jwt: await town.token() }, /^plain$/, "openssl"],
    [{ by: "ticket", ticket: await town.ticket() }, /^plain$/, "netcat"],
    [{ by: "link", browser: await town.browser() }, /^plain$/, "JSON over TLS"],
    [{ by: "passkey", device: town.device }, /^coded$/, "page"],
    [{ by: "identity provider", provider: "corp" }, /^linked$/, "page"],
  ];
  await town.sets({ "password-login": "off" });
  for (const [door, enters] of Object.entries(DOORS)) {
    const came = await enters(town.server, town.password("plain"));
    match(String(came), /^Nobody logs in by password here\./, door);
  }
  for (const [means, outcome, door] of others) {
    match((await DOORS[door]!(town.server, means))!, outcome, `${means.by} at ${door}`);
  }
});

Deno.test("who must have a second factor and has none comes in at no door but to get one", async () => {
  await using town = await Town.make();
  const [jwt, browser] = [await town.token(), await town.browser()];
  const tickets = [await town.ticket(), await town.ticket(), await town.ticket(), await town.ticket()];
  await town.sets({ "require-mfa": "everyone" });
  for (const door of SOCKETS) {
    const means: Means[] = [{ by: "token", jwt }, { by: "ticket", ticket: tickets.pop()! }];
    for (const one of means) {
      match(
        (await DOORS[door]!(town.server, one))!,
        /^This server asks for a second factor/,
        `${one.by} at ${door}`,
      );
    }
  }
  equal((await call(town.server, "/rooms", { token: jwt })).status, 403);
  equal((await browser.calls("/rooms")).status, 403);
  match((await DOORS.openssl!(town.server, town.password("coded", { code: town.code() })))!, /^coded$/);
});
