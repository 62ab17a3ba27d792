import { pause } from "../pause.ts";
import type { AuditEntry, AuditTrail } from "./audit_trail.ts";

/** How many deeds are read at a time. */
const PART = 200;

/** So much of the trail is looked through for one page: with a filter that nothing fits, its end is far. */
const MOST_LOOKED_THROUGH = 20_000;

/** Between two parts the server is there for others. */
const PAUSE_MS = 5;

/** Which deeds are wanted; what is left out does not matter. */
export interface AuditFilter {
  /** The name of whoever did it, in any case. */
  readonly who?: string | undefined;
  /** The deed, in any case. */
  readonly what?: string | undefined;
  /** What stands in any part of it, in any case. */
  readonly search?: string | undefined;
}

/**
 * The newest of the wanted deeds, newest first.
 *
 * @param options.before An id: those older than it.
 * @returns Also `next`, before which to go on, undefined at the end. There may be fewer deeds than `limit`, even none,
 *   though there are more.
 */
export async function auditPage(
  trail: AuditTrail,
  filter: AuditFilter,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<{ entries: AuditEntry[]; next: string | undefined }> {
  const entries: AuditEntry[] = [];
  let next = before;
  for (let looked = 0; looked < MOST_LOOKED_THROUGH; looked += PART) {
    const part = await trail.latest(PART, next);
    for (const entry of part) {
      const wanted = isWanted(entry, filter);
      if (wanted && entries.length === limit) return { entries, next };
      if (wanted) entries.push(entry);
      next = entry.id;
    }
    if (part.length < PART) return { entries, next: undefined };
  }
  return { entries, next };
}

/** All wanted deeds, newest first, read no sooner than they are taken. */
export async function* auditEntries(trail: AuditTrail, filter: AuditFilter): AsyncGenerator<AuditEntry> {
  let before: string | undefined;
  for (;;) {
    const part = await trail.latest(PART, before);
    yield* part.filter((entry) => isWanted(entry, filter));
    if (part.length < PART) return;
    before = part.at(-1)!.id;
    await pause(PAUSE_MS);
  }
}

function isWanted({ who, what, whom, why, from }: AuditEntry, filter: AuditFilter): boolean {
  const same = (one: string, other: string | undefined) =>
    other === undefined || one.toLowerCase() === other.toLowerCase();
  const search = filter.search?.toLowerCase();
  return same(who, filter.who) && same(what, filter.what) &&
    (search === undefined ||
      [who, what, whom, why, from].some((part) => part.toLowerCase().includes(search)));
}
