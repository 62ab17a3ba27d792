// deno-lint-ignore-file no-console
/**
 * How long it takes to forget what is kept no longer, and how long a program waits from `say` to `ack` before and
 * meanwhile: `deno run -A bench/retention_bench.ts [messages] [of them to be forgotten] [messages a second]`.
 *
 * It prepares a database, which takes a while, and starts the server on it from source, or the binary that the environment
 * names (`PARLEY=dist/parley`). A minute after the start the server begins to forget by itself; up to then is "before".
 */
import { encodeTime } from "ulid";
import { messageKey } from "../server/store/_keys.ts";
import { storedMessage } from "../server/store/_said.ts";
import { Database } from "../server/store/kv.ts";

const [messages = 1_000_000, old = messages / 2, perSecond = 20] = Deno.args.map(Number);
const DAY_MS = 86_400_000;

/** The first say of a connection and the like do not count. */
const WARM_UP_MS = 5_000;

const port = 17_471;
const dir = await Deno.makeTempDir({ prefix: "parley-bench-" });

/** How long each message has waited for its `ack`, in ms. */
const waited = { before: [] as number[], during: [] as number[] };

try {
  await prepare();
  const { size } = await Deno.stat(`${dir}/parley.db`);
  const server = new Deno.Command(Deno.env.get("PARLEY") ?? Deno.execPath(), {
    args: [
      ...Deno.env.has("PARLEY") ? [] : ["run", "-A", "--v8-flags=--memory-saver-mode", "main.ts"],
      ...[`--data=${dir}`, `--plain=127.0.0.1:${port}`, "--tls=off", "--https=off", "--http=off"],
      ...["--rate=off", "--log=json"],
    ],
    cwd: new URL("..", import.meta.url).pathname,
    stdout: "piped",
  }).spawn();
  try {
    const conn = await connected();
    const forgotten = talkUntilForgotten(conn, server.stdout);
    console.table({ "database, MB": Math.round(size / 1e6), ...await forgotten });
    console.table({ "before": quantiles(waited.before), "meanwhile": quantiles(waited.during) });
    conn.close();
  } finally {
    server.kill("SIGTERM");
    await server.status;
  }
} finally {
  await Deno.remove(dir, { recursive: true });
}

/** Fills a database with messages in four rooms, the first of which are older than they are kept. */
async function prepare(): Promise<void> {
  await using database = await Database.open(`${dir}/parley.db`, console.error);
  for (let begin = 0; begin < messages; begin += 500) {
    await database.commit((operation) => {
      for (let index = begin; index < Math.min(begin + 500, messages); index++) {
        const room = ["lobby", "garden", "ops", "random"][index % 4]!;
        operation.set(["message", room, idOf(index)], textOf(index, room));
      }
      return operation;
    });
  }
  for (const name of ["garden", "ops", "random"]) {
    const record = { topic: "", moderators: [], private: false, quiet: false, invitations: [], createdAt: new Date() };
    await database.kv.set(["room", name], { name, ...record });
  }
}
