import { type Entry, type Found, SearchDatabase } from "./_search_database.ts";
import { isDamage } from "./_search_file.ts";

/** Something to be done with the search index; each request is answered, in the order in which they came. */
export type SearchRequest =
  /** Comes before all others; again, it only answers. With `anew`, whatever the file holds is thrown away. */
  | { type: "open"; path: string; anew: boolean }
  | { type: "find"; words: string; places: string[]; limit: number }
  | SearchChange
  | { type: "close" };

/** Something that changes the index. What is doomed goes little by little, even if the server stops meanwhile. */
export type SearchChange =
  | { type: "add"; entries: Entry[]; known?: string }
  | { type: "remove"; place: string; id: string }
  | { type: "doom"; place?: string; upToId?: string };

/** To `open` the id up to which everything is there, to `find` what was found; or why it was not done. */
export type SearchAnswer = { known: string } | { found: Found[] } | { done: true } | { failure: string };

declare const self: {
  onmessage: (event: MessageEvent<SearchRequest>) => void;
  postMessage(answer: SearchAnswer): void;
};

/** When tidying is tried again after the disk would not have it. */
const RETRY_MS = 60_000;

let database: SearchDatabase | undefined;
let tidyTimer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = ({ data: request }) => {
  try {
    self.postMessage(answer(request));
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
  if (request.type !== "find" && request.type !== "close") tidyIn(0);
};

function answer(request: SearchRequest): SearchAnswer {
  switch (request.type) {
    case "open":
      if (request.anew) close();
      database ??= new SearchDatabase(request.path, request);
      return { known: database.known };
    case "find":
      return { found: opened().find(request) };
    case "add":
      opened().add(request.entries, request.known);
      return { done: true };
    case "remove":
      opened().remove(request.place, request.id);
      return { done: true };
    case "doom":
      opened().doom(request);
      return { done: true };
    case "close":
      close();
      return { done: true };
  }
}

function opened(): SearchDatabase {
  if (database === undefined) throw new TypeError("Cannot use the search index: it is not open");
  return database;
}

function close(): void {
  clearTimeout(tidyTimer);
  database?.[Symbol.dispose]();
  database = undefined;
}

function tidyIn(ms: number): void {
  clearTimeout(tidyTimer);
  tidyTimer = setTimeout(tidy, ms);
}

/** Does a slice; requests that came meanwhile are answered before the next. */
function tidy(): void {
  try {
    const pauseMs = database?.tidy();
    if (pauseMs !== undefined) tidyIn(pauseMs);
  } catch (error) {
    if (isDamage(error)) throw error;
    tidyIn(RETRY_MS);
  }
}
