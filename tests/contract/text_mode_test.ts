import { startServer } from "../support/start_server.ts";

Deno.test("a private message is seen by its recipient alone", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  await ann.types(`/@ ${bob.name} hi`);
  await bob.reads(`Private message from ${ann.name}: hi`);
  await ann.reads(`Private message to ${bob.name}: hi`);
  await ann.types("done");
  await eve.reads(`${ann.name}: done`); // and nothing before it
  await bob.reads(`${ann.name}: done`);
});

Deno.test("what somebody says is there for those who come later, over a restart as well", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("remember this");
  await bob.reads(`${ann.name}: remember this`);
  const line = `${ann.name}: remember this`;
  await server.restart();
  const carl = await server.connect("tls");
  await carl.comesInAs("carl");
  await carl.reads(line);
});
