import { strict as assert } from "node:assert";
import { VERSION } from "../../server/version.ts";
import { cleanEnvironment, Machine, parleyCommand, runParley } from "../support/run_parley.ts";

const PASSWORD = "correct horse";

/** A test that writes data itself writes it as this Deno does, which a binary made with an older one cannot read. */
const ofThisDeno = { ignore: Deno.env.has("PARLEY") };

Deno.test("a backup of a running server is the same server elsewhere", async () => {
  await using machine = await Machine.make();
  for (const name of ["ann", "bob"]) await machine.hasAccount(name);
  const jwt = (await machine.does("token issue ann")).trim();
  const server = await machine.serve();
  const [ann, carl] = [await server.member(jwt, "tls"), await server.guest("carl")];
  await ann.reads(`${carl.name} has joined the chat.`);
  await carl.types("one");
  await ann.reads(`${carl.name}: one`);
  await ann.types("two\n/@ bob for your return");
  await carl.reads("ann: two");
  await ann.readsUntil("bob is offline and will get it on return.");
  const file = machine.path("saved");
  assert.match(
    await machine.does(`backup ${file}`),
    /^Backed up to ".*saved" \(\d+ KiB\): 2 accounts, \d+ rooms?, 2 messages, 1 private message, 1 token\.\n$/,
  );
  await carl.types("after it");
  await ann.reads(`${carl.name}: after it`); // it goes on, and this is not in it

  await using other = await Machine.make();
  assert.match(
    await other.does(`restore ${file}`),
    restored(VERSION, "2 accounts, \\d+ rooms?, 2 messages, 1 private message, 1 token"),
  );
  const again = await other.serve();
  assert.equal(again.fingerprint, server.fingerprint);
  const back = await again.member(jwt, "tls");
  await back.readsUntil(`${carl.name}: one`);
  await back.reads("ann: two");
  await back.types("/u");
  await back.reads(/^Users currently online/); // and nothing before it
  const bob = await again.member(`/login bob ${PASSWORD}`);
  await bob.readsUntil(/^You have 1 private message/);
  await bob.reads(/for your return$/);
});

Deno.test("what a restore replaces is set aside, and only by force where it is newer", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const file = machine.path("saved");
  const { at, counts } = JSON.parse(await machine.does(`backup ${file} --json`));
  assert.deepEqual(counts, { accounts: 1, rooms: 0, messages: 0, directs: 0, tokens: 0 });
  await machine.hasAccount("bob");
  assert.equal(
    (await machine.parley(`restore ${file}`)).err,
    `parley: Cannot restore "${file}": the data in "${machine.dataDir}" has changed since that was written (${at}); ` +
      "--force sets it aside\n",
  );
  const told = await machine.does(`restore ${file} --force`);
  assert.match(told, restored(VERSION, "1 account, 0 rooms, 0 messages, 0 private messages, 0 tokens"));
  assert.deepEqual(JSON.parse(await machine.does("user list --json")).map(nameOf), ["ann"]);
  const [, name] = /^What was there before is still in ".*": (parley\.db\.before-restore-\S+)\.$/m.exec(
    told,
  )!;
  await Deno.mkdir(machine.path("old"));
  await Deno.rename(machine.path(`data/${name}`), machine.path("old/parley.db"));
  const old = await runParley(["user", "list", "--json", `--data=${machine.path("old")}`]);
  assert.deepEqual(JSON.parse(old.out).map(nameOf), ["ann", "bob"]);
});

Deno.test("programs read of a backup and of a restore in JSON", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const file = machine.path("saved");
  const { at, bytes, ...made } = JSON.parse(await machine.does(`backup ${file} --json`));
  const counts = { accounts: 1, rooms: 0, messages: 0, directs: 0, tokens: 0 };
  assert.deepEqual(made, { file, version: VERSION, schema: 2, counts });
  assert.equal(bytes, (await Deno.stat(file)).size);
  const { set_aside: [old, ...more], ...said } = JSON.parse(await machine.does(`restore ${file} --json`));
  assert.deepEqual([said, more], [{ file, at, version: VERSION, schema: 2, counts }, []]);
  assert.match(old, /^parley\.db\.before-restore-/);
});

Deno.test("a backup or restore that would do harm is refused in one line", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const [saved, text, nowhere] = ["saved", "text", "no/where"].map((name) => machine.path(name));
  await machine.does(`backup ${saved}`);
  await machine.write("text", "not a database");
  const server = await machine.serve();
  const cases: [command: string, says: string][] = [
    ["backup", "Use parley backup FILE"],
    ["backup one two", "Use parley backup FILE"],
    ["backup --force one", 'Unknown flag "--force"; use parley backup FILE'],
    ["restore", "Use parley restore FILE [--force]"],
    ["bakcup one", 'Unknown command "bakcup"; did you mean "backup"?; see parley help'],
    [`backup ${saved}`, `Cannot back up to "${saved}": there is such a file already; name another file`],
    [
      `backup ${nowhere}`,
      `Cannot back up to "${nowhere}": there is no such file or directory; name another file`,
    ],
    [`restore ${nowhere}`, `Cannot restore "${nowhere}": there is no such file or directory; check its path`],
    [
      `restore ${text}`,
      `Cannot restore "${text}": it is no backup of a Parley; name a file that parley backup has written`,
    ],
    [
      `restore ${saved} --force`,
      `Cannot use data directory "${machine.dataDir}": another Parley is serving from it; stop it or name another with --data`,
    ],
  ];
  for (const [command, says] of cases) {
    assert.deepEqual(await machine.parley(command), { code: 1, out: "", err: `parley: ${says}\n` }, command);
  }
  await server.member(`/login ann ${PASSWORD}`);
  const nothing = await runParley(["backup", machine.path("one"), `--data=${machine.path("none")}`]);
  assert.equal(
    nothing.err,
    `parley: There is no data of a Parley in "${machine.path("none")}"; name its directory with --data\n`,
  );
});

Deno.test({
  name: "a backup that the disk does not take is refused in one line, and nothing is left of it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = await Machine.make();
    await machine.hasAccount("ann");
    {
      using kv = await Deno.openKv(machine.path("data/parley.db"));
      for (let index = 0; index < 10; index++) await kv.set(["filling", index], new Uint8Array(60_000));
    }
    const full = 'trap "" XFSZ; ulimit -f 512; exec "$@"'; // no file may grow beyond 256 KiB
    const file = machine.path("saved");
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", full, "sh", ...parleyCommand(), "backup", file, `--data=${machine.dataDir}`],
      env: cleanEnvironment(),
      clearEnv: true,
    }).output();
    const says = `parley: Cannot back up to "${file}": disk I/O error; name another file\n`;
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [1, says]);
    assert.deepEqual([...Deno.readDirSync(machine.dir)].map(nameOf), ["data"]);
  },
});

Deno.test(
  "the data of an older Parley is brought forward by a start, and by nothing else",
  ofThisDeno,
  async () => {
    await using machine = await Machine.make();
    await machine.hasAccount("ann");
    await isOfSchema1(machine, 3);
    const says =
      `parley: The data in "${machine.dataDir}" is that of an older Parley (schema 1, this one has 2); ` +
      "start parley on it once, which brings it forward\n";
    for (const command of ["user list", "user add bob", "token issue ann"]) {
      const outcome = await machine.parley(command, { input: `${PASSWORD}\n` });
      assert.deepEqual(outcome, { code: 1, out: "", err: says }, command);
    }
    await machine.does(`backup ${machine.path("saved")}`); // this can be done before
    const server = await machine.serve();
    assert.match(server.output, /the data is of an older Parley and is brought forward/);
    const ann = await server.member(`/login ann ${PASSWORD}`);
    await ann.readsUntil("ann: text 0");
    await ann.readsInTurn("ann: text 1", "ann: text 2");
    await machine.does("user list");
    const [backup] = [...Deno.readDirSync(machine.path("data/backups"))].map(nameOf);
    for (const file of [machine.path("saved"), machine.path(`data/backups/${backup}`)]) {
      await using other = await Machine.make();
      assert.match(
        await other.does(`restore ${file}`),
        /^It is of an older Parley: the next start brings it forward\.$/m,
      );
      const again = await other.serve();
      await (await again.member(`/login ann ${PASSWORD}`)).readsUntil("ann: text 2");
    }
  },
);

Deno.test(
  "a start that is killed while it brings data forward is made good by the next",
  ofThisDeno,
  async () => {
    await using machine = await Machine.make();
    await machine.hasAccount("ann");
    await isOfSchema1(machine, 20_000);
    const killed = machine.launch([]);
    await killed.prints(/is brought forward/);
    killed.kill("SIGKILL");
    await killed.status;
    const server = await machine.serve();
    const ann = await server.member(`/login ann ${PASSWORD}`);
    await ann.readsUntil("ann: text 19999");
    server.kill("SIGKILL");
    await server.status;
    using kv = await Deno.openKv(machine.path("data/parley.db"));
    let number = 0;
    for await (const { value } of kv.list<string>({ prefix: ["message", "lobby"] }, { batchSize: 1_000 })) {
      const [found, , from, text] = JSON.parse(value);
      assert.deepEqual([found, from, text], [number + 1, "ann", `text ${number}`]);
      number++;
    }
    assert.equal(number, 20_000);
    assert.equal([...Deno.readDirSync(machine.path("data/backups"))].length, 1);
  },
);

function restored(version: string, counts: string): RegExp {
  const moment = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`;
  return new RegExp(
    `^Restored what Parley ${version.replaceAll(".", "\\.")} had on ${moment}: ${counts}\\.\n`,
  );
}

/** Makes it what a Parley of schema 1 has left, with so many messages of ann in the lobby. */
async function isOfSchema1(machine: Machine, messages: number): Promise<void> {
  using kv = await Deno.openKv(machine.path("data/parley.db"));
  await kv.set(["schema"], 1);
  for (let index = 0; index < messages;) {
    const operation = kv.atomic();
    for (const end = Math.min(index + 900, messages); index < end; index++) {
      const id = idAt(Date.now(), index);
      operation.set(["message", "lobby", id], JSON.stringify(["ann", `text ${index}`, false]));
    }
    await operation.commit();
  }
}

/** A ULID. */
function idAt(ms: number, index: number): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = "";
  for (let rest = ms; time.length < 10; rest = Math.floor(rest / 32)) time = digits[rest % 32]! + time;
  return time + String(index).padStart(16, "0");
}

function nameOf({ name }: { name: string }): string {
  return name;
}
