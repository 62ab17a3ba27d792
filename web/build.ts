/**
 * Bundles the pages into web/dist, compressed as they are sent, for server/http/assets.ts to serve. Does nothing where
 * they are newer than all that they are made of.
 */
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WEB = import.meta.dirname!;
const DIST = join(WEB, "dist");

/** Each page with the program that draws it, and its title until that has begun. */
const PAGES = [
  { name: "chat", entry: "main.tsx", title: "Parley" },
  { name: "admin", entry: "main.tsx", title: "Parley admin" },
  { name: "docs", entry: "main.ts", title: "Parley: HTTP API" },
] as const;

if (import.meta.main) {
  if (!Deno.args.includes("--if-stale") || await isStale()) await build();
}

async function build(): Promise<void> {
  const bundled = await Deno.makeTempDir({ prefix: "parley-web-" });
  const made = `${DIST}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await Deno.mkdir(join(made, "assets"), { recursive: true });
    for (const page of PAGES) await buildPage(page, { bundled, made });
    await Deno.remove(DIST, { recursive: true }).catch(() => {});
    await Deno.rename(made, DIST).catch(ifAnotherWasFaster);
  } finally {
    await Deno.remove(bundled, { recursive: true });
    await Deno.remove(made, { recursive: true }).catch(() => {});
  }
}

/** Script and style are named by their content, so that browsers may keep them for ever. */
async function buildPage(
  { name, entry, title }: (typeof PAGES)[number],
  { bundled, made }: { bundled: string; made: string },
): Promise<void> {
  const outDir = join(bundled, name);
  await bundle(join(WEB, name, entry), outDir);
  const script = await addAsset(made, name, ".js", await Deno.readFile(join(outDir, "main.js")));
  const style = await addAsset(made, name, ".css", await Deno.readFile(join(outDir, "main.css")));
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/assets/${await icon(made)}">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
</head>
<body><noscript>This page needs JavaScript. Without it, join from a terminal: openssl s_client -quiet -connect HOST:6697</noscript></body>
</html>
`;
  await write(join(made, `${name}.html`), new TextEncoder().encode(page));
}

async function bundle(entry: string, outDir: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", "--outdir", outDir, entry],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
}

async function icon(made: string): Promise<string> {
  return await addAsset(made, "icon", ".svg", await Deno.readFile(join(WEB, "shared", "icon.svg")));
}

/** @returns The name under which it is served. */
async function addAsset(
  made: string,
  name: string,
  ending: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const file = `${name}-${digest.slice(0, 12)}${ending}`;
  await write(join(made, "assets", file), bytes);
  return file;
}

/** Writes a file as it is, and as it is sent to those who can unpack it. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const quality = bytes.length > 500_000 ? 5 : 11; // the last tenth of a large file would take seconds
  await Deno.writeFile(path, bytes);
  await Deno.writeFile(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  );
  await Deno.writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

async function isStale(): Promise<boolean> {
  const builtAt = (await Deno.stat(join(DIST, "chat.html")).catch(() => undefined))?.mtime?.getTime();
  if (builtAt === undefined) return true;
  const sources = [join(WEB, "..", "deno.json"), join(WEB, "..", "server", "wire"), WEB];
  const newest = await Promise.all(sources.map(newestIn));
  return Math.max(...newest) > builtAt;
}

/** When a file, or the newest in a folder, was changed, in ms. */
async function newestIn(path: string): Promise<number> {
  const { mtime, isDirectory } = await Deno.stat(path);
  let newestMs = mtime?.getTime() ?? 0;
  if (!isDirectory) return newestMs;
  newestMs = 0; // that of a folder tells when a file in it came or went, such as the built ones
  for await (const { name } of Deno.readDir(path)) {
    if (!name.startsWith("dist")) newestMs = Math.max(newestMs, await newestIn(join(path, name)));
  }
  return newestMs;
}

/** Two starts at a time build the same. */
function ifAnotherWasFaster(error: unknown): void {
  if (!(error instanceof Error && /not empty|exist/i.test(error.message))) throw error;
}
