import { join } from "node:path";
import { makeCertificate } from "../tests/support/certificates.ts";
import { killQuietly, Machine, parleyCommand, UNLIMITED } from "../tests/support/run_parley.ts";
import type { Entrance } from "./_crowd.ts";
import type { DialectName } from "./_dialects.ts";
import { configure, type ProgramName, PROGRAMS } from "./_irc_programs.ts";
import type { Workload } from "./_workloads.ts";

/** A server that can be measured. */
export interface Contender {
  readonly name: string;
  /** As it calls itself. */
  readonly version: string;
  readonly dialects: readonly DialectName[];
  /** Starts it anew, with nothing kept. */
  start(workload: Workload): Promise<RunningServer>;
}

export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly entrances: readonly Entrance[];
}

/** How long a server may take to listen. */
const START_MS = 20_000;

/** More than any workload has. */
const CONNECTIONS = 20_000;

/** Parley from its sources, or the binary that the environment names (`PARLEY=dist/parley`). */
export async function parley(): Promise<Contender> {
  const [program = "", ...args] = parleyCommand();
  const { stdout } = await new Deno.Command(program, { args: [...args, "version"], stderr: "inherit" })
    .output();
  return {
    name: "parley",
    version: new TextDecoder().decode(stdout).trim(),
    dialects: ["text", "json", "websocket"],
    start: startParley,
  };
}

/** Those of the other servers that are on this machine. */
export async function peers(): Promise<Contender[]> {
  const found = await Promise.all(PROGRAMS.map(async (name): Promise<Contender[]> => {
    const path = await findProgram(name);
    if (path === undefined) return [];
    const version = await versionOf(path);
    return [{ name, version, dialects: ["irc"], start: () => startIrc(name, path) }];
  }));
  return found.flat();
}

async function startParley({ dialects }: Workload): Promise<RunningServer> {
  const machine = await Machine.make();
  try {
    const { certPem } = await makeCertificate(machine.dir);
    const https = dialects?.includes("websocket") ?? false;
    const server = await machine.serve([
      ...UNLIMITED,
      `--cert=${machine.path("cert.pem")}`,
      `--key=${machine.path("key.pem")}`,
      `--max-connections=${CONNECTIONS}`,
      "--plain=off",
      "--http=off",
      ...https ? [] : ["--https=off"],
    ]);
    return {
      pid: server.pid,
      entrances: (dialects ?? ["text"]).map((dialect) => {
        const { port } = server.address(dialect === "websocket" ? "https" : "tls");
        return { dialect, port, certPem };
      }),
      [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
    };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

async function startIrc(name: ProgramName, path: string): Promise<RunningServer> {
  const dir = await Deno.makeTempDir({ prefix: `bench-${name}-` });
  const { certPem } = await makeCertificate(dir);
  // A program that was started by root is somebody else by the time it reads these.
  await Promise.all([Deno.chmod(dir, 0o755), Deno.chmod(join(dir, "key.pem"), 0o644)]);
  const port = freePort();
  const args = await configure(name, { dir, port });
  const child = new Deno.Command(path, { args, cwd: dir, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  const server: RunningServer = {
    pid: child.pid,
    entrances: [{ dialect: "irc", port, certPem }],
    async [Symbol.asyncDispose]() {
      killQuietly(child);
      await child.status;
      await Deno.remove(dir, { recursive: true });
    },
  };
  if (await listens(port)) return server;
  await server[Symbol.asyncDispose]();
  throw new Error(`${name} does not listen`);
}

async function listens(port: number): Promise<boolean> {
  for (const endMs = performance.now() + START_MS; performance.now() < endMs;) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    conn?.close();
    if (conn !== undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Where a program is; servers are often where only administrators look. */
async function findProgram(name: string): Promise<string | undefined> {
  const dirs = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  for (const dir of dirs) {
    const info = await Deno.stat(join(dir, name)).catch(() => undefined);
    if (info?.isFile) return join(dir, name);
  }
}

async function versionOf(path: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(path, { args: ["--version"] }).output();
  return `${new TextDecoder().decode(stdout)}\n${new TextDecoder().decode(stderr)}`.trim().split("\n")[0]!;
}
