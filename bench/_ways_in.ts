import { Authenticator } from "../tests/support/authenticator.ts";
import { ProcessPage } from "../tests/support/process_page.ts";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { ScriptedIssuer } from "../tests/support/scripted_issuer.ts";
import { SoftDevice } from "../tests/support/soft_device.ts";
import { cpuSecondsOf, type Figures, inMs, quantile } from "./_figures.ts";

/** How many log-ins each way, one after the other; as many accounts, for a code is good once. */
const LOGINS = 50;

const PASSWORD = "correct horse";

/** Somebody with every way in. */
interface Owner {
  readonly username: string;
  readonly app: Authenticator;
  readonly recoveryCodes: readonly string[];
  readonly device: SoftDevice;
  /** Signed in. */
  readonly page: ProcessPage;
  readonly token: string;
}

/** What is measured: the log-in itself, with what is prepared for it outside the clock. */
type Way = (owner: Owner, server: RunningParley) => Promise<() => Promise<unknown>>;

const WAYS: Readonly<Record<string, Way>> = {
  "password and code": ({ username, app }, server) =>
    prepared(() =>
      new ProcessPage(server).calls("/session", { username, password: PASSWORD, code: app.fresh() })
    ),
  "password and recovery code": ({ username, recoveryCodes: [code] }, server) =>
    prepared(() => new ProcessPage(server).calls("/session", { username, password: PASSWORD, code })),
  "password, then passkey": ({ username, device }, server) =>
    prepared(async () => {
      const page = new ProcessPage(server);
      const { login } = await page.calls("/session", { username, password: PASSWORD });
      await answerBy(device, page, { login });
    }),
  "passkey alone": ({ device }, server) => prepared(() => answerBy(device, new ProcessPage(server), {})),
  "token, over plain TCP": ({ token }, server) => prepared(() => comeIn(server, token)),
  "browser confirms, over plain TCP": async ({ page }, server) => {
    const person = await server.connect();
    await person.readsUpTo("Enter your username: ");
    return async () => {
      await person.types("/login");
      const [, code] = /enter (\S+)\.\n/.exec(await person.readsUpTo("Enter your username: "))!;
      await page.calls(`/link/${code}`, {});
      await person.readsUpTo("You are now connected.");
      await person.vanishes();
    };
  },
  "ticket, over plain TCP": async ({ page }, server) => {
    const { ticket } = await page.calls("/me/ticket", {});
    return () => comeIn(server, `/ticket ${ticket}`);
  },
};

/** What a log-in costs, by each way: how long it takes, and what the server's process uses for it, its database included. */
export async function measureWaysIn(): Promise<Figures> {
  await using issuer = await ScriptedIssuer.open();
  await using machine = await Machine.make();
  await machine.write("parley.toml", issuer.row());
  await Deno.chmod(machine.path("parley.toml"), 0o600);
  const server = await machine.serve([
    `--config=${machine.path("parley.toml")}`,
    ...UNLIMITED,
    "--connections-per-address=off",
    "--new-connections-per-minute=off",
  ]);
  const figures: Record<string, string> = {};
  const simple = await Promise.all(
    Array.from({ length: LOGINS }, (_, index) => signUp(server, `simple${index}`)),
  );
  figures["password"] = await measured(
    server,
    simple.map((username) => () =>
      new ProcessPage(server).calls("/session", { username, password: PASSWORD })
    ),
  );
  const owners: Owner[] = [];
  for (let index = 0; index < LOGINS; index++) owners.push(await ownerOf(server, `owner${index}`));
  for (const [name, way] of Object.entries(WAYS)) {
    const logins = [];
    for (const owner of owners) logins.push(await way(owner, server));
    figures[name] = await measured(server, logins);
  }
  const first = new ProcessPage(server);
  await first.goes("/oauth/corp");
  await first.calls("/session/identity", { name: "linked" });
  const again = Array.from(owners, () => () => new ProcessPage(server).goes("/oauth/corp"));
  figures["identity provider, its own answers included"] = await measured(server, again);
  return figures;
}

async function measured(server: RunningParley, logins: readonly (() => Promise<unknown>)[]): Promise<string> {
  const tookMs: number[] = [];
  const cpuBefore = await cpuSecondsOf(server.pid);
  for (const logIn of logins) {
    const beganMs = performance.now();
    await logIn();
    tookMs.push(performance.now() - beganMs);
  }
  const cpuMs = (await cpuSecondsOf(server.pid) - cpuBefore) * 1_000 / logins.length;
  const [p50, p99] = [0.5, 0.99].map((part) => inMs(quantile(tookMs, part)));
  return `p50 ${p50}, p99 ${p99}; CPU ${inMs(cpuMs)} (${logins.length} times)`;
}

async function ownerOf(server: RunningParley, username: string): Promise<Owner> {
  await signUp(server, username);
  const page = new ProcessPage(server);
  await page.calls("/session", { username, password: PASSWORD });
  const device = await SoftDevice.at(page.origin);
  const { options } = await page.calls("/me/passkeys/options", {});
  await page.calls("/me/passkeys", { name: "key", response: await device.makes(options) });
  const { token } = await page.calls("/me/tokens", { label: "bench" });
  const app = new Authenticator((await page.calls("/me/mfa", {})).secret);
  const { recovery_codes } = await page.calls("/me/mfa/confirm", { code: app.shows({ steps: -1 }) });
  return { username, app, recoveryCodes: recovery_codes, device, page, token };
}

async function signUp(server: RunningParley, username: string): Promise<string> {
  await new ProcessPage(server).calls("/signup", { username, name_account: username, password: PASSWORD });
  return username;
}

async function answerBy(device: SoftDevice, page: ProcessPage, body: { login?: string }): Promise<void> {
  const { login, options } = await page.calls("/session/passkey/options", body);
  await page.calls("/session/passkey", { login, response: await device.uses(options) });
}

/** Until the welcome is read. */
async function comeIn(server: RunningParley, typed: string): Promise<void> {
  const person = await server.member(typed);
  await person.vanishes();
}

function prepared(logIn: () => Promise<unknown>): Promise<() => Promise<unknown>> {
  return Promise.resolve(logIn);
}
