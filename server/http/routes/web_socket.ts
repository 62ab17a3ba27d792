import { serverFull, shuttingDown, tooManyConnections, upgradeRequired } from "../../refusals.ts";
import { tokenOf } from "../authenticate.ts";
import type { RawRoute } from "../route.ts";

export const webSocket: RawRoute = {
  method: "GET",
  path: "/ws",
  summary:
    "The chat itself in JSON, over a WebSocket; a token or a cookie that comes with the request logs in.",
  refuses: [
    upgradeRequired("wss://HOST:8443/ws"),
    tooManyConnections(64),
    serverFull(10_000),
    shuttingDown(),
  ],
  answersBanned: true, // they are told once they say who they are, as on a raw socket: no page can read why this fails
  answer(request, { parts, ends }) {
    if (!asksForWebSocket(request)) throw upgradeRequired(webSocketUrl(request));
    return parts.webSockets.accept(request, { ends, token: tokenOf(request) });
  },
};

/** Whether it is the opening of a WebSocket (RFC 6455, 4.1). */
export function asksForWebSocket({ method, headers }: Request): boolean {
  const asks = (header: string, word: string) =>
    headers.get(header)?.toLowerCase().split(",").some((part) => part.trim() === word) === true;
  return method === "GET" && asks("upgrade", "websocket") && asks("connection", "upgrade") &&
    headers.has("sec-websocket-key") && headers.get("sec-websocket-version") === "13";
}

export function webSocketUrl({ url }: Request): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${pathname}`;
}
