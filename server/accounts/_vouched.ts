import type { Vouched } from "./identity_provider.ts";
import { chatName } from "./names.ts";

/** How much of what a provider calls somebody is shown. */
const MOST_LABEL_LENGTH = 100;

/** How long a name may be, in characters. */
const MOST_NAME_LENGTH = 32;

/**
 * Whether somebody has an address that is on a list, or whose domain is. What is not plain ASCII is on none: it may turn
 * into something else in small letters.
 *
 * @param list In small letters: `ann@corp.example`, `@example.org`.
 */
export function isOnList({ addresses }: Vouched, list: readonly string[]): boolean {
  return addresses.some((address) => {
    if (!/^[!-?A-~]+@[!-?A-~]+$/.test(address)) return false;
    const plain = address.toLowerCase();
    return list.includes(plain) || list.includes(plain.slice(plain.indexOf("@")));
  });
}

/** What somebody is called for people: an address where there is one. */
export function labelOf({ addresses, names, subject }: Vouched): string {
  const label = [...addresses, ...names, subject].map(asOneLine).find((text) => text !== "") ?? "";
  return label.slice(0, MOST_LABEL_LENGTH).toWellFormed();
}

/** What somebody might be called in chat, the best first. */
export function chatNamesOf({ names }: Vouched): string[] {
  return names.flatMap((name) => {
    try {
      return chatName(asName(name));
    } catch {
      return []; // it mixes scripts, is too short, …
    }
  });
}

function asOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").trim();
}

/** A text with what names are not made of replaced; of an e-mail address what is before its `@`. */
function asName(text: string): string {
  const [local = ""] = text.normalize("NFKC").split("@", 1);
  const name = local.replace(/[^\p{L}\p{M}\p{Nd}_.-]+/gu, "-").replace(/^[-_.]+|-+$/g, "");
  return [...name].slice(0, MOST_NAME_LENGTH).join("");
}
