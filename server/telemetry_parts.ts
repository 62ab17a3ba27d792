import process from "node:process";
import type { Certificate } from "./certificates/certificate.ts";
import { LOCKDOWN_MODES } from "./chat/lockdown.ts";
import type { Chat } from "./chat_parts.ts";
import type { Doors } from "./doors.ts";
import type { EventStreams } from "./http/event_streams.ts";
import type { Records } from "./records.ts";
import { lastBackup } from "./store/backup.ts";
import type { Counts } from "./telemetry/counts.ts";
import { bytesOf } from "./telemetry/disk_use.ts";
import { LoopLag } from "./telemetry/loop_lag.ts";
import type { Observed } from "./telemetry/metric_rows.ts";
import { Metrics } from "./telemetry/metrics.ts";
import { Samples } from "./telemetry/samples.ts";
import type { PostOffice } from "./transport/outbox.ts";
import { VERSION } from "./version.ts";

/** What tells how the server is doing. */
export interface Telemetry extends AsyncDisposable {
  readonly samples: Samples;
  readonly metrics: Metrics;
}

/** What is looked at, beside the counts. */
interface Watched extends Pick<Records, "directory" | "passwords">, Pick<Chat, "hub" | "search"> {
  readonly post: PostOffice;
  readonly doors: Pick<Doors, "waitingBytes">;
  readonly streams: EventStreams;
  readonly certificate: () => Certificate;
}

/** Begins to look at how the server is doing. */
export async function openTelemetry(counts: Counts, watched: Watched): Promise<Telemetry> {
  await using opening = new AsyncDisposableStack();
  const { directory, hub } = watched;
  const startedAt = new Date();
  const lag = opening.use(new LoopLag());
  const samples = opening.use(
    await Samples.begin({
      standing: () => ({
        people: hub.roster.size,
        connections: counts.connections,
        messages: counts.chat.messages + counts.chat.directs,
        deliveries: counts.chat.deliveries,
      }),
      latencyMs: counts.session.latencyMs,
      lag,
      databaseBytes: () => bytesOf(directory.database),
    }),
  );
  const metrics = new Metrics(() => observe(counts, { ...watched, lag, startedAt }));
  const opened = opening.move();
  return { samples, metrics, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function observe(
  counts: Counts,
  { directory, passwords, hub, search, post, doors, streams, certificate, lag, startedAt }:
    & Watched
    & { lag: LoopLag; startedAt: Date },
): Promise<Observed> {
  const { user, system } = process.cpuUsage();
  const people = [...hub.roster.members];
  const guests = people.filter(({ guest }) => guest).length;
  return {
    counts,
    lagMs: lag.lateMs,
    version: VERSION,
    startedAt,
    cpuSeconds: (user + system) / 1_000_000,
    memory: Deno.memoryUsage(),
    accounts: people.length - guests,
    guests,
    rooms: hub.rooms.size,
    eventStreams: streams.size,
    waitingBytes: post.waitingBytes + doors.waitingBytes,
    waitingToBeIndexed: search.waiting,
    waitingPasswords: passwords.waiting,
    databaseBytes: await bytesOf(directory.database),
    searchBytes: await bytesOf(directory.search),
    certificateExpiresAt: certificate().expiresAt,
    backedUpAt: (await lastBackup(directory))?.at,
    lockdowns: LOCKDOWN_MODES.map((mode) => ({ mode, inForce: hub.moderation.lockdown?.mode === mode })),
  };
}
