import type { CDPSession } from "playwright-core";
import type { Window } from "./browser.ts";

/** A device with passkeys that Chromium takes for a real one; somebody's finger is always on it. */
export class VirtualDevice {
  #cdp: CDPSession;
  #id: string;

  private constructor(cdp: CDPSession, id: string) {
    this.#cdp = cdp;
    this.#id = id;
  }

  /** One that is built into the computer on which a window is. */
  static async in({ context, page }: Window): Promise<VirtualDevice> {
    const cdp = await context.newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new VirtualDevice(cdp, authenticatorId);
  }

  /** Whether it is the right finger from now on. */
  async isUnlocked(isUserVerified: boolean): Promise<void> {
    await this.#cdp.send("WebAuthn.setUserVerified", { authenticatorId: this.#id, isUserVerified });
  }

  /** For which names of servers it has passkeys. */
  async hosts(): Promise<(string | undefined)[]> {
    const { credentials } = await this.#cdp.send("WebAuthn.getCredentials", { authenticatorId: this.#id });
    return credentials.map(({ rpId }) => rpId);
  }
}
