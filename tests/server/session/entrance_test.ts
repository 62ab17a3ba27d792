import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { FirstStep } from "../../../server/accounts/login.ts";
import type { Direct } from "../../../server/chat/event.ts";
import { Mailbox } from "../../../server/chat/mailbox.ts";
import type { Connection } from "../../../server/session/connection.ts";
import { Session } from "../../../server/session/session.ts";
import { Sessions } from "../../../server/session/sessions.ts";
import type { SessionParts } from "../../../server/session/stage.ts";
import { Counts } from "../../../server/telemetry/counts.ts";
import { anAccount } from "../../support/an_account.ts";
import { MemoryLog } from "../../support/memory_log.ts";

Deno.test("who is gone before the password is checked leaves what waits for the account where it is", async () => {
  const checked = Promise.withResolvers<FirstStep>();
  const log = new MemoryLog();
  await log.appendDirect(WAITING, { waiting: true });
  const session = new Session(
    connection(),
    parts({
      login: { byPassword: () => checked.promise, mustEnrol: () => false, takesPasswords: true },
      mailbox: new Mailbox(log),
      hub: {
        moderation: { checkMayEnter: () => {} },
        places: { find: () => Promise.resolve(undefined) },
        enter: () => equal("somebody came in", undefined),
      },
    }),
  );
  const line = Promise.resolve(session.line("/login bob secret"));
  session.closed("quit");
  checked.resolve({ account: BOB, owes: [] });
  await line;
  deepEqual(await log.waitingFor(BOB.id), [WAITING]);
});

const BOB = anAccount({ id: "1", name: "bob" });

const WAITING: Direct = {
  type: "direct",
  id: "01J00000000000000000000000",
  from: "ann",
  to: "bob",
  fromKey: "2",
  toKey: "1",
  text: "hi",
  at: new Date(0),
};

function connection(): Connection {
  return {
    id: "1",
    address: "192.0.2.1",
    localAddress: "192.0.2.9",
    how: "plain",
    program: "netcat",
    jsonOnly: false,
    pauseFramed: false,
    waitingBytes: 0,
    send: () => {},
    allowLongLines: () => {},
    avoid: () => {},
    end: () => {},
  };
}

/** Only what the entrance touches on the way that is tested. */
function parts(some: unknown): SessionParts {
  const limits = { loginMs: 60_000, loginLines: 20, loginBytes: 16_384, loginTries: 5, lineBytes: 4_096 };
  const report = { defect: (error: unknown) => equal(error, undefined) };
  return {
    settings: { serverName: "Parley", motd: "", guests: true, limits },
    report,
    counts: new Counts().session,
    sessions: new Sessions(),
    ...some as object,
  } as unknown as SessionParts;
}
