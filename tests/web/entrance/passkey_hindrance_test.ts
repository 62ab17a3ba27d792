import { strictEqual as equal } from "node:assert/strict";
import { hindranceOf } from "../../../web/entrance/passkey_hindrance.ts";

const TRUSTED = {
  hostname: "chat.example.org",
  protocol: "https:",
  secure: true,
  supported: true,
  selfSigned: false,
};

for (
  const [page, hindrance] of [
    [{}, undefined],
    [{ selfSigned: true }, "certificate"],
    [{ hostname: "localhost", protocol: "http:", selfSigned: true }, undefined],
    [{ hostname: "localhost", selfSigned: true }, "certificate"],
    [{ hostname: "127.0.0.1", protocol: "http:" }, "address"],
    [{ hostname: "203.0.113.7", selfSigned: true }, "address"],
    [{ hostname: "[::1]" }, "address"],
    [{ hostname: "203.0.113.7", protocol: "http:", secure: false, supported: false }, "address"],
    [{ protocol: "http:", secure: false, supported: false }, "insecure"],
    [{ supported: false }, "unsupported"],
    [{ supported: false, selfSigned: true }, "unsupported"],
    [{ hostname: "1.2.3.example" }, undefined],
  ] as const
) {
  Deno.test(`what keeps passkeys from a page: ${JSON.stringify(page)}`, () => {
    equal(hindranceOf({ ...TRUSTED, ...page }), hindrance);
  });
}
