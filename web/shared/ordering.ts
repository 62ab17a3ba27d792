/** By which column a table is sorted, and which way. */
export interface Order {
  readonly column: string;
  readonly way: "ascending" | "descending";
}

/** What a row is sorted by: texts without regard to case, numbers by size. */
export type SortKey = string | number;

/**
 * The rows in order; those with the same key stay as they were. Each key is made once, so that ten thousand rows are
 * sorted within a frame.
 */
export function ordered<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => SortKey,
  way: Order["way"],
): readonly Row[] {
  const sign = way === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => {
    const key = keyOf(row);
    return { row, key: typeof key === "string" ? key.toLowerCase() : key };
  });
  keyed.sort((a, b) => a.key < b.key ? -sign : a.key > b.key ? sign : 0);
  return keyed.map(({ row }) => row);
}

/** The order after a column's title has been pressed: upwards first, then down, then up again. */
export function nextOrder(order: Order | undefined, column: string): Order {
  const way = order?.column === column && order.way === "ascending" ? "descending" : "ascending";
  return { column, way };
}

/** The words that are looked for, each as it is compared. */
export function wordsOf(search: string): readonly string[] {
  return search.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

/** Whether every word stands somewhere in the text, which is in lower case. */
export function hasWords(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}
