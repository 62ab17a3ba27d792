import { browserSupportsWebAuthn } from "@simplewebauthn/browser";

/** Why passkeys cannot be used on a page. */
export type PasskeyHindrance =
  /** It came over a connection that anybody could have changed. */
  | "insecure"
  /** It was opened by an IP address: passkeys belong to names. */
  | "address"
  /** The browser knows none. */
  | "unsupported"
  /** The server has made its certificate itself; browsers that were not told to trust it refuse. */
  | "certificate";

/** What that depends on. */
interface Page {
  /** As in the address: IPv6 in brackets. */
  readonly hostname: string;
  readonly protocol: string;
  /** What browsers call a secure context. */
  readonly secure: boolean;
  readonly supported: boolean;
  readonly selfSigned: boolean;
}

/** Why passkeys cannot be used, or, of a certificate, perhaps cannot; undefined where nothing is in the way. */
export function hindranceOf(page: Page): PasskeyHindrance | undefined {
  if (isAddress(page.hostname)) return "address";
  if (!page.secure) return "insecure";
  if (!page.supported) return "unsupported";
  return page.selfSigned && page.protocol === "https:" ? "certificate" : undefined;
}

/** The same of this very page. */
export function hindranceHere(
  { self_signed }: { readonly self_signed: boolean },
): PasskeyHindrance | undefined {
  const { hostname, protocol } = location;
  const supported = browserSupportsWebAuthn();
  return hindranceOf({ hostname, protocol, supported, secure: isSecureContext, selfSigned: self_signed });
}

/** What is in the way, and what to do about it. */
export function wordsAbout(hindrance: PasskeyHindrance): string {
  switch (hindrance) {
    case "insecure":
      return "Browsers use passkeys on encrypted pages only. Open this one by https.";
    case "address":
      return "Passkeys belong to a name, and this page was opened by the number of an address. " +
        "Open it by the server’s name, or at localhost on the machine itself.";
    case "unsupported":
      return "This browser knows no passkeys.";
    case "certificate":
      return "Browsers refuse passkeys where they do not trust the certificate, and this server has made its own. " +
        "Its operator can give it one that browsers know; " +
        "at http://localhost on the machine itself it works without.";
  }
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}
