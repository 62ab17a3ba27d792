const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const SHORTEST_MS = UNIT_MS.m;
const LONGEST_MS = 3_650 * UNIT_MS.d;

/**
 * How long a ban or mute lasts, in milliseconds: minutes, hours, days or weeks, from a minute to ten years. Undefined
 * where the text is no such duration.
 *
 * @example "10m" → 600_000; "1D" → 86_400_000
 */
export function readDuration(text: string): number | undefined {
  const [, count, unit] = text.toLowerCase().match(/^(\d{1,7})([mhdw])$/) ?? [];
  if (count === undefined) return undefined;
  const durationMs = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return durationMs >= SHORTEST_MS && durationMs <= LONGEST_MS ? durationMs : undefined;
}
