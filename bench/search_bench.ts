/**
 * What searching costs in an index of a million messages: `deno run --allow-all bench/search_bench.ts [messages]`.
 *
 * Words are as frequent as in a language (Zipf). Of 20 rooms two may not be read; one message in fifty is private.
 */
import { encodeTime } from "ulid";
import type { Direct, Message } from "../server/chat/event.ts";
import { SqliteSearchIndex } from "../server/store/search.ts";

const MESSAGES = Number(Deno.args[0] ?? 1_000_000);
const VOCABULARY = 100_000;
const ROUNDS = 200;
const LIMIT = 50;

/** How long the sweep is watched that follows a prune. */
const SWEEP_MS = 10_000;

const rooms = Array.from({ length: 20 }, (_, index) => `room${index}`);
const readable = rooms.slice(2);
const many = [...rooms, ...Array.from({ length: 480 }, (_, index) => `empty${index}`)];

/** The weight of each word and those before it. */
const weights = new Float64Array(VOCABULARY);
for (let index = 0, sum = 0; index < VOCABULARY; index++) weights[index] = sum += 1 / (index + 2.7);

let seed = 12_345;
let saidAtMs = Date.UTC(2025, 0, 1);
/** The id in the middle. What came before it has the word "early". */
let middle = "";

interface Question {
  readonly words: string;
  readonly rooms?: string[];
  readonly key?: string;
}

/** By what makes it hard. */
const questions: Record<string, () => Question> = {
  "a rare word": () => ({ words: rareWord() }),
  "a word that nobody has said": () => ({ words: "unheard" }),
  "a word of every message": () => ({ words: "everywhere" }),
  "two frequent words": () => ({ words: frequentWords(2) }),
  "two words of middling frequency": () => ({ words: `${word(100 + below(50))} ${word(200 + below(50))}` }),
  "a rare word and one of every message": () => ({ words: `everywhere ${rareWord()}` }),
  "two words of every other message that never meet": () => ({ words: "odd even" }),
  "eight frequent words": () => ({ words: frequentWords(8) }),
  "a word frequent where one may not read": () => ({ words: "hidden", rooms: readable }),
  "the same and a word of every message": () => ({ words: "hidden everywhere", rooms: readable }),
  "a word of one's private messages": () => ({ words: word(10), rooms: [], key: "account7" }),
  "a word of every message, 500 rooms": () => ({ words: "everywhere", rooms: many }),
  "eight frequent words, 500 rooms": () => ({ words: frequentWords(8), rooms: many }),
};

if (import.meta.main) await measure();

async function measure(): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "parley-bench-" });
  {
    await using index = await build(`${dir}/search.sqlite`);
    print(`file: ${mib(await sizeOf(dir))}, memory: ${mib(Deno.memoryUsage().rss)}`);
    for (const [name, question] of Object.entries(questions)) await ask(index, { name, question });
    measureAdd(index);
    await measurePrune(index);
    print(`file: ${mib(await sizeOf(dir))}, memory: ${mib(Deno.memoryUsage().rss)}`);
  }
  await Deno.remove(dir, { recursive: true });
}

/** By catching up, as after the loss of the file. */
async function build(path: string): Promise<SqliteSearchIndex> {
  using loop = watchEventLoop();
  const startedAtMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const index = SqliteSearchIndex.open(path, {
    source: { since: everything },
    beginAfterMs: 0,
    failed: reject,
    caughtUp: resolve,
  });
  await promise;
  print(
    `${MESSAGES} messages: ${secondsSince(startedAtMs)}, event loop late by ${
      loop.latestMs.toFixed(1)
    } ms at most`,
  );
  return index;
}

async function ask(
  index: SqliteSearchIndex,
  { name, question }: { name: string; question: () => Question },
): Promise<void> {
  const times: number[] = [];
  let hits = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAtMs = performance.now();
    const found = await index.find({ rooms, key: "nobody", limit: LIMIT, ...question() });
    times.push(performance.now() - startedAtMs);
    hits += found.length;
  }
  print(`${figures(times)}  ${String(Math.round(hits / ROUNDS)).padStart(2)} hits  ${name}`);
}

/** What `add` costs its caller, until it returns and with what follows. */
function measureAdd(index: SqliteSearchIndex): void {
  const messages = Array.from({ length: 10_000 }, (_, index) => nextMessage(index));
  const startedAtMs = performance.now();
  for (const message of messages) index.add(message);
  print(`add: ${((performance.now() - startedAtMs) * 1_000 / messages.length).toFixed(2)} µs a message`);
}

/** What it costs those who search that half of all messages go. */
async function measurePrune(index: SqliteSearchIndex): Promise<void> {
  const startedAtMs = performance.now();
  for (const room of rooms) index.prune(room, middle);
  const times: number[] = [];
  const search = async (words: string) => {
    const askedAtMs = performance.now();
    const found = await index.find({ words, rooms, key: "nobody", limit: LIMIT });
    times.push(performance.now() - askedAtMs);
    return found.length;
  };
  while (await search("early") > 0) await pause(5);
  print(`${figures(times)}  while half of all messages went, which took ${secondsSince(startedAtMs)}`);
  times.length = 0;
  for (const untilMs = performance.now() + SWEEP_MS; performance.now() < untilMs; await pause(5)) {
    await search("everywhere");
  }
  print(`${figures(times)}  in the ${SWEEP_MS / 1_000} s after that, while they were swept out`);
}

async function* everything(): AsyncIterable<Message | Direct> {
  for (let index = 0; index < MESSAGES; index++) {
    if (index % 1_000 === 0) await pause(0);
    yield index % 50 === 0 ? nextDirect(index) : nextMessage(index);
  }
}

function nextMessage(index: number): Message {
  const id = nextId(index);
  const room = rooms[below(rooms.length)]!;
  const text = [...sentence(index), ...secret(room)].join(" ");
  const said = { number: index, room, from: "ann", author: "ann", text, action: false };
  return { type: "message", id, at: new Date(saidAtMs), ...said };
}

function nextDirect(index: number): Direct {
  const id = nextId(index);
  const keys = { fromKey: `account${below(1_000)}`, toKey: `account${below(1_000)}` };
  return {
    type: "direct",
    id,
    from: "ann",
    to: "bob",
    ...keys,
    text: sentence(index).join(" "),
    at: new Date(saidAtMs),
  };
}

/** One message every 7.8 s: a million of them in 90 days. */
function nextId(index: number): string {
  saidAtMs += below(15_600);
  const id = encodeTime(saidAtMs) + String(below(1e9)).padStart(16, "0");
  if (index === MESSAGES / 2) middle = id;
  return id;
}

function sentence(index: number): string[] {
  const words = Array.from({ length: 4 + below(14) }, () => word(rank()));
  return ["everywhere", index % 2 === 0 ? "even" : "odd", ...(middle === "" ? ["early"] : []), ...words];
}

/** Nearly all say it in two rooms, hardly anybody in the others. */
function secret(room: string): string[] {
  return random() < (readable.includes(room) ? 0.00002 : 0.9) ? ["hidden"] : [];
}

function word(rank: number): string {
  return `w${rank.toString(36)}`;
}

function rareWord(): string {
  return word(VOCABULARY / 2 + below(VOCABULARY / 2));
}

function frequentWords(count: number): string {
  return Array.from({ length: count }, (_, rank) => word(rank)).join(" ");
}

/** Low ones are frequent. */
function rank(): number {
  const sought = random() * weights[VOCABULARY - 1]!;
  let [low, high] = [0, VOCABULARY - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (weights[middle]! < sought) low = middle + 1;
    else high = middle;
  }
  return low;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** The same numbers at each run. */
function random(): number {
  seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

function watchEventLoop(): Disposable & { latestMs: number } {
  let lastMs = performance.now();
  const timer = setInterval(() => {
    watch.latestMs = Math.max(watch.latestMs, performance.now() - lastMs - 10);
    lastMs = performance.now();
  }, 10);
  const watch = { latestMs: 0, [Symbol.dispose]: () => clearInterval(timer) };
  return watch;
}

function figures(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const [p50, p99, most] = [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(1).padStart(6));
  return `p50 ${p50}  p99 ${p99}  max ${most} ms`;
}

async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(dir)) bytes += (await Deno.stat(`${dir}/${name}`)).size;
  return bytes;
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}

function secondsSince(startedAtMs: number): string {
  return `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
