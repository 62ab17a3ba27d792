import { badName, badUsername, nameTaken } from "../refusals.ts";
import { skeleton } from "./_confusables.ts";

/**
 * The name that is shown in chat: NFKC, 2 to 32 letters, digits, `_`, `-` or `.`, beginning with a letter or digit,
 * from one script.
 *
 * @example
 * chatName("ａｌｉｃｅ"); // "alice"
 *
 * @throws {Refusal} `bad_name`
 */
export function chatName(raw: unknown): string {
  const name = readName(raw);
  if (name === undefined) throw badName();
  return name;
}

/**
 * The keys under which a name is unique: two names clash if they have one in common.
 *
 * The first ignores case and then looks, the second looks and then case; there is only one where both come to the same.
 * Names that differ in nothing but case share the first ("ALICE", "alice"), names that look the same share the second
 * ("AIice" with a capital i, "alice"). One key for both would make `I`, `i` and `l` the same letter, and "ali" clash
 * with "all".
 */
export function nameFolds(name: string): readonly string[] {
  if (isTooLong(name)) return [name];
  const canonical = canonicalFold(name);
  const seen = canonicalFold(skeleton(name.normalize("NFKC")));
  return seen === canonical ? [canonical] : [canonical, seen];
}

/**
 * The key under which a name is looked up: the first of its {@link nameFolds}.
 *
 * It is the skeleton without regard to case, taken again and again until it stays: `0` is drawn like `O`, which is `o`.
 */
export function canonicalFold(name: string): string {
  if (isTooLong(name)) return name;
  let fold = name;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = skeleton(withoutCase(fold.normalize("NFKC")));
    if (next === fold) break;
    fold = next;
  }
  return fold;
}

/** Far more than any text takes. */
const MOST_ROUNDS = 8;

/** Lower case, where a sigma is one wherever it stands. */
function withoutCase(text: string): string {
  return text.toLowerCase().replaceAll("ς", "σ");
}

/** Names that nobody may have, nor any that clashes with them: the server speaks under them, or of them. */
const RESERVED = ["admin", "server", "system", "everyone", "lobby", "parley"];

/** Whether nobody may have this name. */
export function isReserved(name: string): boolean {
  const folds = nameFolds(name);
  return RESERVED.some((word) => folds.includes(canonicalFold(word)));
}

/**
 * What one logs in with, in NFKC: an e-mail address or what would do as a name in chat.
 *
 * @throws {Refusal} `bad_username`
 */
export function username(raw: unknown): string {
  const read = readEmailAddress(raw) ?? readName(raw);
  if (read === undefined) throw badUsername();
  return read;
}

/** The keys under which a username is unique. An e-mail address is never shown to others: only its case is ignored. */
export function usernameFolds(username: string): readonly string[] {
  if (isTooLong(username)) return [username];
  const normal = username.normalize("NFKC");
  return normal.includes("@") ? [normal.toLowerCase()] : nameFolds(username);
}

/** How often {@link guestName} draws anew before it gives up. */
const MOST_DRAWS = 100;

/**
 * A free name for a guest: four digits after what was asked for, or in place of the four at its end. It stays as it is
 * if it ends in four digits and is free.
 *
 * @param base What {@link chatName} has let pass; cut where it leaves no room for the digits.
 * @param random From 0 to below 1.
 * @throws {Refusal} `name_taken`
 */
export function guestName(
  base: string,
  isFree: (name: string) => boolean,
  random: () => number = Math.random,
): string {
  const numbered = /[0-9]{4}$/.test(base);
  if (numbered && isFree(base)) return base;
  const stem = numbered ? base.slice(0, -4) : [...base].slice(0, MAX_LENGTH - 4).join("");
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const name = stem + String(Math.floor(random() * 10_000)).padStart(4, "0");
    if (isFree(name)) return name;
  }
  throw nameTaken();
}

/** Both in code points, after NFKC. */
const MIN_LENGTH = 2, MAX_LENGTH = 32;

/** In UTF-16 units, before NFKC, which makes texts shorter; but nothing longer than this becomes 32 code points. */
const MAX_RAW_LENGTH = 256;

/** What no name can be is not folded either: that would take long. It stands for itself. */
function isTooLong(text: string): boolean {
  return text.length > MAX_RAW_LENGTH;
}

/** What nearly every name is; the rules below would let it pass as well. */
const ASCII_NAME = /^[a-z0-9][a-z0-9_.\-]{1,31}$/i;

function readName(raw: unknown): string | undefined {
  if (typeof raw !== "string" || raw.length > MAX_RAW_LENGTH) return undefined;
  if (ASCII_NAME.test(raw)) return raw;
  const name = raw.normalize("NFKC");
  const length = [...name].length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) return undefined;
  return isWellFormed(name) && isInOneScript(name) && !mixesDigits(name) ? name : undefined;
}

/**
 * Whether it is made of what names are made of. Marks stand on letters, at most four non-spacing ones on top of each
 * other, lest they paint over the lines around (UTS #39, 5.4).
 */
function isWellFormed(name: string): boolean {
  return /^(?=[\p{L}\p{Nd}])(?!.*\p{Mn}{5})(?:\p{L}[\p{Mn}\p{Mc}]*|[\p{Nd}_.\-])+$/u.test(name) &&
    !hasInvisible(name);
}

function hasInvisible(text: string): boolean {
  return /\p{Default_Ignorable_Code_Point}/u.test(text);
}

/**
 * The scripts that are written today (UAX #31, tables 5 and 7). Those joined by a plus may stand in one name, for
 * Japanese, Chinese and Korean are written so (UTS #39, 5.1).
 */
const SCRIPTS = `
  Latin Cyrillic Greek Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao
  Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan Han+Hiragana+Katakana Han+Bopomofo Han+Hangul

  Adlam Balinese Bamum Batak Canadian_Aboriginal Chakma Cham Cherokee Hanifi_Rohingya Javanese Kayah_Li Lepcha Limbu
  Lisu Mandaic Meetei_Mayek Miao New_Tai_Lue Newa Nko Nyiakeng_Puachue_Hmong Ol_Chiki Osage Saurashtra Sundanese
  Syloti_Nagri Syriac Tai_Le Tai_Tham Tai_Viet Tifinagh Vai Wancho Yi
`;

/** Made on first use, for that takes some milliseconds. */
let inOneScript: RegExp | undefined;

function isInOneScript(name: string): boolean {
  inOneScript ??= new RegExp(SCRIPTS.trim().split(/\s+/).map(lettersOf).join("|"), "u");
  return inOneScript.test(name);
}

/** The pattern of a name in these scripts, their own digits or ASCII's. */
function lettersOf(scripts: string): string {
  const letters = scripts.split("+").map((script) => `\\p{Script_Extensions=${script}}`);
  return `^[${letters.join("")}0-9_.\\-]+$`;
}

/** Whether digits of two systems stand in it, ASCII's excepted. The ten of one system are neighbours in Unicode. */
function mixesDigits(name: string): boolean {
  const digits = (name.match(/[\p{Nd}--[0-9]]/gv) ?? []).map((digit) => digit.codePointAt(0)!);
  return Math.max(...digits) - Math.min(...digits) > 9;
}

/** The longest address that SMTP carries (RFC 5321, 4.5.3.1.3, less the brackets). */
const MAX_EMAIL_BYTES = 254;

function readEmailAddress(raw: unknown): string | undefined {
  if (typeof raw !== "string" || raw.length > MAX_EMAIL_BYTES) return undefined;
  const address = raw.normalize("NFKC");
  if (new TextEncoder().encode(address).length > MAX_EMAIL_BYTES) return undefined;
  const [local, domain, ...more] = address.split("@");
  if (local === undefined || domain === undefined || more.length > 0) return undefined;
  return isLocalPart(local) && isDomain(domain) && !hasInvisible(address) ? address : undefined;
}

/** Less than the RFCs allow: no quotes, no comments, no beginning that the chat would take for a command. */
function isLocalPart(text: string): boolean {
  return /^[\p{L}\p{Nd}_][\p{L}\p{M}\p{Nd}._%+'&=~\-]*$/u.test(text);
}

function isDomain(text: string): boolean {
  return text.split(".").every((label) => /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}\-]*$/u.test(label));
}
