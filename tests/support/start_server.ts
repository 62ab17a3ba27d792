import type { AccountRole } from "../../server/accounts/roles.ts";
import { Parley } from "../../server/app.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { type Config, resolveConfig } from "../../server/config.ts";
import { Log } from "../../server/telemetry/log.ts";
import { placeCertificate } from "./certificates.ts";
import { Person } from "./person.ts";
import { QuickHasher } from "./quick_hasher.ts";

/** A server takes one of its own where this makes none. */
type MakeHasher = () => QuickHasher | undefined;

/** A real server in this process, on free ports of loopback, with a data directory of its own. */
export class TestServer implements AsyncDisposable {
  /** What it has logged, a line an event, as JSON. */
  readonly logged: string[];
  #parley: Parley;
  #dir: string;
  #config: Config;
  #makeHasher: MakeHasher;
  #people: Person[] = [];
  /** What calls it by HTTP, made for the first call: a later server may have its port, but not its connections. */
  #client: Deno.HttpClient | undefined;

  private constructor(
    parley: Parley,
    { dir, config, logged, makeHasher }: {
      dir: string;
      config: Config;
      logged: string[];
      makeHasher: MakeHasher;
    },
  ) {
    this.#parley = parley;
    this.#dir = dir;
    this.#config = config;
    this.#makeHasher = makeHasher;
    this.logged = logged;
  }

  static async start(flags: readonly string[], makeHasher: MakeHasher): Promise<TestServer> {
    const dir = await Deno.makeTempDir({ prefix: "parley-" });
    const listeners = ["tls", "plain", "https", "http"].map((name) => `--${name}=127.0.0.1:0`);
    const named = flags.map((flag) => flag.split("=")[0]);
    const defaults = listeners.filter((flag) => !named.includes(flag.split("=")[0]));
    const env = { PARLEY_WORKERS: Deno.env.get("PARLEY_WORKERS") }; // so that all of this can be tested with workers
    const config = resolveConfig({ args: [`--data=${dir}`, ...defaults, ...flags], env });
    await placeCertificate(dir);
    const logged: string[] = [];
    const parley = await Parley.start(config, logInto(logged), { hasher: makeHasher() });
    return new TestServer(parley, { dir, config, logged, makeHasher });
  }

  get parley(): Parley {
    return this.#parley;
  }

  get dataDir(): string {
    return this.#dir;
  }

  get config(): Config {
    return this.#config;
  }

  /** Somebody who has connected and has typed nothing yet. */
  async connect(over: "tls" | "plain" = "plain"): Promise<Person> {
    const { hostname, port } = this.#parley.addresses[over]!;
    const conn = over === "tls"
      ? await Deno.connectTls({ hostname, port, caCerts: [this.#parley.certificate.certPem] })
      : await Deno.connect({ hostname, port });
    return this.welcomes(conn);
  }

  /** Takes care of a connection that was made otherwise. */
  welcomes(conn: Deno.Conn): Person {
    const person = new Person(conn);
    this.#people.push(person);
    return person;
  }

  /** Guests who have come in and have read of each other's arrival. */
  guests<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: Person }> {
    return inTurn(names, async (name, index) => {
      const person = await this.connect(index % 2 === 0 ? "tls" : "plain");
      await person.comesInAs(name);
      return person;
    });
  }

  /** Members with new accounts, who have come in and have read of each other's arrival. */
  members<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: Person }> {
    return inTurn(names, async (name) => {
      await this.hasAccount(name);
      return await this.member(name);
    });
  }

  /** A moderator with a new account, who has come in. */
  moderator(name: string): Promise<Person> {
    return this.#staff(name, "moderator");
  }

  /** An admin with a new account, who has come in. */
  admin(name: string): Promise<Person> {
    return this.#staff(name, "admin");
  }

  /** Gives an account a role, as `parley user role` does. */
  async hasRole(username: string, role: AccountRole): Promise<void> {
    await using records = await recordsIn(this.#dir);
    const account = await records.accounts.findByHandle(username);
    await records.accounts.setRole(account!.id, role);
  }

  /** Makes an account over HTTP: username and name are the same. */
  hasAccount(username: string, password = "correct horse"): Promise<void> {
    return this.signsUp({ username, name: username, password });
  }

  /** Makes an account over HTTP. */
  async signsUp(
    { username, name, password = "correct horse" }: { username: string; name: string; password?: string },
  ): Promise<void> {
    const body = JSON.stringify({ username, password, name_account: name });
    const response = await this.http("/signup", { method: "POST", body });
    if (!response.ok) throw new Error(`signup of ${username}: ${await response.text()}`);
    await response.body?.cancel();
  }

  /** Logs in over HTTP and answers the access token. */
  async tokenOf(username: string, password = "correct horse"): Promise<string> {
    const response = await this.http("/login", {
      method: "POST",
      body: JSON.stringify({ username, password }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`login of ${username}: ${answer.message}`);
    return answer["Access Token"];
  }

  /** Somebody who has come in with `/login`, over one more connection. */
  async member(username: string, password = "correct horse"): Promise<Person> {
    const person = await this.connect();
    await person.readsUpTo("Enter your username: ");
    await person.types(`/login ${username} ${password}`);
    await person.isWelcomed();
    return person;
  }

  /** A request to the loopback HTTP port. */
  http(path: string, init?: RequestInit, host = "127.0.0.1"): Promise<Response> {
    const { port } = this.#parley.addresses.http!;
    this.#client ??= Deno.createHttpClient({});
    return fetch(`http://${host}:${port}${path}`, { ...init, client: this.#client });
  }

  /**
   * Stops it and starts it anew on the same data; ports change.
   *
   * @param meanwhile What happens to the data directory while nobody serves it.
   */
  async restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.#letEverybodyGo();
    await this.#parley.stop();
    await meanwhile();
    this.#parley = await Parley.start(this.#config, logInto(this.logged), { hasher: this.#makeHasher() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#letEverybodyGo();
    await this.#parley.stop();
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #staff(name: string, role: AccountRole): Promise<Person> {
    await this.hasAccount(name);
    await this.hasRole(name, role);
    return await this.member(name);
  }

  async #letEverybodyGo(): Promise<void> {
    await Promise.all(this.#people.map((person) => person.vanishes()));
    this.#people = [];
    this.#client?.close();
    this.#client = undefined;
  }
}

/**
 * Starts a server for one test. Passwords cost it next to nothing.
 *
 * @param flags As on the command line, in the form `--flag=value`; beside them it listens on free ports of loopback.
 */
export function startServer(...flags: string[]): Promise<TestServer> {
  return TestServer.start(flags, () => new QuickHasher());
}

/** The same, with passwords that cost what they cost users: for tests of that. */
export function startServerAtFullCost(...flags: string[]): Promise<TestServer> {
  return TestServer.start(flags, () => undefined);
}

/** Lets people come in one after the other; those who are in read of the next. */
async function inTurn<Names extends string[]>(
  names: Names,
  comesIn: (name: string, index: number) => Promise<Person>,
): Promise<{ [Index in keyof Names]: Person }> {
  const people: Person[] = [];
  for (const [index, name] of names.entries()) {
    const person = await comesIn(name, index);
    for (const earlier of people) await earlier.reads(`${person.name} has joined the chat.`);
    people.push(person);
  }
  return people as { [Index in keyof Names]: Person };
}

function logInto(lines: string[]): Log {
  const decoder = new TextDecoder();
  return new Log("json", (bytes) => {
    lines.push(decoder.decode(bytes).trimEnd());
    return Promise.resolve(bytes.length);
  });
}
