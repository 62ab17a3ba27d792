import { sayForOperator } from "./chat/outgoing.ts";
import type { Chat } from "./chat_parts.ts";
import type { Records } from "./records.ts";
import { accountDeleted, accountDisabled, tokenRevoked } from "./refusals.ts";
import type { StoredChange } from "./store/changes.ts";
import type { Log } from "./telemetry/log.ts";

/** How often a running server looks for what the commands of the CLI have changed. */
const LOOK_EVERY_MS = 500;

/** Has what is committed to accounts and tokens, by this server or by the CLI's commands, take effect on those who are here. */
export function followChanges(records: Records, chat: Chat, log: Log): Promise<AsyncDisposable> {
  return records.changes.follow({
    everyMs: LOOK_EVERY_MS,
    receive: (change) => lookAgain(change, { ...records, ...chat }),
    failed: (error) => log.error("the database does not tell what changed", error),
  });
}

/** Acts on a change that was committed, whoever made it: on those who are connected by an account or a token, or on all. */
async function lookAgain(
  { of, id }: StoredChange,
  { accounts, tokens, hub, outgoing, erasure }: Records & Chat,
): Promise<void> {
  if (of === "outgoing") {
    const waiting = await outgoing.find(id);
    return waiting && await sayForOperator(waiting, { hub, store: outgoing });
  }
  if (of === "token") {
    tokens.forget(id);
    return hub.distribution.disconnect((listener) => listener.token === id, tokenRevoked().message, "kicked");
  }
  if (of === "log_ins") return hub.distribution.logOut(id);
  const account = await accounts.find(id);
  if (account === undefined || account.disabled) {
    const refusal = account === undefined ? accountDeleted() : accountDisabled();
    hub.distribution.disconnect((listener) => listener.account === id, refusal.message, "kicked");
    if (account === undefined) void erasure.erase(id);
    return;
  }
  hub.makeWay(account.name);
  const member = hub.roster.findByKey(id);
  if (member === undefined) return;
  member.role = account.role;
  hub.rename(member, account.name);
}
