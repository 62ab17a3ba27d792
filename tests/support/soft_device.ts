import { bytes, head, int, joined, map, text } from "./cbor.ts";

/** How what a device says differs from what it would say of itself. */
export interface Lies {
  readonly origin?: string;
  /** The name that the passkey is used at. */
  readonly host?: string;
  readonly challenge?: string;
  /** "webauthn.create" or "webauthn.get". */
  readonly type?: string;
  /** Somebody has touched it. */
  readonly present?: boolean;
  /** Somebody has unlocked it. */
  readonly verified?: boolean;
  readonly counter?: number;
  /** null for none. */
  readonly userHandle?: string | null;
  /** The id of the passkey, Base64url. */
  readonly id?: string;
  /** Signs with a key of its own. */
  readonly forged?: true;
  /** What it says of its maker, in CBOR, of the bytes that are signed for it. */
  readonly attestation?: (
    signed: Uint8Array<ArrayBuffer>,
  ) => Promise<readonly [format: string, statement: Uint8Array]>;
  /** Bytes instead of the public key, COSE. */
  readonly publicKey?: Uint8Array;
}

/** What a page was told to have the browser do. */
// deno-lint-ignore no-explicit-any
type Options = any;

/** What a page sends then. */
// deno-lint-ignore no-explicit-any
type Response = any;

/**
 * A device with one passkey, in software: it does what browsers and devices do (WebAuthn, level 3), and what none of them
 * can be brought to do.
 */
export class SoftDevice {
  readonly id = base64url(crypto.getRandomValues(new Uint8Array(16)));
  #origin: string;
  #keys: CryptoKeyPair;
  #userHandle = "";
  #counter = 0;

  private constructor(origin: string, keys: CryptoKeyPair) {
    this.#origin = origin;
    this.#keys = keys;
  }

  /** @param origin That of the page that it is used on. */
  static async at(origin: string): Promise<SoftDevice> {
    return new SoftDevice(origin, await newKeys());
  }

  /** Makes its passkey, as `navigator.credentials.create` does. */
  async makes({ challenge, rp, user }: Options, lies: Lies = {}): Promise<Response> {
    this.#userHandle = user.id;
    const id = fromBase64url(lies.id ?? this.id);
    const publicKey = lies.publicKey ?? await coseKey(this.#keys.publicKey);
    const made = joined([new Uint8Array(16), [id.length >> 8, id.length & 255], id, publicKey]);
    const authData = joined([await this.#authData(rp.id, 0x40, lies), made]);
    const clientDataJSON = this.#clientData("webauthn.create", challenge, lies);
    const signed = joined([authData, await sha256(fromBase64url(clientDataJSON))]);
    const [format, statement] = await lies.attestation?.(signed) ?? ["none", map([])];
    const attestation = map([["fmt", text(format)], ["attStmt", statement], ["authData", bytes(authData)]]);
    return {
      id: lies.id ?? this.id,
      rawId: lies.id ?? this.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        attestationObject: base64url(attestation),
        transports: ["internal"],
      },
    };
  }

  /** Uses it, as `navigator.credentials.get` does. */
  async uses({ challenge, rpId }: Options, lies: Lies = {}): Promise<Response> {
    this.#counter++;
    const authData = await this.#authData(rpId, 0, lies);
    const clientDataJSON = this.#clientData("webauthn.get", challenge, lies);
    const { privateKey } = lies.forged ? await newKeys() : this.#keys;
    const signed = joined([authData, await sha256(fromBase64url(clientDataJSON))]);
    const { userHandle = this.#userHandle } = lies;
    return {
      id: lies.id ?? this.id,
      rawId: lies.id ?? this.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        authenticatorData: base64url(authData),
        signature: base64url(await signature(signed, privateKey)),
        ...userHandle === null ? {} : { userHandle },
      },
    };
  }

  async #authData(
    host: string,
    flags: number,
    { present = true, verified = true, counter = this.#counter, ...lies }: Lies,
  ): Promise<Uint8Array> {
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, counter);
    const rpIdHash = await sha256(new TextEncoder().encode(lies.host ?? host));
    return joined([rpIdHash, [flags | (present ? 0x01 : 0) | (verified ? 0x04 : 0)], count]);
  }

  #clientData(type: string, challenge: string, lies: Lies): string {
    const { origin } = { origin: this.#origin, ...lies };
    const said = {
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin,
      crossOrigin: false,
    };
    return base64url(new TextEncoder().encode(JSON.stringify(said)));
  }
}

export function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** ES256, as WebAuthn has it. */
export async function signature(signed: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<Uint8Array> {
  return der(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, signed)));
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

export function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
}

/** ES256 on P-256, as COSE has it (RFC 9053). */
async function coseKey(key: CryptoKey): Promise<Uint8Array> {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  const fields: [number, Uint8Array][] = [
    [1, int(2)],
    [3, int(-7)],
    [-1, int(1)],
    [-2, bytes(point.slice(1, 33))],
    [-3, bytes(point.slice(33))],
  ];
  return joined([head(5, fields.length), ...fields.flatMap(([name, value]) => [int(name), value])]);
}

/** Two numbers of 32 bytes as ASN.1 has them: without leading zeros, but for one where they would be negative. */
function der(signature: Uint8Array): Uint8Array {
  const numbers = [signature.slice(0, 32), signature.slice(32)].map((number) => {
    const from = number.findIndex((byte) => byte !== 0);
    const short = number.slice(from);
    const positive = short[0]! < 0x80 ? short : joined([[0], short]);
    return joined([[0x02, positive.length], positive]);
  });
  const both = joined(numbers);
  return joined([[0x30, both.length], both]);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
