import { VERSION } from "../../version.ts";
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
    new Response(parts.certificatePem(), { headers: { "content-type": "application/x-pem-file" } }),
});

/** The pages are to come; until then, whoever opens the address in a browser learns how to join. */
export const welcome = openRoute({
  method: "GET",
  path: "/",
  summary: "How to join, as text.",
  run: ({ parts, host }) =>
    text(`${parts.settings.serverName}: a Parley chat server.

Join from a terminal:    openssl s_client -quiet -connect ${host}:${parts.chatPort() ?? "(off)"}
Make an account:         POST /signup {"username": "ann", "password": "…", "name_account": "Ann"}
Get an access token:     POST /login {"username": "ann", "password": "…"}
The certificate:         GET /cert.pem
`),
});

export const setupPage = openRoute({
  method: "GET",
  path: "/setup",
  summary: "How to make the first admin, as text.",
  run: () =>
    text(
      `This makes the first admin of this server, with the code behind the # of the address that the server printed:

    curl -d '{"code":"…","username":"ann","password":"…","name_account":"Ann"}' http://127.0.0.1:5000/setup
`,
    ),
});

function text(content: string): Response {
  return new Response(content, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
