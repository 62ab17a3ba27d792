/**
 * What a line costs on its way through Parley, step by step, without sockets: `deno task bench:line`.
 *
 * The group "a line to 300 readers" is the hot path; compare its figures within one run only.
 */
import { Hub } from "../server/chat/hub.ts";
import type { Listener } from "../server/chat/member.ts";
import { Moderation } from "../server/chat/moderation.ts";
import { LocalBus } from "../server/cluster/local_bus.ts";
import { Database } from "../server/store/kv.ts";
import { KvMessageLog } from "../server/store/messages.ts";
import { Framing } from "../server/transport/framing.ts";
import { Outbox, PostOffice } from "../server/transport/outbox.ts";
import { readLine } from "../server/wire/text_input.ts";
import { TextOutput } from "../server/wire/text_output.ts";
import { PLAIN_VIEW } from "../server/wire/view.ts";
import { MemoryAudit } from "../tests/support/memory_audit.ts";
import { MemoryBans } from "../tests/support/memory_bans.ts";
import { MemoryLockdowns } from "../tests/support/memory_lockdowns.ts";
import { MemoryLog } from "../tests/support/memory_log.ts";
import { MemoryPlaces } from "../tests/support/memory_places.ts";
import { MemoryRooms } from "../tests/support/memory_rooms.ts";
import { MemorySearch } from "../tests/support/memory_search.ts";

const READERS = 300;
const TEXT = "the quick brown fox jumps over the lazy dog, and a bit on top 1";
const line = new TextEncoder().encode(TEXT + "\n");

Deno.bench("cut a line", { group: "a line in" }, () => {
  new Framing(() => 4096).push(line);
});

Deno.bench("understand a line", { group: "a line in" }, () => {
  readLine(TEXT);
});

const limits = { outboxBytes: 262_144, outboxTotalBytes: 268_435_456, stallMs: 30_000 };

/** A hub with so many guests, whose lines end in sinks that take everything at once. */
async function fullHub(post: PostOffice): Promise<Hub> {
  const moderation = await Moderation.open({
    bans: new MemoryBans(),
    audit: new MemoryAudit(),
    lockdowns: new MemoryLockdowns(),
  });
  const hub = await Hub.open({
    bus: new LocalBus(),
    log: new MemoryLog(),
    rooms: new MemoryRooms(),
    places: new MemoryPlaces(),
    search: new MemorySearch(),
    counts: { messages: 0, directs: 0, deliveries: 0 },
    moderation,
    directory: { findByName: () => Promise.resolve(undefined) },
    failed: () => {},
  });
  const output = new TextOutput();
  for (let index = 0; index < READERS; index++) {
    const name = `reader${index}`;
    const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
    const outbox = new Outbox(post, { sink, gaveUp: () => {} });
    const listener: Listener = {
      id: name,
      address: "192.0.2.1",
      how: "TLS",
      account: undefined,
      token: undefined,
      echoesDirects: true,
      hears: true,
      deliver: (event) => outbox.push(output.render(event, PLAIN_VIEW, { key: name, looksAt: "lobby" })!),
      end: () => {},
    };
    hub.enter({ name, role: "guest", account: undefined, ignored: [], address: listener.address }, listener);
  }
  return hub;
}

Deno.bench("say, tell, render, queue and write", { group: `a line to ${READERS} readers` }, async (bench) => {
  using post = new PostOffice(limits);
  using hub = await fullHub(post);
  const speaker = hub.roster.find("reader0")!;
  bench.start();
  for (let index = 0; index < 50; index++) {
    await hub.lobby.say(speaker, { text: TEXT, action: false, origin: "reader0" });
  }
  bench.end();
});

for (const together of [1, 10, 100]) {
  Deno.bench(`keep ${together} at once`, { group: "kept on disk" }, async (bench) => {
    const dir = await Deno.makeTempDir();
    {
      await using database = await Database.open(`${dir}/bench.db`, () => {});
      const log = new KvMessageLog(database);
      const at = new Date();
      bench.start();
      await Promise.all(Array.from({ length: together }, (_, index) => {
        const id = `01J0000000${String(index).padStart(16, "0")}`;
        const said = { room: "lobby", from: "ann", author: undefined, text: TEXT, action: false };
        return log.append({ type: "message", id, number: index, at, ...said });
      }));
      bench.end();
    }
    await Deno.remove(dir, { recursive: true });
  });
}
