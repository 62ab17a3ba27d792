import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import type { Account, Passkey } from "./account_store.ts";

/** How long a browser waits for its user: as long as the server waits for the answer. */
export const ANSWER_MS = 300_000;

/**
 * Ed25519, ES256 and RS256, by their numbers (RFC 9053, RFC 8812): what devices have, and what every build of the server
 * can check.
 */
const ALGORITHMS = [-8, -7, -257];

/** The page that asks for a passkey. */
export interface AskingPage {
  /** The name by which the server was called. A passkey is good at one of these. */
  readonly host: string;
  /** Scheme, host and port, as browsers write them. */
  readonly origin: string;
}

/** What a browser says of a passkey that it has just made; Base64url. */
export interface MadePasskey {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: string[] | undefined;
  };
}

/** What a browser says of a passkey that was used; Base64url. */
export interface UsedPasskey {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    /** Whose it is. */
    readonly userHandle?: string | null | undefined;
  };
}

/** What a browser must have answered to. */
interface Expected {
  readonly challenge: string;
  readonly page: AskingPage;
}

/** For `navigator.credentials.create`: a passkey that is found without a username, and that its user has to unlock. */
export async function creationOptions(
  { id, username, name, passkeys }: Pick<Account, "id" | "username" | "name" | "passkeys">,
  { challenge, page: { host }, serverName }: Expected & { readonly serverName: string },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  return await generateRegistrationOptions({
    rpName: serverName,
    rpID: host,
    userID: new TextEncoder().encode(id),
    userName: username,
    userDisplayName: name,
    challenge: fromBase64Url(challenge),
    timeout: ANSWER_MS,
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: descriptors(passkeys),
  });
}

/**
 * For `navigator.credentials.get`.
 *
 * @param expected.passkeys Those that will do; any that the server knows where they are left out.
 */
export async function requestOptions(
  { challenge, page: { host }, passkeys }: Expected & { readonly passkeys?: readonly Passkey[] },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  return await generateAuthenticationOptions({
    rpID: host,
    challenge: fromBase64Url(challenge),
    timeout: ANSWER_MS,
    userVerification: passkeys === undefined ? "required" : "preferred",
    ...passkeys && { allowCredentials: descriptors(passkeys) },
  });
}

/** The passkey that was made; undefined where that was not on this page, not for this challenge, or not unlocked. */
export async function readMade(
  { id, response }: MadePasskey,
  { challenge, page }: Expected,
): Promise<Pick<Passkey, "id" | "publicKey" | "counter"> | undefined> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  try {
    if (await hasCertificates(response.attestationObject)) return undefined;
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: page.origin,
      expectedRPID: page.host,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return registrationInfo?.credential;
  } catch {
    return undefined; // whatever is wrong with it, the user can only try again
  }
}

/**
 * How often a passkey says that it was used by now, 0 where it does not count; undefined where it was not this one, not
 * on this page, not for this challenge, not unlocked, or if it says that it was used less often than it was.
 *
 * @param expected.unlocked Whether its user must have proved to be who they are, by a finger or a PIN.
 */
export async function readUsed(
  { response, ...used }: UsedPasskey,
  { challenge, page, passkey: { id, publicKey, counter }, unlocked }: Expected & {
    readonly passkey: Passkey;
    readonly unlocked: boolean;
  },
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const { clientDataJSON, authenticatorData, signature } = response;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: used.id,
        rawId: used.id,
        type: "public-key",
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: page.origin,
      expectedRPID: page.host,
      credential: { id, publicKey, counter },
      requireUserVerification: unlocked,
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined; // as above
  }
}

/** The challenge that a browser has answered to; "" where it says none. */
export function challengeIn({ response }: MadePasskey | UsedPasskey): string {
  try {
    const { challenge } = JSON.parse(new TextDecoder().decode(fromBase64Url(response.clientDataJSON)));
    return typeof challenge === "string" ? challenge : "";
  } catch {
    return "";
  }
}

/** What browsers call the owner of a passkey. */
export function userHandleOf({ id }: Pick<Account, "id">): string {
  return new TextEncoder().encode(id).toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Whether it is told by whom a device was made, which nobody has asked for. To find out whether that is true, the server
 * would have to fetch lists from addresses that it is given.
 */
async function hasCertificates(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const attested = decodeAttestationObject(fromBase64Url(attestationObject));
  return !["none", "packed"].includes(attested.get("fmt")) ||
    attested.get("attStmt").get("x5c") !== undefined;
}

function descriptors(passkeys: readonly Passkey[]): { id: string; transports: string[] }[] {
  return passkeys.map(({ id, transports }) => ({ id, transports: [...transports] }));
}

/** @throws {SyntaxError} */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
