import {
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";

/**
 * Lets the browser answer by a passkey, which asks whoever sits there for a finger, a face or a PIN.
 *
 * @throws {Error} with a sentence for people.
 */
export function askPasskey(
  optionsJSON: PublicKeyCredentialRequestOptionsJSON,
): Promise<AuthenticationResponseJSON> {
  return startAuthentication({ optionsJSON }).catch(tell);
}

/** Lets the browser make a passkey. @throws {Error} with a sentence for people. */
export function makePasskey(
  optionsJSON: PublicKeyCredentialCreationOptionsJSON,
): Promise<RegistrationResponseJSON> {
  return startRegistration({ optionsJSON }).catch(tell);
}

function tell(error: unknown): never {
  throw new Error(passkeyFailure(error), { cause: error });
}

/** Why the browser did not use or make a passkey, in words; browsers say little about it. */
export function passkeyFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (/certificate/i.test(message)) {
    return "The browser refuses passkeys here, because it does not trust the certificate of this server.";
  }
  switch (name) {
    case "NotAllowedError":
      return "The passkey was not used: that was cancelled, or took too long.";
    case "InvalidStateError":
      return "This device has a passkey for you here already.";
    case "ConstraintError":
      return "This device cannot keep a passkey that asks for a finger, a face or a PIN.";
    case "SecurityError":
      return "A passkey is good only at the name that it was made for, and this page has another one.";
    default:
      return `The browser could not do that: ${message}`;
  }
}
