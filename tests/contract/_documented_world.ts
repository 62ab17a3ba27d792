import { strict as assert } from "node:assert";
import { recordsIn } from "../../server/cli/records.ts";
import { type Answer, type Asked, call, requestOf } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Bots } from "../support/bot.ts";
import { resolved } from "../support/documented.ts";
import { inTime } from "../support/in_time.ts";
import { PasskeyPage } from "../support/passkey_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { Wanderer } from "../support/wanderer.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** A call of the document. */
export interface DocumentedCall {
  /** In small letters. */
  readonly method: string;
  /** `/rooms/{room}/messages` */
  readonly template: string;
  readonly operation: Json;
}

/** What an example needs that no document can know. */
interface Prepared {
  /** Instead of the one where there is all else. */
  readonly server?: TestServer;
  /** Instead of an admin's. */
  readonly token?: string;
  /** Calls by its cookie, instead of by a token. */
  readonly page?: { calls(path: string, asked: Asked): Promise<Answer> };
  readonly params?: Readonly<Record<string, string>>;
  /** Fields of the body that are other ones. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** All calls of a document, in its order. */
export function documentedCalls(document: Json): DocumentedCall[] {
  return Object.entries<Json>(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, template, operation }))
  );
}

/** Where there is what the examples name: a server with its people, a room, and whatever a call is about. */
export class World implements AsyncDisposable {
  #server: TestServer;
  /** One that nobody has set up yet. */
  #fresh: TestServer;
  /** By which people come in as well. */
  #issuer: ScriptedIssuer;
  #bots: Bots;
  #admin = "";
  #strangers = 0;

  private constructor(server: TestServer, { fresh, issuer }: { fresh: TestServer; issuer: ScriptedIssuer }) {
    this.#server = server;
    this.#fresh = fresh;
    this.#issuer = issuer;
    this.#bots = new Bots(server);
  }

  static async make(): Promise<World> {
    const issuer = await ScriptedIssuer.open();
    const server = await serverWithProviders(issuer.row("corp"), ...UNLIMITED);
    const world = new World(server, { fresh: await startServer(), issuer });
    for (const name of ["ann", "bob", "root"]) await world.#server.hasAccount(name);
    await world.#server.hasRole("root", "admin");
    world.#admin = await world.#issue("root", "admin");
    const ann = await world.#bots.member("ann");
    await ann.asks({ type: "join", room: "ops" });
    return world;
  }

  /** Makes a call as its example has it, and as it can be made otherwise; what comes of it must be as documented. */
  async tries({ method, template, operation }: DocumentedCall): Promise<void> {
    const what = `${method} ${template}`;
    const needsToken = operation.security.some((one: object) => "token" in one);
    for (const { json, text } of bodiesOf(operation)) {
      for (const query of queriesOf(operation)) {
        const { server = this.#server, token = this.#admin, page, params, body } = await this.#prepare(what);
        const path = pathOf(template, operation, params) + query;
        const shown = needsToken && page === undefined ? { token } : {};
        const asked = { method: method.toUpperCase(), ...shown, text };
        const withBody = json === undefined ? asked : { ...asked, json: { ...json, ...body } };
        if ("101" in operation.responses) await opens(server, path, token);
        else if ("302" in operation.responses) await leads(server, path);
        else if (isStream(operation)) await streams(server, path, asked);
        else if (page !== undefined) isAnswered(await page.calls(path, withBody), path, asked);
        else isAnswered(await call(server, path, withBody), path, asked);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bots[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    await this.#fresh[Symbol.asyncDispose]();
    await this.#issuer[Symbol.asyncDispose]();
  }

  async #prepare(what: string): Promise<Prepared> {
    switch (what) {
      case "post /setup":
        return { server: this.#fresh, body: { code: this.#fresh.parley.setupCode } };
      case "post /logout":
      case "post /me/password":
      case "delete /me":
      case "delete /me/tokens":
        return { token: await this.#issue(await this.#stranger()) };
      case "post /me/mfa":
        return { token: await this.#issue(await this.#stranger()) };
      case "post /me/mfa/confirm":
        return await this.#beginsCodes();
      case "post /me/mfa/recovery-codes":
      case "delete /me/mfa":
        return await this.#hasCodes();
      case "post /session/code":
        return await this.#owesCode();
      case "post /password":
        return { body: { link: await this.#passwordLink() } };
      case "post /me/passkeys/options":
        return { page: await this.#owner() };
      case "post /me/passkeys":
        return await this.#makesPasskey();
      case "patch /me/passkeys/{id}":
      case "delete /me/passkeys/{id}": {
        const page = await this.#owner();
        return { page, params: { id: page.device.id } };
      }
      case "post /session/passkey/options":
        return { page: await this.#owner() };
      case "post /session/passkey":
        return await this.#usesPasskey();
      case "post /session/identity":
        return await this.#choosesName();
      case "post /me/identities/{identity}":
        return { page: await this.#signedIn() };
      case "delete /me/identities/{identity}":
        return await this.#linked();
      case "delete /me/connections/{id}":
        return await this.#ownConnection();
      case "patch /me":
        return { token: await this.#issue("ann") };
      case "delete /me/tokens/{id}":
        return { params: { id: await this.#idOf("/me/tokens", (tokens) => tokens.at(-1)) } };
      case "get /link/{code}":
      case "post /link/{code}":
      case "delete /link/{code}":
        return { params: { code: await this.#linkCode() } };
      case "get /assets/{file}":
        return { params: { file: await this.#asset() } };
      case "patch /admin/api/people/{id}":
      case "delete /admin/api/people/{id}":
      case "post /admin/api/people/{id}/password":
      case "post /admin/api/people/{id}/password-link":
      case "post /admin/api/people/{id}/logout":
      case "delete /admin/api/people/{id}/mfa":
        return { params: { id: await this.#accountId() } };
      case "delete /admin/api/invitations/{id}":
        return {
          params: { id: await this.#idOf("/admin/api/invitations", ({ invitations }) => invitations[0]) },
        };
      case "post /admin/api/tokens":
        return { body: { account: await this.#accountId() } };
      case "delete /admin/api/tokens/{id}":
        await this.#issue("bob");
        return { params: { id: await this.#idOf("/admin/api/tokens", ({ tokens }) => tokens.at(-1)) } };
      case "delete /admin/api/connections/{id}":
        return { params: { id: await this.#connection() } };
      case "delete /admin/api/bans/{id}":
        return { params: { id: await this.#idOf("/admin/api/bans", ({ bans }) => bans[0]) } };
      case "get /admin/api/backups/{file}": {
        const { json } = await call(this.#server, "/admin/api/backups", { token: this.#admin });
        return { params: { file: json.backups[0].file } };
      }
      default:
        return {};
    }
  }

  /** The username of an account that nobody else needs. */
  async #stranger(): Promise<string> {
    const username = `stranger${++this.#strangers}`;
    await this.#server.hasAccount(username);
    return username;
  }

  async #issue(username: string, scope = "chat"): Promise<string> {
    await using records = await recordsIn(this.#server.dataDir);
    const account = await records.accounts.findByHandle(username);
    const { jwt } = await records.tokens.issue(account!.id, { days: 1, label: "example", scope });
    return jwt;
  }

  /** Somebody who has been given a secret. */
  async #beginsCodes(): Promise<Prepared> {
    const token = await this.#issue(await this.#stranger());
    const { json: { secret } } = await call(this.#server, "/me/mfa", { method: "POST", token });
    return { token, body: { code: new Authenticator(secret).shows() } };
  }

  async #hasCodes(): Promise<Prepared> {
    const token = await this.#issue(await this.#stranger());
    const app = await Authenticator.of(this.#server, token);
    return { token, body: { code: app.shows() } };
  }

  async #owesCode(): Promise<Prepared> {
    const username = await this.#stranger();
    const app = await Authenticator.of(this.#server, await this.#issue(username));
    const { json } = await call(this.#server, "/session", { json: { username, password: "correct horse" } });
    return { body: { login: json.login, code: app.shows() } };
  }

  /** The page of somebody who has a passkey at hand. */
  async #owner(): Promise<PasskeyPage> {
    const page = await PasskeyPage.of(this.#server);
    await page.signsIn(await this.#stranger());
    await page.adds();
    return page;
  }

  async #makesPasskey(): Promise<Prepared> {
    const page = await PasskeyPage.of(this.#server);
    await page.signsIn(await this.#stranger());
    const { json } = await page.calls("/me/passkeys/options", { method: "POST" });
    return { page, body: { response: await page.device.makes(json.options) } };
  }

  async #usesPasskey(): Promise<Prepared> {
    const page = await this.#owner();
    const { login, options } = await page.asked();
    return { page, body: { login, response: await page.device.uses(options) } };
  }

  /** Somebody who has come from the issuer for the first time. */
  async #choosesName(): Promise<Prepared> {
    const name = `newcomer${++this.#strangers}`;
    this.#issuer.person = { sub: name };
    const page = new Wanderer(this.#server);
    await page.goes("/oauth/corp");
    return { page, body: { name } };
  }

  async #signedIn(): Promise<Wanderer> {
    const username = await this.#stranger();
    this.#issuer.person = { sub: username };
    const page = new Wanderer(this.#server);
    await page.signsIn(username);
    return page;
  }

  async #linked(): Promise<Prepared> {
    const page = await this.#signedIn();
    await page.links();
    const { json } = await page.calls("/me/identities");
    return { page, params: { identity: json[0].id } };
  }

  async #passwordLink(): Promise<string> {
    const username = await this.#stranger();
    await using records = await recordsIn(this.#server.dataDir);
    const account = await records.accounts.findByHandle(username);
    return (await records.passwordLinks.issue(account!)).link;
  }

  async #ownConnection(): Promise<Prepared> {
    const username = await this.#stranger();
    await this.#bots.member(username);
    const token = await this.#issue(username);
    const { json } = await call(this.#server, "/me/connections", { token });
    return { token, params: { id: json[0].id } };
  }

  async #accountId(): Promise<string> {
    const username = await this.#stranger();
    return await this.#idOf(`/admin/api/people?search=${username}`, ({ people }) => people[0]);
  }

  async #idOf(path: string, choose: (list: Json) => Json): Promise<string> {
    const { json } = await call(this.#server, path, { token: this.#admin });
    return choose(json).id;
  }

  async #connection(): Promise<string> {
    const [guest] = await this.#bots.guests("guest");
    const isTheirs = ({ name }: Json) => name === guest.name;
    return await this.#idOf("/admin/api/connections", ({ connections }) => connections.find(isTheirs));
  }

  /** A terminal waits with it to be let in. */
  async #linkCode(): Promise<string> {
    const bot = await this.#bots.connect();
    const { code } = await bot.asks({ type: "link" });
    return String(code);
  }

  async #asset(): Promise<string> {
    const { text } = await call(this.#server, "/docs");
    const [, file] = /assets\/([\w.-]+)/.exec(text)!;
    return file!;
  }
}

function pathOf(template: string, { parameters = [] }: Json, params: Readonly<Record<string, string>> = {}) {
  return template.replace(/\{(\w+)\}/g, (_, name) => {
    const { example } = parameters.find((parameter: Json) => parameter.name === name);
    return encodeURIComponent(params[name] ?? example);
  });
}

/** The bodies that a call may have: JSON, and text. */
function bodiesOf({ requestBody }: Json): { json?: Record<string, unknown>; text?: string }[] {
  if (requestBody === undefined) return [{}];
  const { "application/json": json, "text/plain": text } = requestBody.content;
  return [{ json: json.example }, ...text === undefined ? [] : [{ text: text.example }]];
}

/** What may stand behind a path: no more than must, and all that there is. */
function queriesOf({ parameters = [] }: Json): string[] {
  const inQuery = parameters.filter(({ in: where }: Json) => where === "query");
  const needed = inQuery.filter(({ required }: Json) => required);
  return [...new Set([queryOf(needed), queryOf(inQuery)])];
}

function queryOf(parameters: Json[]): string {
  const query = new URLSearchParams(parameters.map(({ name, schema }) => [name, valueOf(schema)]));
  return parameters.length === 0 ? "" : `?${query}`;
}

function valueOf(schema: Json): string {
  const { type, enum: values, examples, items, default: usual, minimum } = resolved(schema);
  if (type === "array") return valueOf(items);
  return String(examples?.[0] ?? values?.[0] ?? usual ?? minimum ?? "lobby");
}

function isStream({ responses }: Json): boolean {
  return "text/event-stream" in (responses[200].content ?? {});
}

function isAnswered({ status, text, headers }: Answer, path: string, asked: Asked): void {
  assert.ok(
    status >= 200 && status < 300,
    `${asked.method} ${path} is answered ${status}: ${text.slice(0, 200)}`,
  );
  assert.ok(text !== "", path);
  assert.ok(headers.has("content-type"), path);
}

/** Where it leads is another's business, or that of the pages. */
async function leads(server: TestServer, path: string): Promise<void> {
  const page = new Wanderer(server);
  assert.ok((await page.asks(page.origin + path)).has("location"), path);
}

async function streams(server: TestServer, path: string, asked: Asked): Promise<void> {
  const response = await server.http(path, requestOf(asked));
  const { status, headers } = response;
  assert.deepEqual([status, headers.get("content-type")], [200, "text/event-stream"], path);
  await response.body!.cancel();
}

/** A WebSocket is what comes of it. */
async function opens(server: TestServer, path: string, token: string): Promise<void> {
  const { port } = server.parley.addresses.http!;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const opened = new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  await inTime(opened, () => `a WebSocket at ${path}`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
}
