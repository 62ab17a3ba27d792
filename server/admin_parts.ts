import { Administration } from "./accounts/administration.ts";
import type { Confirmations } from "./accounts/confirmations.ts";
import type { Login } from "./accounts/login.ts";
import type { Mfa } from "./accounts/mfa.ts";
import { RoomRemoval } from "./chat/room_removal.ts";
import type { Chat } from "./chat_parts.ts";
import { LiveView } from "./http/live_view.ts";
import type { AdminParts } from "./http/route.ts";
import { statusOf, type StatusParts } from "./http/status.ts";
import type { Records } from "./records.ts";
import { Sessions } from "./session/sessions.ts";
import { lastBackup } from "./store/backup.ts";
import { Backups } from "./store/backups.ts";
import { KvPruner } from "./store/pruner.ts";
import type { Log } from "./telemetry/log.ts";
import type { Closer } from "./transport/closer.ts";
import type { NativeSockets } from "./transport/native_sockets.ts";
import { unlessLogged } from "./unless_logged.ts";

/** All that admins work with, beside the commands. */
export interface Admin extends AdminParts, AsyncDisposable {
  readonly live: LiveView;
}

/** What it is made of. */
interface Needed extends Pick<StatusParts, "latest" | "certificate" | "addresses"> {
  readonly records: Records;
  readonly chat: Chat;
  readonly login: Login;
  readonly mfa: Mfa;
  readonly confirmations: Confirmations;
  readonly closer: Closer;
  readonly sockets: NativeSockets | undefined;
  readonly settings: { readonly limits: { readonly pingMs: number } };
  readonly log: Log;
}

/** Opens it, and goes on with the rooms that were being deleted when the server ended. */
export function openAdmin(needed: Needed): Admin {
  const { records, chat, mfa: _, settings, log, ...others } = needed;
  const { directory, accounts } = records;
  const { moderation } = chat.hub;
  const backups = new Backups(directory, (reason) => log.error("a backup could not be made", reason));
  const roomRemoval = roomRemovalOf(needed);
  roomRemoval.resume();
  const sessions = new Sessions();
  const startedAt = new Date();
  const status = () =>
    statusOf({ ...others, startedAt, moderation, lastBackup: () => lastBackup(directory) });
  const live = new LiveView({
    ...others,
    accounts,
    moderation,
    sessions,
    status,
    limits: settings.limits,
    failed: (error) => log.error("those who look on cannot be told", error),
  });
  return {
    administration: administrationOf(needed),
    audit: chat.audit,
    backups,
    invitations: records.invitations,
    live,
    roomRemoval,
    sessions,
    status,
    async [Symbol.asyncDispose]() {
      live[Symbol.dispose]();
      await Promise.all([backups[Symbol.asyncDispose](), roomRemoval[Symbol.asyncDispose]()]);
    },
  };
}

function administrationOf({ records, mfa, chat: { hub, audit } }: Needed): Administration {
  const { accounts, tokens, invitations, passwordLinks } = records;
  const disconnect = (account: string, except?: string) =>
    hub.distribution.logOut(account, ({ token }) => except !== undefined && token === except);
  return new Administration({ accounts, tokens, mfa, invitations, passwordLinks, audit, disconnect });
}

function roomRemovalOf({ records: { database }, chat: { hub, search }, log }: Needed): RoomRemoval {
  return new RoomRemoval({
    hub,
    search,
    pruner: new KvPruner(database),
    removed: ({ tookMs, ...what }) =>
      log.info("a deleted room is removed", { ...what, seconds: Math.round(tookMs / 1_000) }),
    failed: unlessLogged("a deleted room could not be removed", log),
  });
}
