/** What a line asks for that somebody has typed into the page. */
export type Typed =
  | { readonly do: "nothing" }
  | { readonly do: "say"; readonly text: string; readonly action: boolean }
  | { readonly do: "write"; readonly to: string; readonly text: string }
  /** Answers whoever has written privately last. */
  | { readonly do: "reply"; readonly text: string }
  | { readonly do: "join"; readonly room: string }
  /** Leaves a room; without a name, the one that is looked at. */
  | { readonly do: "part"; readonly room: string | undefined }
  | { readonly do: "ignore" | "unignore"; readonly name: string }
  | { readonly do: "away"; readonly word: string }
  | { readonly do: "search"; readonly words: string }
  | { readonly do: "show"; readonly what: "rooms" | "account" | "help" }
  /** Goes to where something is that was not read. */
  | { readonly do: "catch up" }
  | { readonly do: "leave" }
  /** Whatever else: the server knows. */
  | { readonly do: "command"; readonly text: string };

/**
 * Understands a line as the server does in text mode. What the page can show better than a line of text does is named by
 * its own deed.
 */
export function readTyped(line: string): Typed {
  const text = asSent(line);
  if (text.trim() === "") return { do: "nothing" };
  if (text.startsWith("//")) return { do: "say", text: text.slice(1), action: false };
  if (/^\.exit\s*$/i.test(text)) return { do: "leave" };
  if (!text.startsWith("/")) return { do: "say", text, action: false };
  const [, name = "", rest = ""] = /^\/(@|\S*)\s*(.*)$/su.exec(text) ?? [];
  return readCommand(name.toLowerCase(), rest.trimEnd()) ?? { do: "command", text };
}

/** A text as it is kept: on one line, without what no reader's screen should get. */
export function asSent(text: string): string {
  return text.toWellFormed().replace(/\r\n?|\n/g, " ").replace(UNPRINTABLE, "");
}

/** The same as on the server, so that a message can be found there again by its text. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x08\x0A-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** Undefined for what is the server's alone, or not as its usage says: the server then says how it is. */
function readCommand(name: string, rest: string): Typed | undefined {
  switch (name) {
    case "me":
      return rest === "" ? undefined : { do: "say", text: rest, action: true };
    case "say":
      return rest === "" ? undefined : { do: "say", text: rest, action: false };
    case "@":
    case "msg": {
      const [, to, text] = /^(\S+)\s+(.+)$/su.exec(rest) ?? [];
      return to === undefined || text === undefined ? undefined : { do: "write", to, text };
    }
    case "r":
      return rest === "" ? undefined : { do: "reply", text: rest };
    case "join":
    case "j":
      return /^\S+$/.test(rest) ? { do: "join", room: rest } : undefined;
    case "leave":
    case "part":
      return /^\S*$/.test(rest) ? { do: "part", room: rest.replace(/^#/, "") || undefined } : undefined;
    case "ignore":
    case "unignore":
      return /^\S+$/.test(rest) ? { do: name, name: rest } : undefined;
    case "away":
      return { do: "away", word: rest };
    case "search":
      return { do: "search", words: rest };
    case "rooms":
      return { do: "show", what: "rooms" };
    case "tokens":
    case "password":
    case "signup":
      return { do: "show", what: "account" };
    case "help":
      return rest === "" ? { do: "show", what: "help" } : undefined;
    case "missed":
      return { do: "catch up" };
    case "exit":
    case "quit":
    case "logout":
      return { do: "leave" };
    default:
      return undefined;
  }
}
