import { z } from "zod";

/** How the value of an option is written, and how it is read. */
export interface Check<Value> {
  /** What stands behind the flag in the help: `HOST:PORT|off`. */
  readonly takes: string;
  /** What is allowed; ends the line that refuses everything else. */
  readonly allowed: string;
  /** Reads text from a flag or the environment, or whatever TOML can say. */
  readonly read: z.ZodType<Value>;
  /** Writes what was read, as it is read again. */
  write(value: Value): string;
}

/** `host:port`, `[IPv6]:port`, or `:port` and `port` for the host given here. */
export function address(defaultHost: string): Check<{ host: string; port: number; asked: boolean }> {
  return {
    takes: "HOST:PORT",
    allowed: "host:port with a port from 0 to 65535",
    read: matching(/^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/)
      .transform(([, ipv6, host, port]) => ({
        ipv6,
        host: ipv6 ?? (host || defaultHost),
        port: Number(port),
      }))
      .refine(({ ipv6, host }) => ipv6 === undefined ? isHost(host) : z.ipv6().safeParse(ipv6).success)
      .refine(({ port }) => port <= 65_535)
      .transform(({ host, port }) => ({ host, port, asked: true })),
    write: ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`,
  };
}

/** One of the words, in any case. */
export function choice<const Word extends string>(...words: Word[]): Check<Word> {
  return {
    takes: words.join("|"),
    allowed: words.join(", ").replace(/, (?=[^,]*$)/, " or "),
    read: z.string().trim().toLowerCase().pipe(z.enum(words)),
    write: (word) => word,
  };
}

/** A yes or no. */
export function onOff(): Check<boolean> {
  const { takes, allowed, read } = choice("on", "off");
  return {
    takes,
    allowed,
    read: z.union([z.boolean(), read.transform((word) => word === "on")]),
    write: (on) => on ? "on" : "off",
  };
}

/** A whole number. */
export function count(min: number, max: number): Check<number> {
  return {
    takes: "N",
    allowed: `a whole number from ${min} to ${max}`,
    read: wholeNumber(min, max),
    write: String,
  };
}

/** So many days, as in `90d`, or `forever`. */
export function days(max: number): Check<number | "forever"> {
  return {
    takes: "DAYSd|forever",
    allowed: `days from 1d to ${max}d, or forever`,
    read: z.union([
      z.string().trim().toLowerCase().pipe(z.literal("forever")),
      matching(/^(\d{1,12}) ?d?$/i).transform(([, digits]) => Number(digits)).pipe(
        z.number().min(1).max(max),
      ),
    ]),
    write: (days) => days === "forever" ? days : `${days}d`,
  };
}

/** A duration written in whole seconds and read as milliseconds. */
export function seconds(min: number, max: number): Check<number> {
  return {
    takes: "SECONDS",
    allowed: `whole seconds from ${min} to ${max}`,
    read: wholeNumber(min, max).transform((seconds) => seconds * 1000),
    write: (ms) => String(ms / 1000),
  };
}

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** A number of bytes, plain or followed by `KiB` or `MiB`. */
export function bytes(min: number, max: number): Check<number> {
  return {
    takes: "BYTES",
    allowed: `bytes from ${inBytes(min)} to ${inBytes(max)}`,
    read: matching(/^(\d{1,12}) ?(KiB|MiB)?$/i)
      .transform(([, digits, unit]) => Number(digits) * bytesIn(unit))
      .pipe(z.number().min(min).max(max)),
    write: inBytes,
  };
}

/** `burst,per second`: so many at once, and so many a second after that. */
export function rate(max: number): Check<{ burst: number; perSecond: number }> {
  const part = z.number().min(1).max(max);
  return {
    takes: "BURST,RATE",
    allowed: `burst and rate a second as in 20,5, each from 1 to ${max}`,
    read: matching(/^(\d{1,12}) ?, ?(\d{1,12})$/)
      .transform(([, burst, perSecond]) => ({ burst: Number(burst), perSecond: Number(perSecond) }))
      .pipe(z.object({ burst: part, perSecond: part })),
    write: ({ burst, perSecond }) => `${burst},${perSecond}`,
  };
}

/** The name of a file or directory, whether it exists or not; fit to be printed, so without control characters. */
export function path(takes: "DIR" | "FILE"): Check<string> {
  return { takes, allowed: "a path", read: z.string().regex(/^\P{Cc}+$/u), write: (path) => path };
}

/** What people will read on one line: control characters and bidirectional overrides are taken out. */
export function lineOfText(maxCharacters: number): Check<string> {
  return {
    takes: "TEXT",
    allowed: `one line of 1 to ${maxCharacters} characters`,
    read: z.string()
      .transform((text) => text.toWellFormed().replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "").trim())
      .refine((text) => text !== "" && [...text].length <= maxCharacters),
    write: (text) => text,
  };
}

/** What people will read on a few lines, or nothing; tabs and the spaces that lines begin with stay, for drawings. */
export function linesOfText(max: { lines: number; characters: number }): Check<string> {
  return {
    takes: "LINES",
    allowed: `at most ${max.lines} lines, and ${max.characters} characters in all`,
    read: z.string()
      .transform((text) => {
        const lines = text.toWellFormed().split(/\r\n|[\n\r\u2028\u2029]/);
        return lines.map((line) => line.replace(/[[\p{Cc}\p{Bidi_Control}]--\t]/gv, "").trimEnd()).join("\n");
      })
      .transform((text) => text.replace(/^\n+|\n+$/g, ""))
      .refine((text) => text.split("\n").length <= max.lines && [...text].length <= max.characters),
    write: (text) => text,
  };
}

/** The same, or the word `off`, which is then read as `off`. */
export function orOff<Value, Off>(check: Check<Value>, off: Off): Check<Value | Off> {
  const word = z.union([z.literal(false), z.string().regex(/^\s*off\s*$/i)]);
  return {
    takes: `${check.takes}|off`,
    allowed: `${check.allowed}, or off`,
    read: z.union([word.transform(() => off), check.read]),
    write: (value) => value === off ? "off" : check.write(value as Value),
  };
}

/** The same, or the word `auto`. */
export function orAuto<Value>(check: Check<Value>): Check<Value | "auto"> {
  const word = z.string().trim().toLowerCase().pipe(z.literal("auto"));
  return {
    takes: `${check.takes}|auto`,
    allowed: `${check.allowed}, or auto`,
    read: z.union([word, check.read]),
    write: (value) => value === "auto" ? "auto" : check.write(value as Value),
  };
}

/** A value that TOML also has as a number. */
function written() {
  return z.union([z.string().trim(), z.number().transform(String)]);
}

/** The pattern's groups, where it matches. */
function matching(pattern: RegExp) {
  return written().pipe(z.string().regex(pattern).transform((text) => pattern.exec(text)!));
}

function wholeNumber(min: number, max: number) {
  return matching(/^\d{1,12}$/).transform(([digits]) => Number(digits)).pipe(z.number().min(min).max(max));
}

/** A host name or an IPv4 address; what has only digits and dots must be a good one. */
function isHost(host: string): boolean {
  return /^[\d.]+$/.test(host) ? z.ipv4().safeParse(host).success : /^[a-z\d]([\w.-]{0,252})$/i.test(host);
}

function bytesIn(unit: string | undefined): number {
  if (unit === undefined) return 1;
  return unit.toLowerCase() === "kib" ? KiB : MiB;
}

function inBytes(size: number): string {
  if (size % MiB === 0) return `${size / MiB}MiB`;
  return size % KiB === 0 ? `${size / KiB}KiB` : `${size}`;
}
