import { strict as assert } from "node:assert";
import { call } from "../support/api.ts";
import { startServer } from "../support/start_server.ts";

Deno.test("anybody may read what can be typed behind a /, in the order of /help", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  const { status, json } = await call(server, "/commands");
  assert.equal(status, 200);
  const shown: { name: string; usage: string; role: string; help: string }[] = json.commands;
  await ann.types("/help");
  const help = await ann.readsUpTo("/help <command> explains one.");
  const listed = Array.from(help.matchAll(/^ {2}\/(\S+)/gm), ([, name]) => name);
  assert.deepEqual(
    shown.filter(({ role }) => role === "guest").map(({ name }) => name).toSorted(),
    listed.toSorted(),
  );
  const direct = json.commands.find(({ name }: { name: string }) => name === "@");
  assert.deepEqual(direct, {
    name: "@",
    aliases: ["msg"],
    usage: "<name> <message>",
    help: "Writes to one person; an account that is away gets it on return.",
    group: "Talking",
    role: "guest",
    text_only: false,
  });
  const textOnly = json.commands.filter((command: { text_only: boolean }) => command.text_only);
  assert.deepEqual(textOnly.map(({ name }: { name: string }) => name), [
    "timestamps",
    "color",
    "ids",
    "json",
    "command",
    "signup",
    "password",
    "mfa",
    "delete",
  ]);
});
