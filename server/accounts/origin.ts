/** From where somebody has come in, and by what. */
export interface Origin {
  /** The peer's IP address. */
  readonly address: string;
  /** In a word, for people: "openssl", "netcat", "Firefox", "curl". */
  readonly how: string;
}

/**
 * What calls over HTTP, by what it says of itself, which may be anything: a browser that people know by name, or a
 * program.
 */
export function programOf(userAgent: string | null): string {
  if (userAgent === null) return "a program";
  const browser = BROWSERS.find(([mark]) => userAgent.includes(mark));
  if (browser !== undefined) return browser[1];
  return /^[A-Za-z][\w.-]{0,31}/.exec(userAgent)?.[0] ?? "a program";
}

/** What stands in a browser's name for itself → what people call it; the more special first, for they all say more. */
const BROWSERS: readonly [mark: string, name: string][] = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chromium/", "Chromium"],
  ["HeadlessChrome/", "Chrome"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
  ["Mozilla/", "a browser"],
];
