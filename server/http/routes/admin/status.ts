import { z } from "zod";
import { HISTORY_EVERY_SECONDS } from "../../../telemetry/samples.ts";
import type { Sample, Samples, Status } from "../../../wire/admin_types.ts";
import { memberRoute } from "../../route.ts";
import { count, moment, shapeOf } from "../../shapes.ts";
import { lockdownInfo } from "./lockdown.ts";

const sample = shapeOf<Sample>("Sample", {
  at: moment,
  people: count.describe("Present: accounts and guests, each once."),
  connections: count,
  messages_per_second: z.number(),
  deliveries_per_second: z.number(),
  p99_ms: z.number().describe(
    "From a line read to its message told, 99th percentile; 0 where nothing was said.",
  ),
  cpu: z.number().describe("Share of one core, 1 for all of it."),
  memory_bytes: count.describe("Resident."),
  loop_lag_ms: z.number().describe("How late the event loop was at worst."),
  database_bytes: count,
});

const status = shapeOf<Status>("Status", {
  type: z.literal("status"),
  at: moment,
  version: z.string(),
  started_at: moment,
  listeners: z.array(shapeOf<Status["listeners"][number]>("Listener", {
    name: z.enum(["tls", "plain", "https", "http"]),
    address: z.string(),
  })),
  certificate: shapeOf<Status["certificate"]>("Certificate", {
    subject: z.string(),
    fingerprint: z.string().describe("SHA-256: `AB:CD:…`."),
    expires_at: moment,
    days_left: z.int(),
    self_signed: z.boolean(),
  }),
  last_backup: shapeOf<NonNullable<Status["last_backup"]>>("LastBackup", {
    at: moment,
    file: z.string(),
    messages: count,
  }).nullable().describe("The last one that was opened and counted."),
  lockdown: lockdownInfo.nullable(),
  now: sample,
});

export const show = memberRoute({
  method: "GET",
  path: "/admin/api/status",
  scope: "admin",
  role: "admin",
  summary: "How the server is doing just now.",
  answers: status,
  run: async ({ parts }) => ({ ...await parts.admin.status() }),
});

export const history = memberRoute({
  method: "GET",
  path: "/admin/api/samples",
  scope: "admin",
  role: "admin",
  summary: "How the server was doing within the last hour, oldest first.",
  answers: shapeOf<Samples>("Samples", { every_seconds: z.number(), samples: z.array(sample) }),
  run: ({ parts }) => ({ every_seconds: HISTORY_EVERY_SECONDS, samples: parts.samples.history }),
});
