import { chatName } from "../accounts/names.ts";
import { badRoomName, Refusal } from "../refusals.ts";

/** The room where everyone is, which cannot be left. */
export const LOBBY = "lobby";

/**
 * The name of a room, lower case and without its #: 1 to 32 letters, digits, `_`, `-` or `.`, from one script, and not
 * signs alone, which no address of a page could hold.
 *
 * @throws {Refusal} `bad_room_name`
 */
export function roomName(raw: string): string {
  const name = raw.replace(/^#/, "").normalize("NFKC").toLowerCase();
  if (/^(?=.*[a-z0-9])[a-z0-9_.\-]{1,32}$/.test(name)) return name;
  try {
    return [...name].length === 1 ? chatName(name + name).slice(name.length) : chatName(name);
  } catch (error) {
    throw error instanceof Refusal ? badRoomName() : error;
  }
}
