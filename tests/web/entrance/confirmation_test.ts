import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { Confirmation, isGivenUp } from "../../../web/entrance/confirmation.ts";

Deno.test("however many calls want the password, it is asked for once, and all go on", async () => {
  using server = new WaryServer();
  const confirmation = new Confirmation();
  const calls = [confirmation.call("GET", "/one"), confirmation.call("GET", "/two")];
  await server.hasRefused(2);
  equal(confirmation.wanted.value, true);
  await confirmation.byPassword("correct horse");
  equal(confirmation.wanted.value, false);
  deepEqual(await Promise.all(calls), [{ path: "/one" }, { path: "/two" }]);
});

Deno.test("after the password was not given, the next call asks for it again", async () => {
  using server = new WaryServer();
  const confirmation = new Confirmation();
  for (const count of [1, 2]) {
    const call = confirmation.call("GET", "/one");
    await server.hasRefused(count);
    equal(confirmation.wanted.value, true);
    confirmation.giveUp();
    await rejects(call, isGivenUp);
    equal(confirmation.wanted.value, false);
  }
});

Deno.test("a wrong password may be tried again", async () => {
  using server = new WaryServer();
  const confirmation = new Confirmation();
  const call = confirmation.call("GET", "/one");
  await server.hasRefused(1);
  await rejects(confirmation.byPassword("wrong horse"), /Wrong password/);
  equal(confirmation.wanted.value, true);
  await confirmation.byPassword("correct horse");
  deepEqual(await call, { path: "/one" });
});

/** Stands in for the server: it wants the password before anything else. */
class WaryServer implements Disposable {
  #fetch = globalThis.fetch;
  #confirmed = false;
  #refused = 0;
  #more = Promise.withResolvers<void>();

  constructor() {
    globalThis.fetch = (path, init) => Promise.resolve(this.#answer(String(path), String(init?.body)));
  }

  /** Waits until so many calls were not answered for want of the password, and their callers know. */
  async hasRefused(count: number): Promise<void> {
    while (this.#refused < count) await this.#more.promise;
    await new Promise((resolve) => setTimeout(resolve));
  }

  [Symbol.dispose](): void {
    globalThis.fetch = this.#fetch;
  }

  #answer(path: string, body: string): Response {
    if (path === "/session/confirm") {
      if (!body.includes("correct horse")) {
        return Response.json({ message: "Wrong password; nothing was changed." }, { status: 403 });
      }
      this.#confirmed = true;
      return Response.json({});
    }
    if (this.#confirmed) return Response.json({ path });
    this.#refused++;
    this.#more.resolve();
    this.#more = Promise.withResolvers();
    return Response.json({ message: "Give your password once more to go on." }, { status: 428 });
  }
}
