/**
 * Has people chat for long, lets things befall their server, and holds it to its promises (contract, section 5).
 *
 * In the first half whatever there is befalls it, and it is started again and again; in the second half it lives on, so
 * that it can be seen whether its memory stays flat.
 */
import { parseArgs } from "node:util";
import { Chance } from "./chance.ts";
import { COMING, DEEDS, isExpected } from "./deeds.ts";
import { FAULTS } from "./faults.ts";
import type { Person } from "./people.ts";
import { report } from "./report.ts";
import { pause, Town } from "./town.ts";
import {
  heapMiB,
  isFlat,
  isGivenBack,
  type Rest,
  type Trend,
  trendOf,
  type Vitals,
  vitalsOf,
} from "./vitals.ts";
import { Watch } from "./watch.ts";
import type { RunningParley } from "../support/run_parley.ts";
import { whyNoSmallDisk } from "../support/small_disk.ts";

/** What of a run things befall the server in. */
const FAULTY = 0.5;

/** How long people wait between two deeds, at most. */
const MOST_PAUSE_MS = 500;

const SECOND_MS = 1_000;

/** How long what is under way may take when the run has come to its end. */
const LAST_WAIT_MS = 30_000;

/** A run from its beginning to its end. */
class Soak {
  readonly #seed: number;
  readonly #lastsMs: number;
  readonly #watch: Watch;
  readonly #chance: Chance;
  readonly #beganMs = performance.now();
  readonly #faults = new Map<string, number>();
  readonly #leftOut = new Map<string, string>();
  readonly #vitals: Vitals[] = [];
  readonly #rests: Rest[] = [];
  /** Of the life in which nothing befalls the server. */
  #trend: Trend | undefined;
  #town!: Town;
  #isInterrupted = false;
  #interrupted = Promise.withResolvers<void>();
  #life = 1;
  #stocktakings = 0;
  /** What the server had logged last when the run came to its end. */
  #logged: readonly string[] = [];
  #over = false;

  constructor({ seed, minutes, record }: { seed: number; minutes: number; record: string | undefined }) {
    this.#watch = new Watch(record);
    this.#seed = seed;
    this.#lastsMs = minutes * 60 * SECOND_MS;
    this.#chance = new Chance(seed);
  }

  /** Answers whether all promises were kept. */
  async run(): Promise<boolean> {
    await using disk = whyNoSmallDisk() === undefined ? await Town.mountDisk() : undefined;
    await using town = await Town.found(this.#watch, { chance: this.#chance, disk });
    this.#town = town;
    town.log.isTroubled = () => town.isTroubled;
    const living = town.people.map((person) => this.#lives(person));
    const looking = this.#looksEverySecond();
    const course = this.#takesItsCourse().catch((error) => this.#watch.breaks(error));
    await Promise.race([course, this.#watch.broken]);
    if (this.#watch.first !== undefined) await pause(SECOND_MS); // what it dies of is printed last
    this.#logged = lastWordsOf(town.server);
    this.interrupt();
    this.#over = true;
    await Promise.race([Promise.all([course, ...living, looking]), pause(LAST_WAIT_MS)]); // no server is left behind
    await this.#tells(town);
    return this.#watch.first === undefined;
  }

  /** Comes to its end, before its time: all is looked through once more. */
  interrupt(): void {
    this.#interrupted.resolve();
    this.#isInterrupted = true;
  }

  async #takesItsCourse(): Promise<void> {
    await this.#isBefallen(this.#lastsMs * FAULTY);
    await this.#town.holdsStill(async () => {
      await this.#town.stops("SIGTERM");
      await this.#town.starts({ withClock: false });
    });
    this.#life++;
    await this.#livesOn();
    await this.#town.holdsStill(async () => {
      await this.#town.stops("SIGTERM");
      await this.#town.starts({ withClock: false });
      this.#life++;
      await this.#takesStock({ whole: true });
    });
  }

  /** Whatever can befall the server does, in one order after another. */
  async #isBefallen(untilMs: number): Promise<void> {
    const possible = FAULTS.filter((fault) => {
      const why = fault.whyNot(this.#town);
      if (why !== undefined) this.#leftOut.set(fault.name, why);
      return why === undefined;
    });
    const apartMs = Math.min(15 * SECOND_MS, untilMs / possible.length / 3);
    for (let bag = this.#chance.shuffled(possible); this.#elapsedMs < untilMs;) {
      await this.#pauses(apartMs * (0.5 + this.#chance.fraction()));
      if (this.#isInterrupted) return;
      const fault = bag.pop()!;
      if (bag.length === 0) bag = this.#chance.shuffled(possible);
      this.#watch.notesFault(fault.name);
      this.#faults.set(fault.name, (this.#faults.get(fault.name) ?? 0) + 1);
      const { pid } = this.#town.server;
      await fault.run(this.#town);
      if (this.#town.server.pid !== pid) this.#life++;
      await this.#town.holdsStill(() => this.#takesStock({ whole: false }));
    }
  }

  /** The server lives on to the end, and nothing befalls it but signals to reload. */
  async #livesOn(): Promise<void> {
    const untilMs = this.#lastsMs;
    const warmMs = this.#elapsedMs + 0.3 * (untilMs - this.#elapsedMs);
    const apartMs = Math.min(60 * SECOND_MS, this.#lastsMs / 12);
    while (this.#elapsedMs < untilMs && !this.#isInterrupted) {
      await this.#pauses(Math.min(apartMs, Math.max(0, untilMs - this.#elapsedMs)));
      this.#town.server.kill("SIGHUP");
      this.#faults.set("SIGHUP", (this.#faults.get("SIGHUP") ?? 0) + 1);
      await this.#town.holdsStill(() => this.#takesStock({ whole: false }));
      if (this.#rests.length === 0 && this.#elapsedMs > warmMs) await this.#allGo();
    }
    await this.#allGo();
    this.#trend = trendOf(this.#vitals.filter(({ life }) => life === this.#life));
    if (this.#trend !== undefined) isFlat(this.#trend);
    const [before, after] = this.#rests;
    if (before !== undefined && after !== undefined) isGivenBack(before, after);
  }

  /** Everybody goes, and it is seen what is left. */
  #allGo(): Promise<void> {
    return this.#town.holdsStill(async () => {
      for (const link of this.#town.links) link.vanishes();
      await pause(3 * SECOND_MS);
      const look = vitalsOf(this.#town.server, { atMs: this.#elapsedMs, life: this.#life });
      if (look === undefined) return;
      this.#rests.push({ heapMiB: await heapMiB(this.#town.server), openFiles: look.openFiles });
    });
  }

  async #pauses(ms: number): Promise<void> {
    await Promise.race([pause(ms), this.#interrupted.promise]);
  }

  async #takesStock(how: { whole: boolean }): Promise<void> {
    this.#stocktakings++;
    await this.#town.takesStock(how);
  }

  /** Somebody does one thing after another. */
  async #lives(person: Person): Promise<void> {
    while (!this.#over) {
      await this.#town.lives(async () => {
        if (this.#over) return;
        const possible = person.live.length === 0 ? [COMING] : DEEDS.filter((deed) => deed.may(person));
        const deed = person.chance.weighed(possible)!;
        this.#watch.counts(deed.name);
        await deed.run(person).catch((error) => isExpected(error, person));
      });
      await pause(person.chance.between(0, MOST_PAUSE_MS));
    }
  }

  async #looksEverySecond(): Promise<void> {
    while (!this.#over) {
      await pause(SECOND_MS);
      this.#watch.sees({ type: "time passes", nowMs: performance.now() });
      this.#town.log.looks();
      const look = vitalsOf(this.#town.server, { atMs: this.#elapsedMs, life: this.#life });
      if (look !== undefined) this.#vitals.push(look);
    }
  }

  async #tells(town: Town): Promise<void> {
    const text = report({
      seed: this.#seed,
      seconds: this.#elapsedMs / SECOND_MS,
      watch: this.#watch,
      faults: this.#faults,
      leftOut: this.#leftOut,
      stocktakings: this.#stocktakings,
      starts: town.startsMs,
      said: town.said,
      complaints: town.log.complaints,
      logged: this.#logged,
      vitals: this.#vitals,
      trend: this.#trend,
      rests: this.#rests,
    });
    await Deno.stdout.write(new TextEncoder().encode(text + "\n"));
  }

  get #elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }
}

/** The last of what a server has printed, beside its log as well. */
function lastWordsOf({ output, errors }: RunningParley): string[] {
  return [...output.trimEnd().split("\n").slice(-8), ...errors.trimEnd().split("\n").slice(-30)];
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string" },
    record: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  await Deno.stderr.write(
    new TextEncoder().encode("Use: deno task soak [--minutes 30] [--seed 1234] [--record FILE]\n"),
  );
  Deno.exit(2);
}
await Deno.stdout.write(new TextEncoder().encode(`Soak of ${minutes} minutes, seed ${seed}\n`));
const soak = new Soak({ seed, minutes, record: values.record });
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => soak.interrupt());
Deno.exit(await soak.run() ? 0 : 1);
