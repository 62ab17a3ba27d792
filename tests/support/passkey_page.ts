import type { Answer } from "./api.ts";
import { PageOf } from "./page_of.ts";
import { type Lies, SoftDevice } from "./soft_device.ts";
import type { TestServer } from "./start_server.ts";

/** A page at a name of the server, and a device at hand: all that passkeys need, without a browser. */
export class PasskeyPage extends PageOf {
  #device: SoftDevice;

  private constructor(server: TestServer, device: SoftDevice) {
    super(server, { host: "localhost" });
    this.#device = device;
  }

  /** @param device Another page's, where it is the same. */
  static async of(server: TestServer, device?: SoftDevice): Promise<PasskeyPage> {
    const { origin } = new PageOf(server, { host: "localhost" });
    return new PasskeyPage(server, device ?? await SoftDevice.at(origin));
  }

  /** One that is signed in by password, with an account that is made for it. */
  static async ofNew(server: TestServer, username: string): Promise<PasskeyPage> {
    await server.hasAccount(username);
    const page = await PasskeyPage.of(server);
    await page.signsIn(username);
    return page;
  }

  /** The same of somebody who has a passkey. */
  static async ofOwner(server: TestServer, username: string): Promise<PasskeyPage> {
    const page = await PasskeyPage.ofNew(server, username);
    await page.adds();
    return page;
  }

  get device(): SoftDevice {
    return this.#device;
  }

  /** Has the device make a passkey, and adds it to the account. */
  async adds(lies: Lies = {}, name = "Laptop"): Promise<Answer> {
    const { json: { options } } = await this.calls("/me/passkeys/options", { method: "POST" });
    return await this.gives(await this.#device.makes(options, lies), name);
  }

  /** Adds what a device has made. */
  gives(response: unknown, name = "Laptop"): Promise<Answer> {
    return this.calls("/me/passkeys", { json: { name, response } });
  }

  /** @param login That of a password that was right. */
  async asked(login?: string): Promise<{ login: string; options: { challenge: string } }> {
    return (await this.calls("/session/passkey/options", { json: { login } })).json;
  }

  /** Signs in by the device, alone or as the second step. */
  async comesIn(lies: Lies = {}, login?: string): Promise<Answer> {
    const asked = await this.asked(login);
    return await this.answers(asked.login, await this.#device.uses(asked.options, lies));
  }

  answers(login: string, response: unknown): Promise<Answer> {
    return this.calls("/session/passkey", { json: { login, response } });
  }

  /** Proves once more who is signed in. */
  async confirms(lies: Lies = {}): Promise<Answer> {
    const { login, options } = await this.asked();
    return await this.calls("/session/confirm", {
      json: { login, response: await this.#device.uses(options, lies) },
    });
  }
}
