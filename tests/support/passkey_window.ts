import type { Asked } from "./api.ts";
import type { Chromium, Window } from "./browser.ts";
import { checkDocumented } from "./documented.ts";
import type { TestServer } from "./start_server.ts";
import { VirtualDevice } from "./virtual_device.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** A page of the server in Chromium, called by name, with a device for passkeys; scripts of the test's own run on it. */
export class PasskeyWindow implements AsyncDisposable {
  readonly device: VirtualDevice;
  #window: Window;

  private constructor(window: Window, device: VirtualDevice) {
    this.#window = window;
    this.device = device;
  }

  static async at(server: TestServer, chromium: Chromium): Promise<PasskeyWindow> {
    const window = await chromium.window();
    await window.context.addInitScript(offerToTest);
    await window.page.route(/\.js$/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
    const opened = new PasskeyWindow(window, await VirtualDevice.in(window));
    await opened.opens(server);
    return opened;
  }

  /** Goes to a page that does nothing by itself: its own scripts are left out. */
  async opens(server: TestServer, host = "localhost"): Promise<void> {
    await this.#window.page.goto(`http://${host}:${server.parley.addresses.http!.port}/docs`);
  }

  /** Signs in by password, with an account that is made for it. */
  async signsUp(server: TestServer, username: string): Promise<void> {
    await server.hasAccount(username);
    await this.calls("/session", { json: { username, password: "correct horse" } });
  }

  /** Calls the server as its pages do. With a body it is a POST, unless it says otherwise. */
  async calls(path: string, { method, json }: Pick<Asked, "method" | "json"> = {}): Promise<Json> {
    const asked = { method: method ?? (json === undefined ? "GET" : "POST"), body: JSON.stringify(json) };
    const answer = await this.#on("call", [path, asked]);
    checkDocumented({ path, method: asked.method, ...answer });
    return answer;
  }

  /** What the browser makes of what the server has told it; "NotAllowedError" and the like where it does not. */
  makes(options: Json): Promise<Json> {
    return this.#on("make", [options]);
  }

  uses(options: Json): Promise<Json> {
    return this.#on("use", [options]);
  }

  /** Makes a passkey and adds it to the account. */
  async adds(name: string): Promise<Json> {
    const { json: { options } } = await this.calls("/me/passkeys/options", { method: "POST" });
    return await this.calls("/me/passkeys", { json: { name, response: await this.makes(options) } });
  }

  /** @param login That of a password that was right. */
  async asked(login?: string): Promise<Json> {
    return (await this.calls("/session/passkey/options", { json: { login } })).json;
  }

  /** Signs in by a passkey, alone or as the second step. */
  async comesIn(login?: string): Promise<Json> {
    const asked = await this.asked(login);
    const response = await this.uses(asked.options);
    return await this.calls("/session/passkey", { json: { login: asked.login, response } });
  }

  /** The name of whoever is signed in. */
  async isSignedInAs(): Promise<string | undefined> {
    return (await this.calls("/session")).json.account?.name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#window[Symbol.asyncDispose]();
  }

  #on(deed: "call" | "make" | "use", args: unknown[]): Promise<Json> {
    return this.#window.page.evaluate(`offered.${deed}(...${JSON.stringify(args)})`);
  }
}

/** Runs on each page: what a test has it do. */
function offerToTest(): void {
  const { PublicKeyCredential, navigator } = globalThis as Json;
  const nameOf = (error: Error) => error.name;
  (globalThis as Json).offered = {
    async call(path: string, { method, body }: RequestInit) {
      const response = await fetch(path, { method, body, headers: { "content-type": "application/json" } });
      const type = response.headers.get("content-type");
      return { status: response.status, type, json: await response.json() };
    },
    make(options: Json) {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return navigator.credentials.create({ publicKey }).then((made: Json) => made.toJSON(), nameOf);
    },
    use(options: Json) {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return navigator.credentials.get({ publicKey }).then((used: Json) => used.toJSON(), nameOf);
    },
  };
}
