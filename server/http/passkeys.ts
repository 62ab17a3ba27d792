import { isIP } from "node:net";
import { z } from "zod";
import type { AskingPage, MadePasskey, UsedPasskey } from "../accounts/web_authn.ts";
import { passkeysNeedName } from "../refusals.ts";
import type { Call } from "./route.ts";

/** Bytes as browsers write them in JSON. */
const base64url = z.string().regex(/^[\w-]+$/);

/** The id of a passkey: of at most 1,023 bytes (WebAuthn, 4). */
const credentialId = base64url.max(1_364);

/** What `navigator.credentials.create` gives, of which no more is looked at than this. */
export const madePasskey: z.ZodType<MadePasskey> = z.object({
  id: credentialId,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string()).optional(),
  }),
}).meta({ id: "MadePasskey", description: "RegistrationResponseJSON, as WebAuthn has it." });

/** The same of `navigator.credentials.get`. */
export const usedPasskey: z.ZodType<UsedPasskey> = z.object({
  id: credentialId,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
}).meta({ id: "UsedPasskey", description: "AuthenticationResponseJSON, as WebAuthn has it." });

/** What such calls are sent, for the documentation. */
export const EXAMPLE_MADE = {
  id: "AAECAwQFBgcICQoLDA0ODw",
  response: { clientDataJSON: "e30", attestationObject: "oA", transports: ["internal"] },
};

export const EXAMPLE_USED = {
  id: "AAECAwQFBgcICQoLDA0ODw",
  response: { clientDataJSON: "e30", authenticatorData: "AA", signature: "AA" },
};

/**
 * The page that calls. Its origin is as its browser says, for a proxy in between may take it to be another; that it is
 * of this host is known by then.
 *
 * @throws {Refusal} `passkeys_need_name`
 */
export function pageOf({ host, request }: Pick<Call<unknown>, "host" | "request">): AskingPage {
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) throw passkeysNeedName(host);
  return { host, origin: request.headers.get("origin") ?? new URL(request.url).origin };
}
