import { basename } from "node:path";
import type { Certificate } from "../certificates/certificate.ts";
import type { Lockdown } from "../chat/lockdown.ts";
import type { Moderation } from "../chat/moderation.ts";
import type { Backup } from "../store/backup.ts";
import { addressText } from "../transport/ports.ts";
import { VERSION } from "../version.ts";
import type { LockdownInfo, Sample, Status } from "../wire/admin_types.ts";

const DAY_MS = 86_400_000;

/** What the status is put together from. */
export interface StatusParts {
  readonly startedAt: Date;
  /** How it is doing just now. */
  readonly latest: () => Sample;
  readonly moderation: Pick<Moderation, "lockdown">;
  readonly certificate: () => Certificate;
  /** Where it listens; what is off is absent. */
  readonly addresses: () => Readonly<Partial<Record<"tls" | "plain" | "https" | "http", Deno.NetAddr>>>;
  readonly lastBackup: () => Promise<Backup | undefined>;
}

/** How the server is doing. */
export async function statusOf(parts: StatusParts): Promise<Status> {
  const { startedAt, moderation } = parts;
  const { subject, fingerprint, expiresAt, selfSigned } = parts.certificate();
  return {
    type: "status",
    at: new Date().toISOString(),
    version: VERSION,
    started_at: startedAt.toISOString(),
    listeners: listenersOf(parts),
    certificate: {
      subject,
      fingerprint,
      expires_at: expiresAt.toISOString(),
      days_left: Math.floor((expiresAt.getTime() - Date.now()) / DAY_MS),
      self_signed: selfSigned,
    },
    last_backup: shownBackup(await parts.lastBackup()),
    lockdown: shownLockdown(moderation.lockdown),
    now: parts.latest(),
  };
}

export function shownLockdown(lockdown: Lockdown | undefined): LockdownInfo | null {
  if (lockdown === undefined) return null;
  const { mode, until, by } = lockdown;
  return { mode, until: until.toISOString(), by };
}

function listenersOf({ addresses }: StatusParts): Status["listeners"] {
  const { tls, plain, https, http } = addresses();
  const all = [["tls", tls], ["plain", plain], ["https", https], ["http", http]] as const;
  return all.flatMap(([name, address]) =>
    address === undefined ? [] : [{ name, address: addressText(address) }]
  );
}

/** Where it lies is the operator's business. */
function shownBackup(backup: Backup | undefined): Status["last_backup"] {
  if (backup === undefined) return null;
  const { at, file, counts } = backup;
  return { at: at.toISOString(), file: basename(file), messages: counts.messages };
}
