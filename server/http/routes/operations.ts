import { z } from "zod";
import { isLoopback } from "../../accounts/address.ts";
import { notStored } from "../../refusals.ts";
import { VERSION } from "../../version.ts";
import type { ServerInfo } from "../../wire/web_types.ts";
import { type JsonRoute, openRoute } from "../route.ts";
import { serverInfo } from "../shapes.ts";
import { isFromThisMachine } from "../this_machine.ts";

/** Of certificates. */
const PEM = "application/x-pem-file";

/** Of metrics, as Prometheus tells its format. */
const METRICS = "text/plain; version=0.0.4; charset=utf-8";

export const health = openRoute({
  method: "GET",
  path: "/healthz",
  answersBanned: true,
  summary: "Whether the server works, its database included.",
  answers: z.object({ status: z.literal("ok"), version: z.string() }),
  refuses: [notStored()],
  words: { not_stored: { status: 503, message: "Nothing can be stored: is the disk full?" } },
  async run({ parts }) {
    await parts.probe();
    return { status: "ok", version: VERSION };
  },
});

export const certificate = openRoute({
  method: "GET",
  path: "/cert.pem",
  answersBanned: true,
  summary: "The certificate of the TLS and HTTPS listeners.",
  answers: { type: PEM },
  run: ({ parts }) => new Response(parts.certificate().certPem, { headers: { "content-type": PEM } }),
});

export const server = openRoute({
  method: "GET",
  path: "/server",
  answersBanned: true,
  summary: "What anybody may know of the server before saying who they are.",
  answers: serverInfo,
  run({ parts, loopbackOnly }) {
    const { serverName, motd, guests, signup, limits, passwordLogin, requireMfa } = parts.settings;
    const { fingerprint, selfSigned } = parts.certificate();
    const { tls, plain } = parts.addresses();
    return {
      name: serverName,
      version: VERSION,
      motd,
      guests,
      signup,
      tls_port: tls?.port ?? null,
      plain_port: plain !== undefined && (loopbackOnly || !isLoopback(plain.hostname)) ? plain.port : null,
      fingerprint,
      self_signed: selfSigned,
      needs_setup: parts.setup.code !== undefined,
      limits: { line_bytes: limits.lineBytes },
      password_login: passwordLogin,
      require_mfa: requireMfa,
      providers: parts.identities.providers.map((provider) => ({
        name: provider.name,
        title: provider.title,
        available: provider.isAvailable(),
      })),
    } satisfies ServerInfo;
  },
});

export const metrics: JsonRoute = {
  method: "GET",
  path: "/metrics",
  scope: "admin",
  role: "admin",
  openTo: isFromThisMachine,
  summary: "How the server is doing, for Prometheus; programs on its own machine need no token.",
  answers: { type: METRICS },
  run: async ({ parts }) =>
    new Response(await parts.metrics.text(), { headers: { "content-type": METRICS } }),
};
