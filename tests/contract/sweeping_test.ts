import { strict as assert } from "node:assert";
import { Tokens } from "../../server/accounts/tokens.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { KvTokenStore } from "../../server/store/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { Machine } from "../support/run_parley.ts";

Deno.test("a token that expired long ago is not shown any more, and is deleted soon after a start", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  await using records = await recordsIn(machine.dataDir);
  const { id } = (await records.accounts.findByHandle("ann"))!;
  const longAgo = () => Date.now() - 100 * 86_400_000;
  const tokens = await Tokens.open(new KvTokenStore(records.database, records.changes), longAgo);
  for (const days of [30, 69]) await tokens.issue(id, { days, label: "gone" });
  const { record } = await tokens.issue(id, { days: 71, label: "late" });
  const keys = () => Array.fromAsync(records.database.kv.list({ prefix: ["token"] }), ({ key }) => key[1]);
  assert.equal((await keys()).length, 3);
  const listed = await machine.does("token list ann");
  assert.match(listed, / late .* expired /);
  assert.ok(!listed.includes("gone"), listed);

  await machine.serve();
  await eventually("it is deleted", async () => (await keys()).length === 1);
  assert.deepEqual(await keys(), [record.id]);
  assert.equal(await machine.does("token list ann"), listed);
});
