import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { backUp } from "../../server/store/backup.ts";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { call } from "../support/api.ts";
import { EventReader } from "../support/event_reader.ts";
import { eventually } from "../support/eventually.ts";
import { JsonClient } from "../support/json_client.ts";
import { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { scrape } from "../support/scrape.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { WebSocketLines } from "../support/web_socket_lines.ts";

const FORWARDED: Record<string, string>[] = [
  { "x-forwarded-for": "203.0.113.7" },
  { "x-forwarded-host": "chat.example" },
  { "x-forwarded-proto": "https" },
  { "x-real-ip": "203.0.113.7" },
  { forwarded: "for=203.0.113.7" },
  { via: "1.1 proxy.example" },
];

Deno.test("programs on the machine itself get the metrics without a token, but not what comes through a proxy", async () => {
  await using server = await startServer();
  equal((await call(server, "/metrics")).status, 200);
  equal((await call(server, "/metrics", { method: "HEAD" })).status, 200);
  for (const headers of FORWARDED) {
    const { status, json } = await call(server, "/metrics", { headers });
    deepEqual([status, typeof json.message], [401, "string"], JSON.stringify(headers));
  }
});

Deno.test("over HTTPS only what calls the server by a name of the machine itself needs no token", async () => {
  await using server = await startServer();
  const { port } = server.parley.addresses.https!;
  const caCerts = [server.parley.certificate.certPem];
  for (const [host, status] of [["localhost", 200], ["127.0.0.1", 200], ["evil.example", 401]] as const) {
    const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts });
    const person = server.welcomes(conn);
    await person.sends(`GET /metrics HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`);
    equal(Number((await person.readsToTheEnd()).split(" ")[1]), status, host);
  }
});

Deno.test("from elsewhere admins alone get the metrics, by a token for administering or in their browser", async () => {
  await using server = await startServer("--logins-per-minute=off");
  for (const name of ["root1", "mona", "ann"]) await server.hasAccount(name);
  await server.hasRole("root1", "admin");
  await server.hasRole("mona", "moderator");
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const asks = async (token: string) => (await call(server, "/metrics", { token, headers })).status;
  const chatting = await server.tokenOf("root1");
  const page = new PageOf(server);
  await page.signsIn("root1");
  const { json: issued } = await page.calls("/me/tokens", { json: { scope: "admin" } });
  equal(await asks(issued.token), 200);
  equal(await asks(chatting), 403, "a token for chatting");
  for (const name of ["mona", "ann"]) equal(await asks(await server.tokenOf(name)), 403, name);
  equal(await asks("nonsense"), 401);
  equal((await page.calls("/metrics", { headers })).status, 200);
  const other = new PageOf(server);
  await other.signsIn("ann");
  equal((await other.calls("/metrics", { headers })).status, 403);
});

Deno.test("people, connections and what is said are counted", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.guests("ann", "bob"); // over TLS and in the clear
  const [carl] = await server.members("carl");
  await using dora = await webClient(server, "dora");
  await using _stream = await EventReader.open(server, { token: await server.tokenOf("carl") });
  for (const person of [ann, bob, carl!]) await person.readsUntil(`${dora.name} has joined the chat.`);
  const before = await scrape(server);
  deepEqual(before.of("parley_people"), { '{kind="account"}': 1, '{kind="guest"}': 3 });
  deepEqual(before.of("parley_connections"), {
    '{transport="tls"}': 1,
    '{transport="plain"}': 2,
    '{transport="websocket"}': 1,
  });
  equal(before.value("parley_event_streams"), 1);
  equal(before.value("parley_rooms"), 1);

  await ann.types("hello"); // to bob, carl, dora and the stream
  await bob.reads(`${ann.name}: hello`);
  await ann.types(`/@ ${bob.name} psst`); // to bob, and back to ann
  await bob.reads(`Private message from ${ann.name}: psst`);
  await bob.leaves(); // which ann, carl, dora and the stream are told
  await ann.readsUntil(`${bob.name} has left the chat.`);
  const after = await scrape(server);
  const risen = (sample: string) => after.value(sample) - before.value(sample);
  equal(risen('parley_messages_total{kind="room"}'), 1);
  equal(risen('parley_messages_total{kind="direct"}'), 1);
  equal(risen("parley_deliveries_total"), 10);
  equal(risen("parley_message_latency_seconds_count"), 2);
  const seconds = risen("parley_message_latency_seconds_sum");
  ok(seconds > 0.0001 && seconds < 5, `${seconds} s`);
  equal(after.value('parley_message_latency_seconds_bucket{le="+Inf"}'), 2);
  const typed = `hello\n/@ ${bob.name} psst\n.exit\n`;
  equal(risen("parley_received_bytes_total"), typed.length);
  ok(risen("parley_sent_bytes_total") > 100, "and it was written");
  equal(risen("parley_commit_messages_count"), 2);
  equal(risen("parley_commit_messages_sum"), 2);
  ok(risen("parley_commit_duration_seconds_count") >= 2);
  await bob.vanishes();
  const open = async () => (await scrape(server)).value('parley_connections{transport="plain"}');
  await eventually("he is seen off", async () => await open() === 1);
  equal(after.value('parley_connections_opened_total{transport="plain"}'), 2);
  equal(after.value('parley_people{kind="guest"}'), 2);
});

Deno.test("a message sent over HTTP is counted, its way from a line is not measured", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  equal((await call(server, "/rooms/lobby/messages", { token, json: { text: "hi" } })).status, 200);
  const metrics = await scrape(server);
  equal(metrics.value('parley_messages_total{kind="room"}'), 1);
  equal(metrics.value("parley_message_latency_seconds_count"), 0);
});

Deno.test("commands, log-ins, sign-ups and refusals are counted by names that nobody can make up", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await server.signsUp({ username: "ann", name: "ann" }).catch(() => {}); // there is one
  await server.tokenOf("ann", "wrong horse").catch(() => {});
  const ann = await server.member("ann");
  await ann.types("/who");
  await ann.types("/names");
  await ann.types("/nonsense");
  await ann.types("/r hi");
  await ann.readsUntil("Nobody has written to you yet.");
  const bob = await server.connect();
  await bob.readsUpTo("Enter your username: ");
  await bob.types("/token a.b.c");
  await bob.reads("This token is not valid.");
  await bob.comesInAs("bob");
  const metrics = await scrape(server);
  deepEqual(metrics.of("parley_commands_total"), { '{command="u"}': 2, '{command="r"}': 1 });
  deepEqual(metrics.of("parley_logins_total"), {
    '{method="password",outcome="refused"}': 1,
    '{method="password",outcome="accepted"}': 1,
    '{method="token",outcome="refused"}': 1,
    '{method="guest",outcome="accepted"}': 1,
  });
  deepEqual(metrics.of("parley_signups_total"), { '{outcome="accepted"}': 1, '{outcome="refused"}': 1 });
  deepEqual(metrics.of("parley_refusals_total"), {
    '{code="defect"}': 0,
    '{code="user_exists"}': 1,
    '{code="wrong_credentials"}': 1,
    '{code="unknown_command"}': 1,
    '{code="nobody_wrote"}': 1,
    '{code="token_not_valid"}': 1,
  });
});

Deno.test("requests are counted by the row that answers them, whatever is asked for", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  for (const room of ["lobby", "x", "y"]) await call(server, `/rooms/${room}/messages`, { token });
  for (const path of ["/nothing", "/nothing/at/all", "/%00"]) await call(server, path);
  await call(server, "/healthz", { method: "BREW" });
  await call(server, "/healthz");
  const metrics = await scrape(server);
  deepEqual(metrics.of("parley_http_requests_total"), {
    '{method="POST",route="/signup",status="2xx"}': 1,
    '{method="POST",route="/login",status="2xx"}': 1,
    '{method="GET",route="/rooms/:room/messages",status="2xx"}': 1,
    '{method="GET",route="/rooms/:room/messages",status="4xx"}': 2,
    '{method="other",route="other",status="4xx"}': 4,
    '{method="GET",route="/healthz",status="2xx"}': 1,
  });
  const labels = 'method="GET",route="/rooms/:room/messages"';
  equal(metrics.value(`parley_http_request_duration_seconds_count{${labels}}`), 3);
  equal(metrics.value(`parley_http_request_duration_seconds_bucket{le="+Inf",${labels}}`), 3);
});

Deno.test("connections that are not let in are counted with why", async () => {
  await using server = await startServer("--max-connections=2");
  const [ann] = await server.guests("ann");
  const { hostname, port } = server.parley.addresses.tls!;
  const stranger = server.welcomes(await Deno.connect({ hostname, port }));
  await stranger.sends("GET / HTTP/1.1\r\n\r\n"); // where a handshake is expected
  await stranger.readsToTheEnd();
  await eventually("the place is free again", async () => {
    const next = await server.connect();
    const greeted = (await next.readsSome()).startsWith("Welcome");
    if (!greeted) await next.vanishes();
    return greeted;
  });
  const full = await server.connect();
  await full.reads("Server is full.");
  const refused = (await scrape(server)).of("parley_connections_refused_total");
  equal(refused['{transport="tls",reason="handshake"}'], 1);
  ok(refused['{transport="plain",reason="server_full"}']! >= 1);
  await ann.vanishes();
});

Deno.test("readers that are too slow are counted, and what waits for them is measured", async () => {
  await using server = await startServer(...UNLIMITED, "--line-bytes=16000", "--outbox-bytes=64KiB");
  const [, talker] = await server.guests("slow", "talker");
  let most = 0;
  await eventually("the slow one is closed", async () => {
    for (let count = 0; count < 4; count++) await talker.types("x".repeat(15_900));
    const metrics = await scrape(server);
    most = Math.max(most, metrics.value("parley_waiting_bytes"));
    return metrics.value('parley_slow_readers_closed_total{reason="too_slow"}') === 1;
  });
  ok(most > 65_536, `${most} bytes`);
});

Deno.test("the certificate, the last backup, a lockdown and the sizes on the disk are told", async () => {
  await using server = await startServer();
  const before = await scrape(server);
  equal(
    before.value("parley_certificate_expiry_timestamp_seconds"),
    server.parley.certificate.expiresAt.getTime() / 1_000,
  );
  equal(before.value("parley_last_backup_timestamp_seconds"), 0);
  deepEqual(Object.values(before.of("parley_lockdown")), [0, 0, 0, 0]);
  ok(before.value("parley_database_bytes") > 10_000);
  equal(before.of("parley_build_info")[`{version="0.1.0",deno="${Deno.version.deno}"}`], 1);
  ok(Math.abs(before.value("process_start_time_seconds") - Date.now() / 1_000) < 60);
  ok(before.value("process_cpu_seconds_total") > 0);

  const admin = await server.admin("root1");
  await admin.types("/lockdown 30 no-guests");
  await admin.readsUntil(/^Announcement: /);
  const at = new Date("2026-01-02T03:04:05Z");
  await backUp(await DataDirectory.find(server.dataDir), join(server.dataDir, "backup"), { at });
  const after = await scrape(server);
  equal(after.value('parley_lockdown{mode="no-guests"}'), 1);
  equal(after.value('parley_lockdown{mode="read-only"}'), 0);
  equal(after.value("parley_last_backup_timestamp_seconds"), at.getTime() / 1_000);
});

Deno.test("samples tell of the same people, connections and messages", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("hello");
  await bob.reads(`${ann.name}: hello`);
  const { samples } = server.parley;
  await eventually("it is sampled", () => samples.latest.p99_ms > 0);
  const { people, connections, p99_ms, memory_bytes, database_bytes } = samples.latest;
  deepEqual([people, connections], [2, 2]);
  ok(p99_ms < 5_000 && memory_bytes > 10_000_000 && database_bytes > 10_000);
});

/** A guest over a WebSocket. */
async function webClient(server: TestServer, name: string): Promise<JsonClient> {
  const { port } = server.parley.addresses.http!;
  const socket = await WebSocketLines.open(`ws://127.0.0.1:${port}/ws`);
  return await JsonClient.enter(socket, { type: "guest", name });
}
