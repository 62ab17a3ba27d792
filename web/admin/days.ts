/** What happened on one day. */
export interface Day<Entry> {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/**
 * Entries that stand in the order of their time, day by day.
 *
 * @param nameOf The day of a moment, in the reader's zone.
 */
export function byDay<Entry extends { readonly at: string }>(
  entries: readonly Entry[],
  nameOf: (at: string) => string,
): readonly Day<Entry>[] {
  const days: { name: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const name = nameOf(entry.at);
    const last = days.at(-1);
    if (last?.name === name) last.entries.push(entry);
    else days.push({ name, entries: [entry] });
  }
  return days;
}
