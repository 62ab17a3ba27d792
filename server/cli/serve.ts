import { resolve } from "node:path";
import { isLoopback } from "../accounts/address.ts";
import { Parley } from "../app.ts";
import { type Config, resolveConfig } from "../config.ts";
import { Log } from "../telemetry/log.ts";
import { addressText } from "../transport/ports.ts";
import { VERSION } from "../version.ts";
import { isForOperator } from "./mistake.ts";
import { reachable, shownHost } from "./reachable.ts";
import { StatusLine, statusText } from "./status_line.ts";

/**
 * Serves until a signal says otherwise: SIGINT or SIGTERM stops in order, a second one at once, SIGHUP reloads.
 *
 * @throws whatever keeps the server from starting, with a sentence for the operator.
 */
export async function serve(args: readonly string[]): Promise<void> {
  const read = () => resolveConfig({ args, env: Deno.env.toObject() });
  const config = read();
  const atTerminal = Deno.stdout.isTerminal();
  const status = atTerminal && Deno.env.get("TERM") !== "dumb" ? new StatusLine() : undefined;
  const log = new Log(
    config.log ?? (atTerminal ? "text" : "json"),
    (bytes) => status === undefined ? Deno.stdout.write(bytes) : status.write(bytes),
  );
  catchDefects(log);
  const parley = await Parley.start(config, log);
  onSignals({
    reload: async () => {
      try {
        await parley.reload(read());
      } catch (error) {
        if (isForOperator(error)) log.warn("nothing was reloaded", { because: error.message });
        else log.error("nothing was reloaded", error);
      }
    },
    stop() {
      status?.end();
      return stop(parley, log);
    },
  });
  log.banner(bannerOf(parley, config), config.log ?? "text"); // only now: whoever reads it may send a signal at once
  warnOfOtherPorts(parley, config, log);
  warnOfPlaintext(parley, log);
  status?.show(() => statusText(parley.samples.latest, performance.now()));
}

async function stop(parley: Parley, log: Log): Promise<void> {
  let exitStatus = 0;
  log.info("stopping");
  try {
    await parley.stop();
    log.info("stopped");
  } catch (error) {
    log.error("not everything could be closed", error);
    exitStatus = 1;
  }
  await log.flush();
  Deno.exit(exitStatus);
}

/** What was forgotten to be caught is logged; the chat goes on. */
function catchDefects(log: Log): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("a defect was left uncaught", event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    log.error("a defect was left uncaught", event.error);
  });
}

function onSignals({ reload, stop }: { reload: () => Promise<void>; stop: () => Promise<void> }): void {
  let stopping = false;
  /** The reload that is under way, or the last one: two at a time could leave the settings of the earlier. */
  let reloading = Promise.resolve();
  const stopOnce = () => {
    if (stopping) Deno.exit(1);
    stopping = true;
    void stop();
  };
  Deno.addSignalListener("SIGINT", stopOnce);
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTERM", stopOnce);
  Deno.addSignalListener("SIGHUP", () => {
    if (!stopping) reloading = reloading.then(reload);
  });
}

/** Where it listens and how to join, for whoever has just started it. */
function bannerOf({ addresses, certificate, setupCode }: Parley, config: Config): string[] {
  const { tls, plain, https, http } = addresses;
  const lines = [`Parley ${VERSION} is listening.`, ""];
  if (tls !== undefined) {
    lines.push(`  Chat over TLS  ${addressText(tls)}`);
    lines.push(`      openssl s_client -quiet -connect ${reachable(tls)}`);
  }
  if (plain !== undefined) {
    lines.push(`  Plain chat     ${addressText(plain)}`);
    lines.push(`      nc ${shownHost(plain.hostname)} ${plain.port}`);
  }
  if (https !== undefined) lines.push(`  HTTPS          https://${reachable(https)}/`);
  if (http !== undefined) lines.push(`  HTTP           http://${reachable(http)}/`);
  lines.push(`  Data           ${resolve(config.dataDir)}`);
  lines.push(`  Certificate    SHA-256 ${certificate.fingerprint}`, "");
  if (setupCode !== undefined) {
    lines.push(...setupLines(setupCode, { https, http, dataDir: config.dataDir }), "");
  }
  return lines;
}

function setupLines(
  code: string,
  { https, http, dataDir }: { https?: Deno.NetAddr; http?: Deno.NetAddr; dataDir: string },
): string[] {
  const base = http !== undefined
    ? `http://${reachable(http)}`
    : https !== undefined
    ? `https://${reachable(https)}`
    : undefined;
  if (base === undefined) {
    return [
      "  There is no admin yet. Make one with:",
      `      parley user add <username> --role admin --data ${resolve(dataDir)}`,
    ];
  }
  return [
    "  There is no admin yet. This link makes the first one, once:",
    `      ${base}/setup#code=${code}`,
  ];
}

/** A default port that was taken has given way to another, which nobody expects. */
function warnOfOtherPorts({ addresses }: Parley, config: Config, log: Log): void {
  for (const listener of ["tls", "plain", "https", "http"] as const) {
    const [wanted, address] = [config[listener], addresses[listener]];
    if (wanted === "off" || address === undefined || wanted.asked || wanted.port === address.port) continue;
    log.warn(`port ${wanted.port} is in use, so --${listener} took the next free one`, {
      address: addressText(address),
    });
  }
}

function warnOfPlaintext({ addresses }: Parley, log: Log): void {
  for (const listener of ["plain", "http"] as const) {
    const address = addresses[listener];
    if (address === undefined || isLoopback(address.hostname)) continue;
    log.warn(`--${listener} is not encrypted, and reachable from other machines`, {
      address: addressText(address),
    });
  }
}
