/** Why Parley does not start: one line that says what is wrong and what is allowed. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** @param what `flag "--plian"`, `variable "PARLEY_TSL"`, `key "foo" in parley.toml` */
export function unknown(what: string, meant: string | undefined): ConfigError {
  const hint = meant === undefined ? "see parley help" : `did you mean "${meant}"?`;
  return new ConfigError(`Unknown ${what}; ${hint}`);
}

/** @param place As the reader knows it: `--tls`, `PARLEY_TLS`, `"tls" in parley.toml`. */
export function badValue(
  value: unknown,
  { place, allowed }: { place: string; allowed: string },
): ConfigError {
  const shown = typeof value === "object"
    ? printable(JSON.stringify(value))
    : `"${printable(String(value))}"`;
  return new ConfigError(`Bad value ${shown} for ${place}: ${allowed}`);
}

/** Fit for one line of a terminal: no control characters, and not for ever. */
export function printable(text: string): string {
  const start = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return start.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
