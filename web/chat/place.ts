/** What one looks at: a room, or what one writes with somebody. It is also what the address of the page ends with. */
export type Place = `#${string}` | `@${string}`;

export const LOBBY: Place = "#lobby";

/** The room of a place that is one. */
export function roomOf(place: Place): string | undefined {
  return place.startsWith("#") ? place.slice(1) : undefined;
}

/** The other one of a place where two write to each other. */
export function personOf(place: Place): string | undefined {
  return place.startsWith("@") ? place.slice(1) : undefined;
}

/** The place that an address names: `#lobby` is a room, `#@bob` somebody. */
export function placeOfHash(hash: string): Place | undefined {
  const name = decoded(hash.replace(/^#/, ""));
  if (name.startsWith("@")) return name.length > 1 ? `@${name.slice(1)}` : undefined;
  return name === "" ? undefined : `#${name.toLowerCase()}`;
}

export function hashOf(place: Place): string {
  const name = encodeURIComponent(place.slice(1));
  return place.startsWith("@") ? `#@${name}` : `#${name}`;
}

/** Anybody can write an address that means nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
