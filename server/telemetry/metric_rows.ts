import type { Buckets } from "./buckets.ts";
import type { Counts } from "./counts.ts";

/** All that metrics are made of, as it is when somebody asks. */
export interface Observed {
  readonly counts: Counts;
  /** How late the event loop was. */
  readonly lagMs: Buckets;
  readonly version: string;
  readonly startedAt: Date;
  readonly cpuSeconds: number;
  readonly memory: Pick<Deno.MemoryUsage, "rss" | "heapUsed">;
  readonly accounts: number;
  readonly guests: number;
  readonly rooms: number;
  readonly eventStreams: number;
  readonly waitingBytes: number;
  readonly waitingToBeIndexed: number;
  readonly waitingPasswords: number;
  readonly databaseBytes: number;
  readonly searchBytes: number;
  readonly certificateExpiresAt: Date;
  /** Of the last one that was opened and counted. */
  readonly backedUpAt: Date | undefined;
  readonly lockdowns: readonly { readonly mode: string; readonly inForce: boolean }[];
}

/** What stands for the labels of a row, in their order, and the value for these. */
export type Value<Kind = number> = readonly [words: readonly string[], value: Kind];

interface Row<Kind> {
  /** As Prometheus has it: with the unit, and `_total` of what only grows. It is what dashboards and alerts go by. */
  readonly name: string;
  readonly help: string;
  /** Each must have few values, which nobody outside can make more of. */
  readonly labels?: readonly string[];
  readonly read: (observed: Observed) => Iterable<Value<Kind>>;
}

interface ValueRow extends Row<number> {
  readonly type: "counter" | "gauge";
}

export interface HistogramRow extends Row<Buckets> {
  readonly type: "histogram";
  /** How many of what was counted make one of the unit in the name. */
  readonly perUnit?: number;
}

export type MetricRow = ValueRow | HistogramRow;

const MS_PER_SECOND = 1_000;

/** Who is here, and by what. */
const presence: readonly MetricRow[] = [
  {
    name: "parley_people",
    type: "gauge",
    help: "People who are present, each once.",
    labels: ["kind"],
    read: ({ accounts, guests }) => [[["account"], accounts], [["guest"], guests]],
  },
  {
    name: "parley_rooms",
    type: "gauge",
    help: "Rooms that there are.",
    read: ({ rooms }) => one(rooms),
  },
  {
    name: "parley_connections",
    type: "gauge",
    help: "Connections that are open by which people chat.",
    labels: ["transport"],
    read: ({ counts }) => doorsOf(counts).map(([name, { open }]) => [[name], open]),
  },
  {
    name: "parley_event_streams",
    type: "gauge",
    help: "Programs that are told over HTTP what happens.",
    read: ({ eventStreams }) => one(eventStreams),
  },
  {
    name: "parley_connections_opened_total",
    type: "counter",
    help: "Connections that were let in, their handshake done.",
    labels: ["transport"],
    read: ({ counts }) => doorsOf(counts).map(([name, { opened }]) => [[name], opened]),
  },
  {
    name: "parley_connections_refused_total",
    type: "counter",
    help: "Connections that were not let in, or not let be.",
    labels: ["transport", "reason"],
    read: ({ counts }) =>
      Object.entries(counts.doors).flatMap(([name, { refusals }]) =>
        Array.from(refusals, ([words, count]) => [[name.toLowerCase(), ...words], count] as const)
      ),
  },
];

/** What is said, and who gets it. */
const conversation: readonly MetricRow[] = [
  {
    name: "parley_messages_total",
    type: "counter",
    help: "Messages that were kept and told.",
    labels: ["kind"],
    read: ({ counts: { chat } }) => [[["room"], chat.messages], [["direct"], chat.directs]],
  },
  {
    name: "parley_deliveries_total",
    type: "counter",
    help: "Events handed to connections and event streams, each as often as there were readers.",
    read: ({ counts }) => one(counts.chat.deliveries),
  },
  {
    name: "parley_message_latency_seconds",
    type: "histogram",
    help: "From a line read to its message told.",
    perUnit: MS_PER_SECOND,
    read: ({ counts }) => one(counts.session.latencyMs),
  },
  {
    name: "parley_received_bytes_total",
    type: "counter",
    help: "Bytes that have come over connections by which people chat, after decryption.",
    read: ({ counts }) => one(counts.session.receivedBytes),
  },
  {
    name: "parley_sent_bytes_total",
    type: "counter",
    help: "Bytes written to connections and event streams, before encryption.",
    read: ({ counts }) => one(counts.post.writtenBytes),
  },
  {
    name: "parley_waiting_bytes",
    type: "gauge",
    help: "Bytes that wait to be written to all readers together.",
    read: ({ waitingBytes }) => one(waitingBytes),
  },
  {
    name: "parley_slow_readers_closed_total",
    type: "counter",
    help: "Readers that were closed because too much waited for them, or a write made no progress.",
    labels: ["reason"],
    read: ({ counts: { post } }) => [[["too_slow"], post.tooSlow], [["stalled"], post.stalled]],
  },
];

/** What is asked for, and what is refused. */
const requests: readonly MetricRow[] = [
  {
    name: "parley_commands_total",
    type: "counter",
    help: "Commands that were asked for, and types of JSON mode.",
    labels: ["command"],
    read: ({ counts }) => counts.session.commands,
  },
  {
    name: "parley_logins_total",
    type: "counter",
    help: "Attempts to come in.",
    labels: ["method", "outcome"],
    read: ({ counts }) => counts.people.logins,
  },
  {
    name: "parley_signups_total",
    type: "counter",
    help: "Attempts to make an account.",
    labels: ["outcome"],
    read: ({ counts }) => counts.people.signups,
  },
  {
    name: "parley_refusals_total",
    type: "counter",
    help: "Times that somebody was told no.",
    labels: ["code"],
    read: ({ counts }) => counts.people.refusals,
  },
  {
    name: "parley_http_requests_total",
    type: "counter",
    help: "Requests that were answered.",
    labels: ["method", "route", "status"],
    read: ({ counts }) => counts.http.requests,
  },
  {
    name: "parley_http_request_duration_seconds",
    type: "histogram",
    help: "From a request's headers to its answer, or the beginning of one that goes on.",
    labels: ["method", "route"],
    perUnit: MS_PER_SECOND,
    read: ({ counts }) => counts.http.durationsMs(),
  },
];

/** What is kept. */
const storage: readonly MetricRow[] = [
  {
    name: "parley_commit_duration_seconds",
    type: "histogram",
    help: "How long commits of the database took.",
    perUnit: MS_PER_SECOND,
    read: ({ counts }) => one(counts.database.commitMs),
  },
  {
    name: "parley_commit_messages",
    type: "histogram",
    help: "How many messages were committed together.",
    read: ({ counts }) => one(counts.database.groups),
  },
  {
    name: "parley_database_errors_total",
    type: "counter",
    help: "Commits and deletions that the database would not take.",
    read: ({ counts }) => one(counts.database.errors),
  },
  {
    name: "parley_database_bytes",
    type: "gauge",
    help: "Size of the database on the disk, its log included.",
    read: ({ databaseBytes }) => one(databaseBytes),
  },
  {
    name: "parley_search_index_bytes",
    type: "gauge",
    help: "Size of the search index on the disk, its log included.",
    read: ({ searchBytes }) => one(searchBytes),
  },
  {
    name: "parley_search_queue_messages",
    type: "gauge",
    help: "Messages that wait to be indexed.",
    read: ({ waitingToBeIndexed }) => one(waitingToBeIndexed),
  },
  {
    name: "parley_last_backup_timestamp_seconds",
    type: "gauge",
    help: "When the last backup was made that was opened and counted; 0 for never.",
    read: ({ backedUpAt }) => one(backedUpAt === undefined ? 0 : secondsOf(backedUpAt)),
  },
];

/** The server itself. */
const process: readonly MetricRow[] = [
  {
    name: "parley_build_info",
    type: "gauge",
    help: "Always 1; which version runs, and on what.",
    labels: ["version", "deno"],
    read: ({ version }) => [[[version, Deno.version.deno], 1]],
  },
  {
    name: "parley_event_loop_lag_seconds",
    type: "histogram",
    help: "How late the event loop was, five times a second.",
    perUnit: MS_PER_SECOND,
    read: ({ lagMs }) => one(lagMs),
  },
  {
    name: "parley_password_queue",
    type: "gauge",
    help: "Passwords that wait to be hashed, because every worker is busy.",
    read: ({ waitingPasswords }) => one(waitingPasswords),
  },
  {
    name: "parley_certificate_expiry_timestamp_seconds",
    type: "gauge",
    help: "When the certificate expires.",
    read: ({ certificateExpiresAt }) => one(secondsOf(certificateExpiresAt)),
  },
  {
    name: "parley_lockdown",
    type: "gauge",
    help: "1 while such a lockdown is in force.",
    labels: ["mode"],
    read: ({ lockdowns }) => lockdowns.map(({ mode, inForce }) => [[mode], Number(inForce)]),
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the server was started.",
    read: ({ startedAt }) => one(secondsOf(startedAt)),
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "CPU time of all threads, in user mode and in the system.",
    read: ({ cpuSeconds }) => one(cpuSeconds),
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory.",
    read: ({ memory }) => one(memory.rss),
  },
  {
    name: "process_heap_bytes",
    type: "gauge",
    help: "What is in use of the heap of the main thread.",
    read: ({ memory }) => one(memory.heapUsed),
  },
];

/** All metrics. */
export const rows: readonly MetricRow[] = [
  ...presence,
  ...conversation,
  ...requests,
  ...storage,
  ...process,
];

function one<Kind>(value: Kind): readonly Value<Kind>[] {
  return [[[], value]];
}

/** The doors by which people come in to chat. */
function doorsOf({ doors: { TLS, plain, WebSocket } }: Counts) {
  return Object.entries({ tls: TLS, plain, websocket: WebSocket });
}

function secondsOf(moment: Date): number {
  return moment.getTime() / MS_PER_SECOND;
}
