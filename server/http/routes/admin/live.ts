import { shuttingDown, upgradeRequired } from "../../../refusals.ts";
import { authenticate } from "../../authenticate.ts";
import type { RawRoute } from "../../route.ts";
import { asksForWebSocket, webSocketUrl } from "../web_socket.ts";

export const live: RawRoute = {
  method: "GET",
  path: "/admin/api/live",
  summary:
    "How the server is doing and who is connected, once a second over a WebSocket; moderators see the connections.",
  refuses: [upgradeRequired("wss://HOST:8443/admin/api/live"), shuttingDown()],
  answer(request, { parts, ends }) {
    if (!asksForWebSocket(request)) throw upgradeRequired(webSocketUrl(request));
    return parts.admin.live.open(request, { ends, caller: authenticate(request, parts.login) });
  },
};
