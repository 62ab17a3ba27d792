import type { Ticket } from "../../server/wire/web_types.ts";
import { call } from "../shared/call.ts";

/** Gets what lets one terminal in as who is signed in. */
export function getTicket(): Promise<Ticket> {
  return call("POST", "/me/ticket");
}
