import { availableParallelism } from "node:os";
import { Accounts } from "./accounts/accounts.ts";
import { Invitations } from "./accounts/invitations.ts";
import { PasswordLinks } from "./accounts/password_links.ts";
import { PasswordHasher } from "./accounts/password.ts";
import type { PasswordHashing } from "./accounts/password_hashing.ts";
import { SignedLinks } from "./accounts/signed_links.ts";
import { Tokens } from "./accounts/tokens.ts";
import { KvAccountStore } from "./store/accounts.ts";
import { Changes } from "./store/changes.ts";
import type { DataDirectory } from "./store/data_directory.ts";
import { Database } from "./store/kv.ts";
import { KvInvitationStore } from "./store/invitations.ts";
import { KvTokenStore } from "./store/tokens.ts";
import { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";
import { RecurringError } from "./telemetry/recurring_error.ts";

/** How long a password worker without work stays. */
const IDLE_HASHER_MS = 60_000;

/** How many passwords may wait to be checked. */
const MOST_QUEUED_PASSWORDS = 64;

/** What is kept, and what is done with it; the commands of the CLI need no more than this. */
export interface Records extends AsyncDisposable {
  readonly directory: DataDirectory;
  readonly database: Database;
  readonly changes: Changes;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly invitations: Invitations;
  readonly passwordLinks: PasswordLinks;
  readonly passwords: Pick<PasswordHashing, "waiting">;
}

/**
 * Opens the database of a data directory, for a server or beside one.
 *
 * @param options.counts Added to from now on.
 * @param options.hasher Closed with the rest; by default one that works beside everything else.
 * @throws {StoreError}
 */
export async function openRecords(
  directory: DataDirectory,
  log: Log,
  { counts = new Counts(), hasher = hasherBeside() }: { counts?: Counts; hasher?: PasswordHashing } = {},
): Promise<Records> {
  await using opening = new AsyncDisposableStack();
  const noCommit = new RecurringError(log, "the database took no commit");
  const database = opening.use(
    await Database.open(directory.database, (error) => {
      counts.database.errors++;
      noCommit.occurred(error);
    }, { counts: counts.database }),
  );
  opening.use(hasher);
  const changes = new Changes(database);
  const accounts = new Accounts(new KvAccountStore(database, changes), hasher);
  const tokenStore = new KvTokenStore(database, changes);
  const tokens = await Tokens.open(tokenStore);
  const links = new SignedLinks(await tokenStore.signingKey());
  const opened = opening.move();
  return {
    directory,
    database,
    changes,
    accounts,
    tokens,
    invitations: new Invitations(new KvInvitationStore(database), links),
    passwordLinks: new PasswordLinks(accounts, links),
    passwords: hasher,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function hasherBeside(): PasswordHasher {
  return new PasswordHasher({
    workers: Math.max(1, availableParallelism() - 1),
    maxQueued: MOST_QUEUED_PASSWORDS,
    idleMs: IDLE_HASHER_MS,
  });
}
