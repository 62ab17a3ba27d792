import { join } from "node:path";
import { answerInPieces } from "./in_pieces.ts";

/** Where web/build.ts puts the pages; in the compiled binary as well. */
const DIST = join(import.meta.dirname!, "..", "..", "web", "dist");

/** What is sent to those who can unpack it, the smaller first, and how its file ends. */
const PACKED = [["br", ".br"], ["gzip", ".gz"]] as const;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Pages run their own scripts and styles, talk to this server, and load nothing from elsewhere. */
export const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The files of the pages, as web/build.ts has made them. */
export class Assets {
  /** Path, with the ending of its packing → content, of what is named by its content and so never changes. */
  #kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  /**
   * A page, whose script and style are named by their content: so it alone is asked for at each visit.
   *
   * @returns A text that says what to do where the pages were not built.
   */
  async page(
    name: string,
    { headers, policy = PAGE_POLICY }: { headers: Headers; policy?: string },
  ): Promise<Response> {
    const answer = await this.file(`${name}.html`, { headers, cached: "no-cache" });
    if (answer === undefined) return new Response(NOT_BUILT, { status: 503 });
    answer.headers.set("content-security-policy", policy);
    return answer;
  }

  /**
   * A file of the pages, packed as whoever asks can take it; undefined where there is none.
   *
   * @param path Below the folder of what was built; from outside it may be anything.
   */
  async file(
    path: string,
    { headers, cached }: { headers: Headers; cached: string },
  ): Promise<Response | undefined> {
    const [, ending = ""] = /^(?:\w[\w-]*\/)?\w[\w-]*(\.\w+)$/.exec(path) ?? [];
    const type = TYPES[ending];
    if (type === undefined) return undefined;
    const accepted = headers.get("accept-encoding") ?? "";
    const [encoding, packed] = PACKED.find(([encoding]) => takes(accepted, encoding)) ?? ["identity", ""];
    try {
      return answerInPieces(await this.#read(path + packed), {
        "content-type": type,
        "cache-control": cached,
        "vary": "accept-encoding",
        ...encoding === "identity" ? {} : { "content-encoding": encoding },
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  #read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const kept = this.#kept.get(path);
    if (kept !== undefined) return kept;
    const reading = Deno.readFile(join(DIST, path));
    if (!path.startsWith("assets/")) return reading;
    this.#kept.set(path, reading);
    reading.catch(() => this.#kept.delete(path));
    return reading;
  }
}

const NOT_BUILT = "The pages are not built. Build them with: deno task build\n";

/** Whether `Accept-Encoding` names an encoding, and not with `q=0` (RFC 9110, 12.5.3). */
export function takes(accepted: string, encoding: string): boolean {
  return accepted.split(",").some((part) => {
    const [name, quality = ""] = part.trim().split(";");
    return name?.toLowerCase() === encoding && !/^\s*q=0(\.0*)?\s*$/.test(quality);
  });
}
