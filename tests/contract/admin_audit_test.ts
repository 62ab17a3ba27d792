import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { KvAuditTrail } from "../../server/store/audit.ts";
import { signedIn } from "../support/admin_calls.ts";
import { requestOf } from "../support/api.ts";
import type { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

Deno.test("deeds are listed newest first with who, from where and why, and page by page", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (let host = 1; host <= 5; host++) {
    const json = { kind: "ban", target: `192.0.2.${host}`, reason: "flood" };
    await page.calls("/admin/api/bans", { json });
  }
  const { json: first } = await page.calls("/admin/api/audit?limit=3");
  const [newest] = first.entries;
  deepEqual([newest.who, newest.what, newest.whom, newest.why, newest.from], [
    "root",
    "ban",
    "192.0.2.5/32",
    "flood",
    "127.0.0.1",
  ]);
  ok(Date.parse(newest.at) > Date.now() - 60_000);
  deepEqual([first.entries.length, first.more, first.next], [3, true, first.entries[2].id]);
  const { json: rest } = await page.calls(`/admin/api/audit?limit=3&before=${first.next}`);
  deepEqual([rest.entries.length, rest.more, rest.next], [2, false, null]);
});

Deno.test("deeds are found by who, what and any text in them", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await hasDeeds(server, [["mo", "ban", "ann", "spam"], ["root", "role", "mo", "admin"], [
    "Mo",
    "kick",
    "bob",
    "",
  ]]);
  const whoms = async (query: string) => {
    const { json } = await page.calls(`/admin/api/audit?${query}`);
    return json.entries.map(({ whom }: { whom: string }) => whom).join(" ");
  };
  deepEqual(await whoms("who=mo"), "bob ann");
  deepEqual(await whoms("what=role"), "mo");
  deepEqual(await whoms("search=SPAM"), "ann");
  deepEqual(await whoms("who=mo&what=kick"), "bob");
  deepEqual(await whoms("search=nothing"), "");
  for (const query of ["limit=-1", `search=${"x".repeat(201)}`, `before=${"x".repeat(201)}`]) {
    equal((await page.calls(`/admin/api/audit?${query}`)).status, 400, query);
  }
});

Deno.test("all that was done comes as a table that no spreadsheet runs, or as JSON, an object a line", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const deeds = [["mo", "ban", "ann", '=HYPERLINK("http://evil")'], [
    "mo",
    "kick",
    "@bob",
    'said "hi", twice',
  ]];
  await hasDeeds(server, deeds);
  const csv = await download(page, server, "/admin/api/audit/export?format=csv");
  equal(csv.type, "text/csv; charset=utf-8");
  equal(csv.disposition, 'attachment; filename="parley-audit.csv"');
  const [head, newest, oldest, end] = csv.text.split("\r\n");
  equal(head, '"id","at","who","what","whom","why","from"');
  match(newest!, /^"[0-9A-Z]{26}","[^"]+Z","mo","kick","'@bob","said ""hi"", twice","192\.0\.2\.7"$/);
  match(oldest!, /"mo","ban","ann","'=HYPERLINK\(""http:\/\/evil""\)"/);
  equal(end, "");

  const jsonl = await download(page, server, "/admin/api/audit/export?format=jsonl&what=ban");
  equal(jsonl.type, "application/jsonl; charset=utf-8");
  const objects = jsonl.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  deepEqual(objects.map(({ whom, why }) => [whom, why]), [["ann", '=HYPERLINK("http://evil")']]);
  equal((await page.calls("/admin/api/audit/export?format=pdf")).status, 400);
  equal((await page.calls("/admin/api/audit/export")).status, 400);
});

Deno.test("a long trail comes whole, and one that is not read to its end leaves nothing behind", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const count = 1_234;
  await hasDeeds(
    server,
    Array.from({ length: count }, (_, index) => ["mo", "ban", `guest${index}`, "x".repeat(200)]),
  );
  const { text } = await download(page, server, "/admin/api/audit/export?format=jsonl");
  const whoms = text.trimEnd().split("\n").map((line) => JSON.parse(line).whom);
  deepEqual(whoms, Array.from({ length: count }, (_, index) => `guest${count - 1 - index}`));
  const headers = { cookie: page.cookie };
  const broken = await server.http("/admin/api/audit/export?format=csv", { headers });
  await broken.body!.cancel();
  const head = await server.http("/admin/api/audit/export?format=csv", { method: "HEAD", headers });
  deepEqual([head.status, await head.text()], [200, ""]);
});

async function hasDeeds(server: TestServer, deeds: readonly (readonly string[])[]): Promise<void> {
  await using records = await recordsIn(server.dataDir);
  const audit = await KvAuditTrail.open(records.database);
  for (const [who = "", what = "", whom = "", why = ""] of deeds) {
    await audit.add({ who, what, whom, why, from: "192.0.2.7" });
  }
}

async function download(page: PageOf, server: TestServer, path: string) {
  const response = await server.http(path, requestOf({ headers: { cookie: page.cookie } }));
  equal(response.status, 200);
  const { headers } = response;
  return {
    type: headers.get("content-type"),
    disposition: headers.get("content-disposition"),
    text: await response.text(),
  };
}
