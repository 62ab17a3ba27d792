import { z } from "zod";
import { badField, type Refusal } from "../../../refusals.ts";

/** How long what stands in a query may be. */
const MOST_CHARACTERS = 200;

/** How many entries a page of a list has where nothing is said, and at most. */
interface Lengths {
  readonly usual: number;
  readonly most: number;
}

/** Which part of a list is wanted. */
interface Wanted {
  /** What the last entry of the page before goes by; undefined from the beginning. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** What `readWanted` reads, for the documentation. */
export function listQuery({ usual, most }: Lengths) {
  return {
    after: z.string().optional().describe("Goes on behind this entry: the last one of the page before."),
    limit: z.int().min(1).optional().describe(
      `How many are wanted: ${usual} if nothing is said, ${most} at most.`,
    ),
  };
}

/** More than a page holds is a page. @throws {Refusal} `bad_request` */
export function readWanted(query: URLSearchParams, lengths: Lengths): Wanted {
  const limit = textIn(query, "limit") ?? String(lengths.usual);
  if (!/^0*[1-9]\d{0,8}$/.test(limit)) throw badLimit(lengths);
  return { after: textIn(query, "after"), limit: Math.min(lengths.most, Number(limit)) };
}

export function badLimit({ most }: Pick<Lengths, "most">): Refusal {
  return badField("limit", `be a whole number from 1 to ${most}`);
}

/** What stands in a query; undefined where nothing does. @throws {Refusal} `bad_request` */
export function textIn(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name) ?? "";
  if (text.length > MOST_CHARACTERS) throw badField(name, `have at most ${MOST_CHARACTERS} characters`);
  return text === "" ? undefined : text;
}

/** The first of a list, which is read no further than to know whether there are more. */
export async function firstOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
): Promise<{ first: Item[]; more: boolean }> {
  const first: Item[] = [];
  for await (const item of items) {
    if (first.length === limit) return { first, more: true };
    first.push(item);
  }
  return { first, more: false };
}
