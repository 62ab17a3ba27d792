import { Identities } from "./accounts/identities.ts";
import type { Administration } from "./accounts/administration.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Login } from "./accounts/login.ts";
import type { WaysIn } from "./accounts/ways_in.ts";
import { Flow, type FlowReport } from "./oauth/flow.ts";
import type { ProviderOptions } from "./oauth/providers.ts";
import type { Log } from "./telemetry/log.ts";

/** What single sign-on is made of. */
interface Needed {
  readonly accounts: Accounts;
  readonly administration: Administration;
  readonly login: Login;
  readonly waysIn: WaysIn;
  readonly log: Log;
}

/** Makes the providers of the configuration ready, and looks for the first time whether they are there. */
export function openIdentities(
  options: readonly ProviderOptions[],
  { log, ...parts }: Needed,
): { identities: Identities } & AsyncDisposable {
  const flows = options.map((provider) => new Flow(provider, reportOf(log)));
  for (const flow of flows) flow.isAvailable();
  return {
    identities: new Identities({ ...parts, providers: flows }),
    async [Symbol.asyncDispose]() {
      await Promise.all(flows.map((flow) => flow[Symbol.asyncDispose]()));
    },
  };
}

function reportOf(log: Log): FlowReport {
  return {
    available: (provider) => log.info("an identity provider answers", { provider }),
    unavailable: (provider, error) =>
      log.warn("an identity provider does not answer; it is tried again when somebody asks", {
        provider,
        because: error instanceof Error ? error.message : String(error),
      }),
    failed: (provider, because) => log.warn("somebody could not be signed in", { provider, because }),
  };
}
