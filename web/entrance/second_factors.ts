import { signal } from "@preact/signals";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import type { BegunCodes, MfaInfo } from "../../server/wire/web_types.ts";
import type { Confirmation } from "./confirmation.ts";
import { makePasskey } from "./passkeys.ts";

/** By what the account that is signed in proves itself beside its password. What fails throws a sentence for people. */
export class SecondFactors {
  /** Undefined until the server has said. */
  readonly info = signal<MfaInfo | undefined>(undefined);
  #confirmation: Confirmation;

  constructor(confirmation: Confirmation) {
    this.#confirmation = confirmation;
  }

  async load(): Promise<void> {
    this.info.value = await this.#confirmation.call<MfaInfo>("GET", "/me/mfa");
  }

  /** What is given to an authenticator app; it counts from its first code on. */
  begin(): Promise<BegunCodes> {
    return this.#confirmation.call("POST", "/me/mfa");
  }

  /** Switches codes on. @returns The recovery codes, which are shown only now. */
  confirm(code: string): Promise<readonly string[]> {
    return this.#recoveryCodes("/me/mfa/confirm", code);
  }

  /** Makes the recovery codes void that there are. @returns Others. */
  renewRecoveryCodes(code: string): Promise<readonly string[]> {
    return this.#recoveryCodes("/me/mfa/recovery-codes", code);
  }

  async switchOff(code: string): Promise<void> {
    await this.#confirmation.call("DELETE", "/me/mfa", { code });
    await this.load();
  }

  /** Lets the browser make a passkey, and keeps it under a name. */
  async addPasskey(name: string): Promise<void> {
    const { options } = await this.#confirmation.call<{ options: PublicKeyCredentialCreationOptionsJSON }>(
      "POST",
      "/me/passkeys/options",
    );
    await this.#confirmation.call("POST", "/me/passkeys", { name, response: await makePasskey(options) });
    await this.load();
  }

  async renamePasskey(id: string, name: string): Promise<void> {
    await this.#confirmation.call("PATCH", `/me/passkeys/${encodeURIComponent(id)}`, { name });
    await this.load();
  }

  async removePasskey(id: string): Promise<void> {
    await this.#confirmation.call("DELETE", `/me/passkeys/${encodeURIComponent(id)}`);
    await this.load();
  }

  async #recoveryCodes(path: string, code: string): Promise<readonly string[]> {
    const answer = await this.#confirmation.call<{ recovery_codes: string[] }>("POST", path, { code });
    await this.load().catch(() => {}); // they are shown only now, whatever comes after
    return answer.recovery_codes;
  }
}
