import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import type { FirstStep } from "../../../server/accounts/login.ts";
import type { LinkAsker, LinkReceiver } from "../../../server/accounts/link_codes.ts";
import { linkNotFound, tokenRevoked, wrongCredentials } from "../../../server/refusals.ts";
import type { Connection } from "../../../server/session/connection.ts";
import { Session } from "../../../server/session/session.ts";
import { Sessions } from "../../../server/session/sessions.ts";
import type { SessionParts } from "../../../server/session/stage.ts";
import { allCommands } from "../../../server/commands/table.ts";
import { Counts } from "../../../server/telemetry/counts.ts";
import { JsonOutput } from "../../../server/wire/json_output.ts";
import { TextOutput } from "../../../server/wire/text_output.ts";
import { type OpenChat, openChat, settle } from "../chat/_chat.ts";
import { anAccount } from "../../support/an_account.ts";

const VOUCHER = { account: "id of Bob", token: "T" };
const WELCOME = [
  "Hello Bob! You are now connected.",
  "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
  "Users currently online (1): Bob",
];

Deno.test("a password that turns out wrong when a browser has opened the door is no matter any more", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login Bob");
  terminal.forgets();
  const line = terminal.types("wrong horse");
  await terminal.door.confirmed(VOUCHER);
  terminal.passwordChecked.reject(wrongCredentials());
  await line;
  deepEqual(terminal.read, ["", ...WELCOME]);
});

Deno.test("a right password that is found after a browser has opened the door lets nobody in twice", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login Bob");
  terminal.forgets();
  const line = terminal.types("correct horse");
  await terminal.door.confirmed(VOUCHER);
  terminal.passwordChecked.resolve({ account: BOB, owes: [] });
  await line;
  deepEqual(terminal.read, ["", ...WELCOME]);
  equal(chat.hub.roster.findByKey("id of Bob")!.listeners.size, 1);
});

Deno.test("a browser that is later than the password is told that nobody waits, and the terminal nothing", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login Bob");
  terminal.forgets();
  const line = terminal.types("correct horse");
  terminal.browserChecked = Promise.withResolvers<Account>();
  const confirmed = rejects(terminal.door.confirmed(VOUCHER), linkNotFound());
  terminal.passwordChecked.resolve({ account: BOB, owes: [] });
  await line;
  terminal.browserChecked.resolve(BOB);
  await confirmed;
  terminal.door.refused();
  deepEqual(terminal.read, WELCOME);
  equal(terminal.withdrawn, 1);
});

Deno.test("a browser that has been signed out meanwhile opens nothing, and both sides are told", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login");
  terminal.forgets();
  terminal.browserChecked = Promise.withResolvers<Account>();
  terminal.browserChecked.reject(tokenRevoked());
  await rejects(terminal.door.confirmed(VOUCHER), tokenRevoked());
  deepEqual(terminal.read, ["", "This token has been revoked.", "Enter your username: "]);
});

Deno.test("a terminal that is gone is let in by nobody", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login");
  await terminal.goes();
  equal(terminal.withdrawn, 1);
  await rejects(terminal.door.confirmed(VOUCHER), linkNotFound());
  equal(chat.hub.roster.size, 0);
});

Deno.test("who waits for a browser is shown out when its code is over, and not before", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat, { loginMs: 30, codeMs: 150 });
  await terminal.types("/login");
  const afterMs = await terminal.ended.promise;
  ok(afterMs >= 145, `${afterMs} ms`);
  equal(terminal.read.at(-1), "Enter your username: Login timed out.");
});

Deno.test("who has more time than a code has keeps it", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat, { loginMs: 150, codeMs: 30 });
  await terminal.types("/login");
  const afterMs = await terminal.ended.promise;
  ok(afterMs >= 145, `${afterMs} ms`);
});

Deno.test("a browser learns who asks", async () => {
  using chat = await openChat();
  await using terminal = new Terminal(chat);
  await terminal.types("/login");
  await terminal.types("/login Bob");
  deepEqual(terminal.asked, [undefined, "Bob"].map((username) => ({ ...WHERE, username })));
});

const WHERE = { address: "192.0.2.1", how: "TLS" };

const BOB = anAccount({ id: "id of Bob", name: "Bob" });

/** A connection at the entrance, and the browser that may open the door. */
class Terminal implements AsyncDisposable {
  /** What the entrance has said of itself to those who know codes. */
  readonly asked: LinkAsker[] = [];
  /** By what a browser decides. */
  door!: LinkReceiver;
  withdrawn = 0;
  readonly passwordChecked = Promise.withResolvers<FirstStep>();
  browserChecked = Promise.withResolvers<Account>();
  /** After how many milliseconds it was. */
  readonly ended = Promise.withResolvers<number>();
  #session: Session;
  #text = "";

  constructor(chat: OpenChat, { loginMs = 60_000, codeMs = 300_000 } = {}) {
    const beganAt = performance.now();
    const connection: Connection = {
      ...WHERE,
      id: "1",
      program: "openssl",
      localAddress: "192.0.2.9",
      jsonOnly: false,
      pauseFramed: false,
      waitingBytes: 0,
      send: (bytes) => void (this.#text += new TextDecoder().decode(bytes)),
      allowLongLines: () => {},
      avoid: () => {},
      end: () => this.ended.resolve(performance.now() - beganAt),
    };
    this.browserChecked.resolve(BOB);
    this.#session = new Session(connection, this.#parts(chat, { loginMs, codeMs }));
  }

  /** The lines since it has forgotten, the last one whether or not it is ended. */
  get read(): string[] {
    return this.#text.replace(/\n$/, "").split("\n");
  }

  forgets(): void {
    this.#text = "";
  }

  async types(line: string): Promise<void> {
    await this.#session.line(line);
  }

  goes(): Promise<void> {
    this.#session.closed("quit");
    return settle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.goes();
  }

  #parts({ hub, archive }: OpenChat, { loginMs, codeMs }: { loginMs: number; codeMs: number }): SessionParts {
    const limits = { loginMs, loginLines: 20, loginBytes: 16_384, loginTries: 5, lineBytes: 4_096 };
    const parts = {
      hub,
      archive,
      mailbox: hub.correspondence.mailbox,
      commands: allCommands(),
      textOutput: new TextOutput(),
      jsonOutput: new JsonOutput(),
      settings: {
        serverName: "Parley",
        motd: "",
        guests: true,
        limits: { ...limits, rate: "off", commandRate: "off" },
      },
      report: { defect: (error: unknown) => equal(error, undefined), loggedIn: () => {} },
      counts: new Counts().session,
      newLogins: { tell: () => {} },
      sessions: new Sessions(),
      login: {
        byPassword: () => this.passwordChecked.promise,
        byVoucher: () => this.browserChecked.promise,
        checkAgain: () => Promise.resolve(),
        takesPasswords: true,
        mustEnrol: () => false,
        checkEnrolled: () => {},
      },
      linkUrl: () => "https://localhost:8443/link",
      links: {
        offer: (asker: LinkAsker, receiver: LinkReceiver) => {
          this.asked.push(asker);
          this.door = receiver;
          const withdraw = () => this.withdrawn++;
          return { code: "BCDF-GHJK", expiresAt: new Date(0), lifetimeMs: codeMs, withdraw };
        },
      },
    };
    return parts as unknown as SessionParts;
  }
}
