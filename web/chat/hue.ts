/** The hues of names, in degrees, as far apart as they are told from each other: blues and greens need more room. */
const HUES = [22, 52, 85, 128, 162, 205, 250, 282, 315, 350];

/** The hue of a name: always the same one. */
export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (const character of name.toLowerCase()) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619) >>> 0;
  }
  return HUES[((hash ^ hash >>> 15) >>> 0) % HUES.length]!;
}
