import { match } from "node:assert/strict";
import { passkeyFailure } from "../../../web/entrance/passkeys.ts";

for (
  const [name, message, said] of [
    ["NotAllowedError", "The operation either timed out or was not allowed.", /cancelled, or took too long/],
    [
      "NotAllowedError",
      "WebAuthn is not supported on sites with TLS certificate errors.",
      /trust the certificate/,
    ],
    [
      "InvalidStateError",
      "The authenticator was previously registered",
      /has a passkey for you here already/,
    ],
    ["ConstraintError", "No authenticator supports user verification", /a finger, a face or a PIN/],
    ["SecurityError", "The RP ID is invalid for this domain", /the name that it was made for/],
    ["UnknownError", "Something else.", /^The browser could not do that: Something else\.$/],
  ] as const
) {
  Deno.test(`what a browser says of a passkey, in words: ${name}, ${message}`, () => {
    match(passkeyFailure(Object.assign(new Error(message), { name })), said);
  });
}
