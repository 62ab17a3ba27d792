import type { Tokens } from "./accounts/tokens.ts";
import { Retention } from "./chat/retention.ts";
import type { Chat } from "./chat_parts.ts";
import type { Settings } from "./options.ts";
import type { Database } from "./store/kv.ts";
import { KvPruner } from "./store/pruner.ts";
import { Sweeper } from "./store/sweeper.ts";
import type { Log } from "./telemetry/log.ts";
import { unlessLogged } from "./unless_logged.ts";

/** How often it is kept when tokens were used last. */
const KEEP_USES_MS = 60_000;

/** What is done beside the chat, again and again, as long as the server runs. */
interface Upkeep extends AsyncDisposable {
  readonly retention: Retention;
}

/** Begins to delete what is kept no longer, and to keep when tokens were used last. */
export function beginUpkeep(
  chat: Chat,
  { tokens, ...parts }: { tokens: Tokens; database: Database; settings: Settings; log: Log },
): Upkeep {
  const opened = new AsyncDisposableStack();
  opened.use(keepingUses(tokens, parts.log));
  const retention = opened.use(retentionOf(chat, parts));
  retention.run();
  opened.use(sweeperOf(parts)).run();
  return { retention, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function retentionOf(
  { hub, messages, search }: Chat,
  { database, settings, log }: { database: Database; settings: Settings; log: Log },
): Retention {
  return new Retention({
    hub,
    log: messages,
    pruner: new KvPruner(database),
    search,
    settings,
    forgot: ({ tookMs, ...what }) =>
      log.info("what is kept no longer was deleted", { ...what, seconds: Math.round(tookMs / 1_000) }),
    failed: unlessLogged("what is kept no longer could not be deleted", log),
  });
}

function sweeperOf({ database, log }: { database: Database; log: Log }): Sweeper {
  return new Sweeper(database, { failed: unlessLogged("what is over could not be deleted", log) });
}

/** Keeps when tokens were used last, now and then and once more at the end. */
function keepingUses(tokens: Tokens, log: Log): AsyncDisposable {
  const keep = () => tokens.keepUses().catch(unlessLogged("the use of tokens could not be kept", log));
  const timer = setInterval(keep, KEEP_USES_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await keep();
    },
  };
}
