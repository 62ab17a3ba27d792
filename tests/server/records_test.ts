import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { openRecords } from "../../server/records.ts";
import { notStored } from "../../server/refusals.ts";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { KvMessageLog } from "../../server/store/messages.ts";
import { Counts } from "../../server/telemetry/counts.ts";
import { Log } from "../../server/telemetry/log.ts";
import { messageOf } from "../suites/message_log.ts";

Deno.test("commits are counted with how long they took, what they hold, and whether they failed", async () => {
  await using scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  const logged: string[] = [];
  const log = new Log("text", (bytes) => {
    logged.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  });
  const directory = scope.use(await DataDirectory.open(dir));
  const counts = new Counts();
  const { database } = scope.use(await openRecords(directory, log, { counts }));
  const { commitMs, groups } = counts.database;
  const before = commits();

  await database.commit((operation) => operation.set(["x"], 1));
  deepEqual([commits() - before, counts.database.errors], [1, 0]);
  ok(commitMs.sum > 0);
  await rejects(database.commit((operation) => operation.set(["x"], "x".repeat(70_000))), notStored());
  deepEqual([commits() - before, counts.database.errors], [1, 1]);
  equal(logged.length, 1);

  const messages = new KvMessageLog(database, counts.database);
  await messages.append(messageOf("1"));
  await Promise.all(["2", "3", "4"].map((id) => messages.append(messageOf(id))));
  deepEqual([commits() - before, groups.sum], [3, 4]);

  function commits(): number {
    return commitMs.counts.reduce((sum, count) => sum + count, 0);
  }
});
