/**
 * Writes dist/compile.lock: of deno.lock what the server imports. What the pages and the tests alone need would otherwise
 * be compiled in as well, and make the file half as large again.
 */
import { parseArgs } from "node:util";

interface Lock {
  npm: Record<string, { dependencies?: string[] }>;
  specifiers: Record<string, string>;
}

/** As `deno info --json` tells it. */
interface Info {
  modules: { kind: string; npmPackage?: string }[];
}

const { positionals: entries } = parseArgs({ allowPositionals: true });
const lock: Lock = JSON.parse(await Deno.readTextFile("deno.lock"));
const kept = new Set<string>();
for (const entry of entries) for (const id of await packagesOf(entry)) keep(id);
lock.npm = Object.fromEntries(Object.entries(lock.npm).filter(([id]) => kept.has(id)));
lock.specifiers = Object.fromEntries(
  Object.entries(lock.specifiers).filter(([specifier, version]) =>
    kept.has(specifier.replace(/^npm:(.+)@[^@]+$/, `$1@${version}`))
  ),
);
await Deno.mkdir("dist", { recursive: true });
await Deno.writeTextFile("dist/compile.lock", JSON.stringify(lock, null, 2) + "\n");

/** The npm packages that a program imports itself: `zod@4.6.7`. */
async function packagesOf(entry: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { modules }: Info = JSON.parse(new TextDecoder().decode(stdout));
  return modules.flatMap(({ kind, npmPackage }) => kind === "npm" && npmPackage ? [npmPackage] : []);
}

/** A package with all that it needs; where there is one version only, its name alone stands for it. */
function keep(id: string): void {
  if (kept.has(id)) return;
  kept.add(id);
  for (const needed of lock.npm[id]?.dependencies ?? []) {
    const full = Object.keys(lock.npm).find((other) => other === needed || other.startsWith(`${needed}@`));
    if (full === undefined) throw new Error(`deno.lock has no ${needed}, which ${id} needs`);
    keep(full);
  }
}
