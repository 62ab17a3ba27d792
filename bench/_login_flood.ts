// deno-lint-ignore-file no-console
/**
 * Throws log-ins with a wrong password at a server, for so long, so many a second; prints what became of them as JSON,
 * status → how many: `deno run -A bench/_login_flood.ts URL PER_SECOND SECONDS`. It is a process of its own, so that those
 * who measure meanwhile are not slowed by it more than by anybody else.
 */
const [url = "", perSecond = 1_000, seconds = 30] = [Deno.args[0], ...Deno.args.slice(1).map(Number)];
const answers: Record<string, number> = {};
const underWay = new Set<Promise<void>>();

async function logIn(index: number): Promise<void> {
  const body = JSON.stringify({ username: `somebody${index % 1_000}`, password: "wrong horse" });
  const response = await fetch(url, { method: "POST", body }).catch(() => undefined);
  await response?.body?.cancel();
  const outcome = response?.status ?? "failed";
  answers[outcome] = (answers[outcome] ?? 0) + 1;
}

const beganMs = performance.now();
let sent = 0;
for (;;) {
  const atS = (performance.now() - beganMs) / 1_000;
  if (atS > seconds) break;
  while (sent < atS * perSecond) {
    const attempt: Promise<void> = logIn(sent++).finally(() => underWay.delete(attempt));
    underWay.add(attempt);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await Promise.allSettled(underWay);
console.log(JSON.stringify({ sent, seconds: (performance.now() - beganMs) / 1_000, answers }));
