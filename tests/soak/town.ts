import { Lost, Refused } from "../support/json_client.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { BrokenPromise } from "./broken_promise.ts";
import type { Chance } from "./chance.ts";
import { saidIn } from "./ears.ts";
import type { Place } from "./happening.ts";
import { type Door, Link, PATIENCE_MS, type Way, type Wiring } from "./link.ts";
import { PASSWORD, Person } from "./people.ts";
import { Clock } from "./clock.ts";
import { ServerLog } from "./server_log.ts";
import type { Watch } from "./watch.ts";

/** Nobody leaves these, so that somebody at a terminal knows where what is typed is said. */
export const HOMES = ["lobby", "garden", "kitchen"] as const;

/** These are left, and people are sent out of them. */
export const OPEN_ROOMS = ["attic", "cellar", "porch", "roof"] as const;

const MEMBERS = ["ann", "bob", "carl", "dora", "eve", "finn", "gail", "hugo", "iris", "jack", "kate", "liam"];
const GUESTS = 6;

/** How much room there is beside what is kept. */
const DISK_MEGABYTES = 400;

/** Something of the machine that is amiss just now. */
export type Trouble = "disk" | "descriptors";

/** Those who chat, and the server that they chat on. */
export class Town {
  readonly watch: Watch;
  readonly chance: Chance;
  readonly machine: Machine;
  readonly disk: SmallDisk | undefined;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly people: Person[] = [];
  /** Usernames of those who have signed up beside them. */
  readonly newcomers: string[] = [];
  /** Private rooms → whose they are. */
  readonly dens = new Map<string, Person>();
  /** Who is, or may be, kept out; one at a time. */
  banned: Person | undefined;
  /** Who is just being sent away. */
  readonly unwanted = new Set<Person>();
  /** How long each start took until the server listened. */
  readonly startsMs: number[] = [];
  /** What is amiss → until when it may be felt, by the monotonous clock. */
  readonly troubles = new Map<Trouble, number>();
  #server: RunningParley | undefined;
  #certificate = "";
  /** All connections, also those of people who have not come in yet. */
  #open = new Set<Link>();
  /** The one that was just told to end. */
  #ending: RunningParley | undefined;
  #said = 0;
  /** Place → the id up to which it was looked through. */
  #lookedThrough = new Map<string, string>();
  /** Pairs of people with accounts who have written to each other → since when that was not looked through. */
  #conversations = new Map<string, readonly [Person, Person]>();
  #gate: PromiseWithResolvers<void> | undefined;
  #busy = 0;
  #onIdle: (() => void) | undefined;

  private constructor(
    watch: Watch,
    parts: { chance: Chance; machine: Machine; disk: SmallDisk | undefined },
  ) {
    this.watch = watch;
    this.chance = parts.chance;
    this.machine = parts.machine;
    this.disk = parts.disk;
    this.clock = new Clock(parts.machine);
    this.log = new ServerLog(watch);
  }

  /** Everybody signs up; root is a moderator. */
  static async found(
    watch: Watch,
    { chance, disk }: { chance: Chance; disk: SmallDisk | undefined },
  ): Promise<Town> {
    const machine = await Machine.make();
    const town = new Town(watch, { chance, machine, disk });
    if (disk !== undefined) await Deno.symlink(disk.path, machine.dataDir);
    await machine.does("user add root --role moderator", { input: `${PASSWORD}\n` });
    await town.starts({ withClock: true });
    for (const username of ["root", ...MEMBERS]) {
      if (username !== "root") await town.signsUp(username);
      else watch.sees({ type: "has account", person: username, name: username });
      const person = new Person(town, { id: username, username });
      person.token = await town.logsIn(username);
      town.people.push(person);
    }
    for (let count = 1; count <= GUESTS; count++) {
      town.people.push(new Person(town, { id: "", guest: count }));
    }
    return town;
  }

  /** Makes the disk on which the data is, where that is possible. */
  static mountDisk(): Promise<SmallDisk> {
    return SmallDisk.mount(DISK_MEGABYTES);
  }

  get server(): RunningParley {
    return this.#server!;
  }

  get wiring(): Wiring {
    return { server: this.server, certificate: this.#certificate, watch: this.watch, open: this.#open };
  }

  get members(): Person[] {
    return this.people.filter((person) => person.hasAccount);
  }

  get links(): Link[] {
    return this.people.flatMap((person) => person.links);
  }

  /** Whether something is, or was just, amiss that may be felt. */
  feels(trouble: Trouble): boolean {
    return performance.now() < (this.troubles.get(trouble) ?? 0);
  }

  get isTroubled(): boolean {
    return this.feels("disk") || this.feels("descriptors");
  }

  /** The number of what is said next. */
  nextNumber(): number {
    return ++this.#said;
  }

  get said(): number {
    return this.#said;
  }

  hasWritten(from: Person, to: Person): void {
    if (!from.hasAccount || !to.hasAccount) return;
    this.#conversations.set([from.id, to.id].sort().join(" and "), [from, to]);
  }

  /** Starts a server on the data that there is. @param how.withClock Its clock can be set. */
  async starts({ withClock }: { withClock: boolean }): Promise<void> {
    const env = withClock ? await this.clock.environment() : {};
    const flags = [...UNLIMITED, "--signups-per-hour-in-all=off", "--handshake-seconds=3"];
    const beganMs = performance.now();
    this.#server = await this.machine.serve(flags, { env });
    this.startsMs.push(performance.now() - beganMs);
    this.#certificate = await Deno.readTextFile(`${this.machine.dataDir}/cert.pem`);
    this.log.follows(this.#server);
  }

  /** Ends the server; all who are there are gone then. */
  async stops(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { server } = this;
    const links = [...this.#open];
    for (const link of links) signal === "SIGKILL" ? link.isCutOff() : link.mayEnd();
    this.#ending = server;
    this.watch.notes(signal);
    server.kill(signal);
    const code = await server.ends();
    if (signal === "SIGTERM" && code !== 0) {
      throw new BrokenPromise("sound", `The server ended with ${code} on SIGTERM: ${server.errors}`);
    }
    for (const link of this.#open) link.readsOn();
    await Promise.all(Array.from(this.#open, (link) => link.ended));
    this.watch.sees({ type: "server ends" });
    for (const person of this.people) person.links = [];
    this.log.looks();
  }

  /** Somebody opens a connection. @throws {Refused | Lost} */
  async opens(person: Person, { door, way }: { door: Door; way: Way }): Promise<Link> {
    const { server } = this;
    const mayEnd = () => this.#ending === server || this.feels("descriptors") || this.unwanted.has(person);
    return await Link.open(person.id, { door, way, mayEnd }, this.wiring);
  }

  /**
   * A call of the loopback port, in somebody's name where a token is given.
   *
   * @throws {Lost} where the server was told to end meanwhile, or takes nobody just now
   */
  async calls(
    path: string,
    { method = "POST", body, token }: { method?: string; body?: unknown; token?: string | undefined },
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const { server } = this;
    const headers = new Headers({ "content-type": "application/json" });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    try {
      const response = await fetch(`http://127.0.0.1:${server.address("http").port}${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      if (this.#ending === server || this.feels("descriptors")) throw new Lost(`${path}: ${error}`);
      throw new BrokenPromise("undisturbed", `${method} ${path} failed: ${error}`);
    }
  }

  /** @throws {Refused | Lost} */
  async signsUp(username: string): Promise<void> {
    const wanted = { username, password: PASSWORD, name_account: username };
    const { status, body } = await this.calls("/signup", { body: wanted });
    if (status !== 200) throw new Refused(codeOf(status), JSON.stringify(body));
    this.watch.sees({ type: "has account", person: username, name: username });
  }

  /** Somebody with an account gets a token. @throws {Refused} */
  async logsIn(username: string): Promise<string> {
    const { status, body } = await this.calls("/login", { body: { username, password: PASSWORD } });
    const code = status === 200 ? undefined : status === 401 ? "wrong_credentials" : codeOf(status);
    this.watch.sees({ type: "tries to log in", person: username, code });
    if (code !== undefined) throw new Refused(code, JSON.stringify(body));
    return String(body["Access Token"]);
  }

  /** Does something while nobody stops the world. */
  async lives<Value>(deed: () => Promise<Value>): Promise<Value> {
    while (this.#gate !== undefined) await this.#gate.promise;
    this.#busy++;
    try {
      return await deed();
    } finally {
      if (--this.#busy === 0) this.#onIdle?.();
    }
  }

  /** Does something while nobody else does anything. */
  async holdsStill<Value>(deed: () => Promise<Value>): Promise<Value> {
    this.#gate = Promise.withResolvers();
    try {
      if (this.#busy > 0) await new Promise<void>((resolve) => this.#onIdle = resolve);
      return await deed();
    } finally {
      const { resolve } = this.#gate;
      this.#gate = undefined;
      resolve();
    }
  }

  /** Looks whether all is as it must be. To be done while everybody holds still. @param whole From the beginning. */
  async takesStock({ whole }: { whole: boolean }): Promise<void> {
    for (const link of this.links) link.readsOn();
    await pause(200); // whatever was sent by connections that have gone is done
    const upToDate = await Promise.all(this.links.map(async (link) => await isUpToDate(link) ? [link] : []));
    if (whole) this.#lookedThrough.clear();
    await this.#looksThroughRooms();
    await this.#looksThroughConversations(whole);
    for (const { id } of upToDate.flat()) this.watch.sees({ type: "is up to date", connection: id });
    this.watch.sees({ type: "time passes", nowMs: performance.now() });
    const accounts = whole ? this.newcomers : this.chance.shuffled(this.newcomers).slice(0, 2);
    for (const username of accounts) await this.logsIn(username).catch(unlessLost);
    this.log.looks();
  }

  async #looksThroughRooms(): Promise<void> {
    const reader = this.members.find((member) => member !== this.banned && member.id !== "root")!;
    await this.#as(reader, async (link) => {
      for (const room of [...HOMES, ...OPEN_ROOMS]) await this.#looksThrough({ room }, { reader, link });
    });
    for (const [room, owner] of this.dens) {
      if (owner === this.banned) continue;
      await this.#as(owner, (link) => this.#looksThrough({ room }, { reader: owner, link }));
    }
  }

  async #looksThroughConversations(whole: boolean): Promise<void> {
    for (const [key, pair] of [...this.#conversations]) {
      if (pair.includes(this.banned!)) continue;
      const readers = whole ? pair : [this.chance.oneOf(pair)!];
      for (const reader of readers) {
        const other = pair.find((person) => person !== reader)!;
        await this.#as(
          reader,
          (link) => this.#looksThrough({ between: [reader.id, other.id] }, { reader, link, other }),
        );
      }
      if (!whole) this.#conversations.delete(key);
    }
  }

  async #looksThrough(
    place: Place,
    { reader, link, other }: { reader: Person; link: Link; other?: Person },
  ): Promise<void> {
    const key = JSON.stringify("room" in place ? place : place.between.toSorted());
    const after = this.#lookedThrough.get(key) ?? "";
    const askedAt = this.watch.moment;
    const where = "room" in place ? place : { with: other!.name };
    const said = (await link.client.reads(where, after).catch((error) => {
      if (error instanceof Refused && error.code === "no_such_room") return []; // nobody has been there yet
      throw error;
    })).map(saidIn);
    this.watch.sees({ type: "reads", person: reader.id, said, askedAt, all: { place, after } });
    const last = said.at(-1)?.id;
    if (last !== undefined) this.#lookedThrough.set(key, last);
  }

  /** Somebody comes in, does something, and goes. */
  async #as(person: Person, deed: (link: Link) => Promise<void>): Promise<void> {
    const link = await this.opens(person, { door: "json", way: { token: person.token! } });
    try {
      await link.isUpToDate(); // what has waited is shown
      await deed(link);
      await link.isUpToDate();
      link.vanishes({ clean: true });
    } finally {
      link.vanishes();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.links) link.vanishes();
    await this.machine[Symbol.asyncDispose]();
  }
}

/** Whether it is still there to be asked. */
async function isUpToDate(link: Link): Promise<boolean> {
  try {
    await link.isUpToDate();
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
}

/** Just after there were no descriptors, HTTP may fail. */
function unlessLost(error: unknown): void {
  if (!(error instanceof Lost)) throw error;
}

function codeOf(status: number): string {
  return { 400: "user_exists", 403: "banned", 429: "too_many_attempts", 503: "not_stored" }[status] ??
    `HTTP ${status}`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
