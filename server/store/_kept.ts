/** The value of an entry that is kept for a while only; one that is kept no longer is none, also before it is swept. */
export function keptIn<Value>(
  { value }: Deno.KvEntryMaybe<Value>,
  keptUntilMs: (value: Value) => number,
): Value | undefined {
  return value === null || keptUntilMs(value) <= Date.now() ? undefined : value;
}
