import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import {
  lastWayIn,
  mfaStaysOn,
  passkeyHeld,
  passkeyNotFound,
  tooManyPasskeys,
  wrongPasskey,
} from "../refusals.ts";
import type { Account, Passkey } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import { lacksSecondFactor, type MfaPolicy } from "./mfa.ts";
import { Pending } from "./pending.ts";
import type { WaysIn } from "./ways_in.ts";
import {
  ANSWER_MS,
  type AskingPage,
  challengeIn,
  creationOptions,
  type MadePasskey,
  readMade,
} from "./web_authn.ts";

/** As many as one account may have: what is kept of all of them has to fit into its record. */
const MOST_PASSKEYS = 20;
const MOST_BYTES = 1_536;

/** How a browser may reach the device that a passkey is on (WebAuthn, 5.8.4). */
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

interface PasskeysParts {
  readonly accounts: Accounts;
  /** May change while the server runs. */
  readonly policy: {
    readonly serverName: string;
    readonly requireMfa: MfaPolicy;
  };
  readonly waysIn: WaysIn;
  readonly nowMs?: () => number;
}

/** What passkeys an account has. How somebody comes in by one: passkey_proofs.ts. */
export class Passkeys {
  #parts: PasskeysParts;
  /** Challenge → id of the account that adds a passkey. */
  #adding: Pending<string>;

  /** @param parts.nowMs A clock that never goes back. */
  constructor(parts: PasskeysParts) {
    this.#parts = parts;
    this.#adding = new Pending({ lifetimeMs: ANSWER_MS, ...parts.nowMs && { nowMs: parts.nowMs } });
  }

  /**
   * What a browser needs to make a passkey.
   *
   * @throws {Refusal} `too_many_passkeys`, `too_many_steps`
   */
  async beginAdding(account: Account, page: AskingPage): Promise<PublicKeyCredentialCreationOptionsJSON> {
    checkRoom(account.passkeys);
    const challenge = this.#adding.put(account.id);
    const { serverName } = this.#parts.policy;
    return await creationOptions(account, { challenge, page, serverName });
  }

  /**
   * Takes a passkey that a browser has made.
   *
   * @param adding.name 1 to 64 characters, all of them printable.
   * @throws {Refusal} `step_over`, `wrong_passkey`, `too_many_passkeys`, `passkey_held`
   */
  async add(
    id: string,
    { name, made, page }: { name: string; made: MadePasskey; page: AskingPage },
  ): Promise<Passkey> {
    const challenge = challengeIn(made);
    if (this.#adding.take(challenge) !== id) throw wrongPasskey();
    const read = await readMade(made, { challenge, page });
    if (read === undefined || read.id.length + read.publicKey.length > MOST_BYTES) throw wrongPasskey();
    const { transports = [] } = made.response;
    const passkey: Passkey = {
      id: read.id,
      name,
      publicKey: read.publicKey,
      counter: read.counter,
      transports: TRANSPORTS.filter((transport) => transports.includes(transport)),
      host: page.host,
      createdAt: new Date(),
      lastUsedAt: undefined,
    };
    await this.#parts.accounts.changePasskeys(id, (passkeys) => {
      checkRoom(passkeys);
      if (passkeys.some((other) => other.id === passkey.id)) throw passkeyHeld();
      return [...passkeys, passkey];
    });
    return passkey;
  }

  /** @throws {Refusal} `passkey_not_found` */
  async rename(id: string, passkey: string, name: string): Promise<Passkey> {
    const { passkeys } = await this.#parts.accounts.changePasskeys(id, (passkeys) => {
      get(passkeys, passkey);
      return passkeys.map((one) => one.id === passkey ? { ...one, name } : one);
    });
    return get(passkeys, passkey);
  }

  /**
   * Takes one away, unless its owner could not come in without it.
   *
   * @throws {Refusal} `passkey_not_found`, `mfa_stays_on`, `last_way_in`
   */
  async remove(id: string, passkey: string): Promise<void> {
    const { accounts, policy, waysIn } = this.#parts;
    await accounts.changePasskeys(id, (passkeys, account) => {
      get(passkeys, passkey);
      const left = passkeys.filter((one) => one.id !== passkey);
      const without = { ...account, passkeys: left };
      if (lacksSecondFactor(without, policy.requireMfa)) throw mfaStaysOn();
      if (!waysIn.has(without)) throw lastWayIn();
      return left;
    });
  }
}

/** @throws {Refusal} `passkey_not_found` */
function get(passkeys: readonly Passkey[], id: string): Passkey {
  const passkey = passkeys.find((one) => one.id === id);
  if (passkey === undefined) throw passkeyNotFound(id);
  return passkey;
}

/** @throws {Refusal} `too_many_passkeys` */
function checkRoom(passkeys: readonly Passkey[]): void {
  if (passkeys.length >= MOST_PASSKEYS) throw tooManyPasskeys(MOST_PASSKEYS);
}
