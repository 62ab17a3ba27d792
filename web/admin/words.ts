/** So many of something: `no tokens`, `1 token`, `1,204 tokens`. */
export function counted(count: number, one: string): string {
  if (count === 1) return `1 ${one}`;
  return `${count === 0 ? "no" : count.toLocaleString()} ${one}s`;
}
