import { strict as assert } from "node:assert";

Deno.test("the README shows what parley help says", async () => {
  const main = new URL("../main.ts", import.meta.url).pathname;
  const help = await new Deno.Command(Deno.execPath(), { args: ["run", "--allow-all", main, "help"] })
    .output();
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  assert.ok(readme.includes(new TextDecoder().decode(help.stdout).trim()));
});
