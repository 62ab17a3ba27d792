/** What a new token may be for. */
export type Purpose = "chat" | "admin" | "read" | "post" | "read and post";

/** What a narrow purpose says in front of each room. */
const WORDS: Readonly<Record<Exclude<Purpose, "chat" | "admin">, readonly string[]>> = {
  "read": ["read"],
  "post": ["post"],
  "read and post": ["read", "post"],
};

/** Whether the rooms must be named that a token is for. */
export function isNarrow(purpose: Purpose): purpose is Exclude<Purpose, "chat" | "admin"> {
  return purpose !== "chat" && purpose !== "admin";
}

/**
 * A purpose as the server takes it.
 *
 * @param rooms As somebody types them, with or without the #.
 * @example scopeOf("read and post", "#builds, ops") → "read:#builds post:#builds read:#ops post:#ops"
 */
export function scopeOf(purpose: Purpose, rooms: string): string {
  if (!isNarrow(purpose)) return purpose;
  return roomsIn(rooms).flatMap((room) => WORDS[purpose].map((word) => `${word}:#${room}`)).join(" ");
}

/**
 * How a token of some scope is tried out from a shell; the token itself is in $TOKEN.
 *
 * @param at.selfSigned Whether curl has to be given the server's certificate first.
 */
export function exampleOf(scope: string, at: { origin: string; selfSigned: boolean }): string {
  const secure = at.selfSigned && at.origin.startsWith("https:");
  const fetchCertificate = secure ? `curl -sk ${at.origin}/cert.pem -o cert.pem\n` : "";
  const options = secure ? " --cacert cert.pem" : "";
  return `${fetchCertificate}curl${options} -H "Authorization: Bearer $TOKEN" ${callOf(scope, at.origin)}`;
}

/** What a token of some scope may call. */
function callOf(scope: string, origin: string): string {
  const [, verb, room] = /^(read|post):#(\S+)/.exec(scope) ?? [];
  if (room === undefined) return `${origin}${scope.includes("admin") ? "/admin/api/status" : "/me"}`;
  const url = `${origin}/rooms/${encodeURIComponent(room)}/messages`;
  return verb === "post" ? `-d 'Hello from a script' ${url}` : url;
}

function roomsIn(text: string): string[] {
  const names = text.split(/[\s,]+/).map((word) => word.replace(/^#/, "")).filter((name) => name !== "");
  return [...new Set(names)];
}
