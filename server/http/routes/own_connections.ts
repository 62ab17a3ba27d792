import { z } from "zod";
import { connectionEnded, connectionNotFound } from "../../refusals.ts";
import type { Connected } from "../../session/sessions.ts";
import type { OwnConnection } from "../../wire/web_types.ts";
import { memberRoute } from "../route.ts";
import { done, ownConnection } from "../shapes.ts";

export const list = memberRoute({
  method: "GET",
  path: "/me/connections",
  scope: "chat",
  summary: "The account's connections that are open just now, oldest first.",
  answers: z.array(ownConnection),
  run: ({ parts }, { account, token }) =>
    parts.admin.sessions.of(account.id).map((connection) => shown(connection, token.id)),
});

export const end = memberRoute({
  method: "DELETE",
  path: "/me/connections/:id",
  scope: "chat",
  summary: "Ends one of the account's connections.",
  answers: done,
  example: { params: { id: "tls-17" } },
  refuses: [connectionNotFound()],
  run({ parts, params: { id = "" } }, { account }) {
    const connection = parts.admin.sessions.find(id);
    if (connection?.present?.account !== account.id) throw connectionNotFound();
    connection.end(connectionEnded().message, "kicked");
    return { message: "The connection is ended." };
  },
});

function shown({ id, origin: { address, how }, present, since }: Connected, token: string) {
  return {
    id,
    address,
    how,
    by: present?.by ?? "",
    since: since.toISOString(),
    current: present?.token === token,
  } satisfies OwnConnection;
}
