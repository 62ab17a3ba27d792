import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { restore } from "../../server/store/restore.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { deedsSeenBy, signedIn } from "../support/admin_calls.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

Deno.test("a backup is made while people chat, listed, told in the status, and can be restored from its download", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  for (let count = 0; count < 3; count++) await ann.types(`message ${count}`);
  for (let count = 0; count < 3; count++) await bob.reads(`ann: message ${count}`);
  const making = page.calls("/admin/api/backups", { method: "POST" });
  await ann.types("meanwhile");
  await bob.reads("ann: meanwhile");
  const { status, json: row } = await making;
  equal(status, 200);
  match(row.file, /^parley-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.sqlite$/);
  deepEqual((await page.calls("/admin/api/backups")).json, { backups: [row] });
  const { json: { last_backup: last } } = await page.calls("/admin/api/status");
  equal(last.file, row.file);
  ok(last.messages >= 3);

  const response = await server.http(`/admin/api/backups/${row.file}`, { headers: { cookie: page.cookie } });
  equal(response.status, 200);
  const { headers } = response;
  equal(headers.get("content-length"), String(row.bytes));
  equal(headers.get("content-disposition"), `attachment; filename="${row.file}"`);
  equal(headers.get("cache-control"), "no-store");
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  try {
    await Deno.writeFile(join(dir, "download"), new Uint8Array(await response.arrayBuffer()));
    await restore(join(dir, "download"), join(dir, "data"));
    await using records = await recordsIn(join(dir, "data"));
    ok(await records.accounts.findByHandle("ann") !== undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  deepEqual(await deedsSeenBy(page), [
    `root | download backup |  | ${row.file}`,
    "root | back up |  | ",
  ]);
});

Deno.test("one backup is made at a time", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const answers = await Promise.all([1, 2].map(() => page.calls("/admin/api/backups", { method: "POST" })));
  deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  equal((await page.calls("/admin/api/backups")).json.backups.length, 1);
  equal((await page.calls("/admin/api/backups", { method: "POST" })).status, 200);
});

Deno.test("no name leads out of the folder, nor to what is no backup", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await page.calls("/admin/api/backups", { method: "POST" });
  const folder = join(server.dataDir, "backups");
  await Deno.writeTextFile(join(folder, "notes.txt"), "secret");
  await Deno.writeTextFile(join(folder, "x.sqlite.1a2b3c4d.unfinished"), "secret");
  await Deno.mkdir(join(folder, "folder.sqlite"));
  await Deno.symlink(join(server.dataDir, "key.pem"), join(folder, "link.sqlite"));
  for (
    const file of [
      "..%2fparley.db",
      "..%2f..%2fetc%2fpasswd",
      "%2e%2e%2fkey.pem",
      "..%5cparley.db",
      "%2fetc%2fpasswd",
      "notes.txt",
      "x.sqlite.1a2b3c4d.unfinished",
      "folder.sqlite",
      "link.sqlite",
      ".sqlite",
      "missing.sqlite",
      "parley.sqlite%00",
      "x".repeat(300) + ".sqlite",
    ]
  ) {
    const { status, text } = await page.calls(`/admin/api/backups/${file}`);
    equal(status, 404, file);
    ok(!text.includes("secret") && !text.includes(server.dataDir), text);
  }
  equal((await page.calls("/admin/api/backups")).json.backups.length, 1);
  deepEqual((await deedsSeenBy(page)).filter((deed) => deed.includes("download")), []);
});

Deno.test("a backup that cannot be made is refused without a word about the machine, and leaves nothing", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const folder = join(server.dataDir, "backups");
  await Deno.writeTextFile(folder, "in the way");
  const { status, json } = await page.calls("/admin/api/backups", { method: "POST" });
  deepEqual([status, json.message], [500, "The backup could not be made; the server's log says why."]);
  ok(server.logged.some((line) => line.includes("a backup could not be made")));
  await Deno.remove(folder);
  equal((await page.calls("/admin/api/backups", { method: "POST" })).status, 200);
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  equal(left.length, 1);
});

Deno.test("a server that stops while a backup is made stops in time, and the next backup clears up", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  using directory = await DataDirectory.find(server.dataDir);
  const unfinished = join(
    directory.path,
    "backups",
    "parley-2026-02-03T04-05-06.789Z.sqlite.1a2b3c4d.unfinished",
  );
  await Deno.mkdir(join(directory.path, "backups"));
  await Deno.writeTextFile(unfinished, "half of it");
  equal((await page.calls("/admin/api/backups", { method: "POST" })).status, 200);
  deepEqual((await Array.fromAsync(Deno.readDir(join(directory.path, "backups")))).length, 1);
  const making = page.calls("/admin/api/backups", { method: "POST" }).catch(() => {});
  await server.restart();
  await making;
  const again = await signedIn(server, { name: "ann" });
  equal((await again.calls("/admin/api/backups", { method: "POST" })).status, 200);
  for (const { file } of (await again.calls("/admin/api/backups")).json.backups) {
    ok(file.endsWith("Z.sqlite"));
  }
});
