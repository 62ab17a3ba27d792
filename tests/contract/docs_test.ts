import { strict as assert } from "node:assert";
import type { ClientMessage, ServerMessage } from "../../server/wire/json_types.ts";
import { type Person } from "../support/person.ts";
import { cleanEnvironment, killQuietly, Printed } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const page = await Deno.readTextFile(new URL("../../docs/json-mode.md", import.meta.url));

/** As `toUTCString` writes it. */
const TIME = /^timebot: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

Deno.test("the page on JSON mode shows every type that is sent and received", () => {
  const sent: Record<ClientMessage["type"], true> = {
    auth: true,
    login: true,
    link: true,
    guest: true,
    say: true,
    direct: true,
    join: true,
    leave: true,
    who: true,
    rooms: true,
    history: true,
    conversations: true,
    search: true,
    ignored: true,
    delete: true,
    command: true,
    signup: true,
    ping: true,
    pong: true,
  };
  const received: Record<ServerMessage["type"], true> = {
    welcome: true,
    link: true,
    message: true,
    direct: true,
    joined: true,
    left: true,
    renamed: true,
    topic: true,
    deleted: true,
    roster: true,
    rooms: true,
    history: true,
    conversations: true,
    ignored: true,
    found: true,
    missed: true,
    ack: true,
    pong: true,
    ping: true,
    notice: true,
    error: true,
  };
  assert.deepEqual(typesIn("What you send"), Object.keys(sent).sort());
  assert.deepEqual(typesIn("What you receive"), Object.keys(received).sort());
});

Deno.test("the page on JSON mode names error codes that there are", async () => {
  const refusals = await Deno.readTextFile(new URL("../../server/refusals.ts", import.meta.url));
  const table = section("What you receive").split("| code ")[1]!;
  const rows = table.matchAll(/^\| (`\w+`(?:, `\w+`)*) +\|/gm);
  const codes = Array.from(rows, ([, cell]) => cell!.replaceAll("`", "").split(", ")).flat();
  assert.ok(codes.length > 20, `${codes.length} codes`);
  for (const code of codes) assert.ok(refusals.includes(`"${code}"`), code);
});

Deno.test("what the page on JSON mode shows to be sent is understood", async () => {
  await using server = await startServer();
  const [bot] = await server.guests("bot");
  await bot.types("/json");
  await bot.readsUntil(/^\{"type":"welcome"/);
  const shown = examplesIn("What you send").filter(({ type }) => type !== "pong");
  for (const [index, example] of shown.entries()) {
    const ref = `example ${index}`;
    await bot.types(JSON.stringify({ ...example, ref }));
    const answer = await answerTo(bot, ref);
    if (["auth", "login", "link", "guest"].includes(example.type)) continue; // come too late here
    assert.ok(
      !["bad_json", "bad_request", "unknown_type"].includes(String(answer.code)),
      JSON.stringify(answer),
    );
  }
});

Deno.test("the bot of the page answers, and comes in 20 lines", async () => {
  assert.ok(botsOnThePage()[0]!.split("\n").length <= 20);
  await using server = await startServer();
  await server.signsUp({ username: "timebot", name: "timebot" });
  const [ann] = await server.guests("ann");
  const { port } = server.parley.addresses.tls!;
  await using _bot = await TimeBot.start(server, { which: 0, port, token: await server.tokenOf("timebot") });
  await ann.reads("timebot has joined the chat.");
  await ann.types("!time");
  await ann.reads(TIME);
});

Deno.test("the bot of the page that misses nothing answers every question once, whatever becomes of its connection", async () => {
  await using server = await startServer("--rate=off", "--command-rate=off");
  await server.signsUp({ username: "timebot", name: "timebot" });
  const [ann] = await server.guests("ann");
  await ann.types("!time"); // before the bot has ever been there
  using wire = new Wire(server.parley.addresses.tls!);
  await using _bot = await TimeBot.start(server, {
    which: 1,
    port: wire.port,
    token: await server.tokenOf("timebot"),
  });
  await ann.reads("timebot has joined the chat.");
  await ann.types("!time");
  await ann.reads(TIME);
  for (let cuts = 0; cuts < 2; cuts++) {
    wire.cut();
    await ann.reads("timebot has left the chat.");
    await ann.types("!time");
    await ann.types("is nobody there?");
    await ann.types("!time");
    wire.mend();
    await ann.types("!time"); // on its way back, or back
    const lines = await Promise.all(Array.from({ length: 4 }, () => ann.readsLine()));
    assert.deepEqual(lines.filter((line) => !TIME.test(line)), ["timebot has joined the chat."]);
  }
  await ann.types("!time");
  await ann.reads(TIME);
  await ann.types("/u");
  await ann.reads(`Users currently online (2): ${[ann.name, "timebot"].sort().join(", ")}`);
});

/** The sources of the bots that the page shows, in its order. */
function botsOnThePage(): string[] {
  return Array.from(
    section("A bot").concat(section("A bot that misses nothing")).matchAll(/```ts\n(.+?)```/gs),
    ([, source]) => source!,
  );
}

/** A bot as the page has it, but for the port, run by the command that the page gives. */
class TimeBot implements AsyncDisposable {
  #dir: string;
  #child: Deno.ChildProcess;
  #errors: Printed;

  private constructor(dir: string, child: Deno.ChildProcess) {
    this.#dir = dir;
    this.#child = child;
    this.#errors = new Printed(child.stderr);
  }

  static async start(
    server: TestServer,
    { which, port, token }: { which: number; port: number; token: string },
  ): Promise<TimeBot> {
    const dir = await Deno.makeTempDir({ prefix: "parley-bot-" });
    const source = botsOnThePage()[which]!;
    const [, flags = ""] = / deno run (.+) bot\.ts\n/.exec(page) ?? [];
    await Deno.writeTextFile(`${dir}/bot.ts`, source.replace("port: 6697", `port: ${port}`));
    await Deno.writeTextFile(`${dir}/cert.pem`, server.parley.certificate.certPem);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", ...flags.split(" "), "bot.ts"],
      cwd: dir,
      env: { ...cleanEnvironment(), PARLEY_TOKEN: token },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    return new TimeBot(dir, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killQuietly(this.#child);
    await Promise.all([this.#child.status, this.#errors.ended]);
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** A way to a server that can be cut: connections over it break then, and new ones come to nothing. */
class Wire implements Disposable {
  #to: Deno.NetAddr;
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #ends = new Set<Deno.Conn>();
  #whole = true;

  constructor(to: Deno.NetAddr) {
    this.#to = to;
    void this.#carry();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  cut(): void {
    this.#whole = false;
    for (const end of this.#ends) end[Symbol.dispose](); // some are closed already
    this.#ends.clear();
  }

  mend(): void {
    this.#whole = true;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.cut();
  }

  async #carry(): Promise<void> {
    for await (const near of this.#listener) {
      if (!this.#whole) {
        near.close();
        continue;
      }
      const far = await Deno.connect({ hostname: this.#to.hostname, port: this.#to.port });
      this.#ends.add(near).add(far);
      void Promise.allSettled([
        near.readable.pipeTo(far.writable),
        far.readable.pipeTo(near.writable),
      ]);
    }
  }
}

/** What stands under a heading of the page, up to the next of its kind. */
function section(heading: string): string {
  return page.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
}

/** The objects that a section shows, each in the first place of its row. */
function examplesIn(heading: string): { type: string }[] {
  return Array.from(
    section(heading).matchAll(/^\| `\w+` +\| `(\{.+?\})` +\|/gm),
    ([, json]) => JSON.parse(json!),
  );
}

function typesIn(heading: string): string[] {
  return examplesIn(heading).map(({ type }) => type).sort();
}

async function answerTo(person: Person, ref: string): Promise<Record<string, unknown>> {
  for (;;) {
    const message = JSON.parse(await person.readsLine());
    if (message.ref === ref) return message;
  }
}
