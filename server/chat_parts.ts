import { Archive } from "./chat/archive.ts";
import { Disclosure } from "./chat/disclosure.ts";
import { type Erased, Erasure } from "./chat/erasure.ts";
import { Hub } from "./chat/hub.ts";
import type { Mailbox } from "./chat/mailbox.ts";
import { Moderation } from "./chat/moderation.ts";
import { type OutgoingStore, sayForOperator } from "./chat/outgoing.ts";
import type { SearchIndex } from "./chat/search_index.ts";
import { LocalBus } from "./cluster/local_bus.ts";
import type { Records } from "./records.ts";
import { KvAuditTrail } from "./store/audit.ts";
import { KvBanStore } from "./store/bans.ts";
import type { DataDirectory } from "./store/data_directory.ts";
import { KvErasureStore } from "./store/erasures.ts";
import type { Database } from "./store/kv.ts";
import { KvLockdownStore } from "./store/lockdown.ts";
import { KvMessageLog } from "./store/messages.ts";
import { KvOutgoingStore } from "./store/outgoing.ts";
import { KvOwnMessages } from "./store/own_messages.ts";
import { KvPlaceStore } from "./store/places.ts";
import { KvRoomStore } from "./store/rooms.ts";
import { KvSaid } from "./store/said.ts";
import { SqliteSearchIndex } from "./store/search.ts";
import { KvTokenStore } from "./store/tokens.ts";
import { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";
import { unlessLogged } from "./unless_logged.ts";

/** How often it is kept how far people have read; after a crash they are offered that much again. */
const KEEP_PLACES_MS = 5_000;

/**
 * How long after the start the search index is opened, if nobody searches before: a worker comes to be for it, while those
 * who were here before a restart are just coming back.
 */
const SEARCH_AFTER_MS = 30_000;

/** The conversation and all that belongs to it, apart from the doors that lead there. */
export interface Chat extends AsyncDisposable {
  readonly hub: Hub;
  readonly messages: KvMessageLog;
  readonly archive: Archive;
  readonly mailbox: Mailbox;
  readonly audit: KvAuditTrail;
  readonly search: SearchIndex & Pick<SqliteSearchIndex, "waiting">;
  readonly outgoing: OutgoingStore;
  readonly erasure: Erasure;
  readonly disclosure: Disclosure;
}

/**
 * Opens the conversation with what the database holds.
 *
 * @param options.searchable Whether what was said can be found by its words, for which there is an index to be kept.
 * @param options.erased Told of each deleted account of which nothing is left.
 * @param options.counts Added to from now on.
 */
export async function openChat(
  { directory, database, changes, accounts }: Records,
  log: Log,
  { searchable = true, erased = () => {}, counts = new Counts() }: {
    searchable?: boolean;
    erased?: (what: Erased) => void;
    counts?: Counts;
  } = {},
): Promise<Chat> {
  await using opening = new AsyncDisposableStack();
  const messages = new KvMessageLog(database, counts.database);
  opening.defer(() => messages.settled());
  await messages.forgetGuests();
  const audit = await KvAuditTrail.open(database);
  const moderation = opening.use(
    await Moderation.open({
      bans: new KvBanStore(database),
      audit,
      lockdowns: new KvLockdownStore(database),
    }),
  );
  const search = searchable ? opening.use(openSearch(directory, database, log)) : NOTHING_FOUND;
  const hub = opening.use(
    await Hub.open({
      bus: new LocalBus(),
      log: messages,
      rooms: new KvRoomStore(database),
      places: new KvPlaceStore(database),
      search,
      moderation,
      directory: accounts,
      counts: counts.chat,
      failed: unlessLogged("something could not be kept", log),
    }),
  );
  moderation.onLockdownEnd(() => hub.announce("The lockdown is over."));
  opening.defer(() => hub.places.settled());
  opening.use(keepingPlaces(hub));
  const own = new KvOwnMessages(database);
  const tokens = new KvTokenStore(database, changes);
  const erasure = opening.use(
    new Erasure({
      hub,
      log: messages,
      own,
      tokens,
      search,
      store: new KvErasureStore(database),
      erased,
      failed: unlessLogged("something could not be kept", log),
    }),
  );
  const opened = opening.move();
  return {
    hub,
    messages,
    archive: new Archive({ hub, log: messages, search }),
    mailbox: hub.correspondence.mailbox,
    audit,
    search,
    outgoing: new KvOutgoingStore(database, changes),
    erasure,
    disclosure: new Disclosure({ hub, log: messages, own, tokens, audit }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function openSearch(directory: DataDirectory, database: Database, log: Log): SqliteSearchIndex {
  return SqliteSearchIndex.open(directory.search, {
    source: new KvSaid(database),
    beginAfterMs: SEARCH_AFTER_MS,
    failed: (error) => log.error("the search index has failed and sees to itself", error),
  });
}

const NOTHING_FOUND: Chat["search"] = {
  waiting: 0,
  add() {},
  remove() {},
  prune() {},
  removeDirectsOf() {},
  find: () => Promise.resolve([]),
};

/** Says what the operator wanted to be said while no server was running. */
export async function sayWhatWaits({ hub, outgoing }: Chat): Promise<void> {
  for await (const waiting of outgoing.list()) await sayForOperator(waiting, { hub, store: outgoing });
}

/** Keeps how far people have read, now and then, until it is disposed of. */
function keepingPlaces(hub: Hub): Disposable {
  const timer = setInterval(() => hub.places.keepAll(hub.roster.members), KEEP_PLACES_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
