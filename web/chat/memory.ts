import type { Place } from "./place.ts";
import type { StoredUnread } from "./unread.ts";

/** What the browser keeps of an account from visit to visit: what was told to this page and not read. */
export interface Kept {
  readonly unread: Readonly<Record<Place, StoredUnread>>;
  /** The last private message that this browser has dealt with; "" for none. */
  readonly lastDirect: string;
}

const NOTHING: Kept = { unread: {}, lastDirect: "" };

/** Reads what was kept; anything may stand there, or the browser may refuse. */
export function recall(account: string): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(account)) ?? "null");
    return isKept(kept) ? kept : NOTHING;
  } catch {
    return NOTHING;
  }
}

export function remember(account: string, kept: Kept): void {
  try {
    localStorage.setItem(keyOf(account), JSON.stringify(kept));
  } catch {
    // what cannot be kept is counted anew at the next visit
  }
}

/** A wish of the reader's that outlives the page, such as that of being notified. */
export function recallWish(name: string): boolean {
  try {
    return localStorage.getItem(`parley ${name}`) === "yes";
  } catch {
    return false;
  }
}

export function rememberWish(name: string, wished: boolean): void {
  try {
    localStorage.setItem(`parley ${name}`, wished ? "yes" : "no");
  } catch {
    // it holds for as long as the page is open
  }
}

/** By what name a guest has come in on this tab, so that a reload is no farewell; undefined for nobody. */
export function recallGuest(): string | undefined {
  try {
    return sessionStorage.getItem("parley guest") ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberGuest(name: string | undefined): void {
  try {
    if (name === undefined) sessionStorage.removeItem("parley guest");
    else sessionStorage.setItem("parley guest", name);
  } catch {
    // the guest is asked again
  }
}

function keyOf(account: string): string {
  return `parley unread ${account}`;
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  if (!("lastDirect" in value) || typeof value.lastDirect !== "string" || !("unread" in value)) return false;
  const { unread } = value;
  return typeof unread === "object" && unread !== null && Object.values(unread).every(isStored);
}

function isStored(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { count, mentions, atLeast, after } = value as Partial<StoredUnread>;
  return typeof count === "number" && typeof mentions === "number" && typeof atLeast === "boolean" &&
    (after === undefined || typeof after === "string");
}
