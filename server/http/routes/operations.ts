import { isLoopback } from "../../accounts/address.ts";
import { VERSION } from "../../version.ts";
import type { ServerInfo } from "../../wire/web_types.ts";
import { openRoute } from "../route.ts";

export const health = openRoute({
  method: "GET",
  path: "/healthz",
  answersBanned: true,
  summary: "Whether the server works, its database included.",
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
  run: ({ parts }) =>
    new Response(parts.certificate().certPem, { headers: { "content-type": "application/x-pem-file" } }),
});

export const server = openRoute({
  method: "GET",
  path: "/server",
  summary: "What anybody may know of the server before saying who they are.",
  run({ parts, loopbackOnly }) {
    const { serverName, motd, guests, signup, limits } = parts.settings;
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
    } satisfies ServerInfo;
  },
});
