import { printable } from "./printable.ts";

/** What a line of a person who is in asks for. */
export type Request =
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "command"; readonly name: string; readonly rest: string }
  | { readonly type: "nothing" };

/** Understands a line. Commands begin with `/`; `//` says a line that begins with one; `.exit` is a command as well. */
export function readLine(line: string): Request {
  const text = printable(line);
  if (text.trim() === "") return { type: "nothing" };
  if (text.startsWith("//")) return { type: "say", text: text.slice(1) };
  if (/^\.exit\s*$/i.test(text)) return { type: "command", name: "exit", rest: "" };
  return text.startsWith("/") ? readCommand(text) : { type: "say", text };
}

/** `/@bob hi` is `/@ bob hi`: the sign needs no space behind it. */
function readCommand(text: string): Request {
  const [, name = "", rest = ""] = /^\/(@|\S*)\s*(.*)$/su.exec(text) ?? [];
  return { type: "command", name: name.toLowerCase(), rest: rest.trimEnd() };
}

/** What the first line of a connection can be that comes from no person at all. */
export type Stranger = "http" | "irc" | "json";

/** A request line, or what browsers say next: the line itself may have been too long. */
const HTTP = /^([A-Za-z]+ \S+ HTTP\/\d|PRI \* HTTP\/2|Host: *\S)/;

/** Tells the programs that come to the wrong port by their first line. */
export function strangerOf(line: string): Stranger | undefined {
  if (HTTP.test(line)) return "http";
  if (/^(CAP|NICK|USER|PASS) +\S/.test(line)) return "irc";
  if (line.startsWith("{")) return "json";
  return undefined;
}
