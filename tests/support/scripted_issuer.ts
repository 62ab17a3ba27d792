import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";

const CLIENT = "parley", SECRET = "not for others";

/** What it vouches for, or would have others believe. */
type Claims = Record<string, unknown>;

/** Somebody who was sent here and is to bring back a code. */
interface Sent {
  readonly nonce: string;
  readonly challenge: string;
}

/**
 * An OpenID Connect issuer that does what the test wants: it signs in whoever comes, at once, as the person that is set, and
 * can be made to lie in each single thing.
 */
export class ScriptedIssuer implements AsyncDisposable {
  /** Who it says that people are. */
  person: Claims = { sub: "ann-at-issuer", preferred_username: "ann" };
  /** What is different about the ID token. */
  lies: Claims = {};
  /** By which key it is signed. */
  signs: "with its own key" | "with another key" | "not at all" = "with its own key";
  /** What is different about the address by which people are sent back; null leaves a part out. */
  sendsBackWith: Record<string, string | null> = {};
  /** The paths that it was asked for, in order. */
  readonly asked: string[] = [];
  /** Answers instead of it, where it answers. */
  answersInstead: (path: string) => Response | undefined = () => undefined;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #keys: { readonly own: CryptoKeyPair; readonly other: CryptoKeyPair };
  #sent = new Map<string, Sent>();

  private constructor(keys: { own: CryptoKeyPair; other: CryptoKeyPair }, port: number) {
    this.#keys = keys;
    const options = { hostname: "127.0.0.1", port, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  /** @param port A free one where it is left out. */
  static async open(port = 0): Promise<ScriptedIssuer> {
    const [own, other] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
    return new ScriptedIssuer({ own, other } as { own: CryptoKeyPair; other: CryptoKeyPair }, port);
  }

  /** By another name than the chat's pages: for a browser it is another site. */
  get url(): string {
    return `http://localhost:${this.#server.addr.port}`;
  }

  /** As the file has it; more keys may follow. */
  row(name = "corp"): string {
    return `[[oidc]]
name = "${name}"
title = "${name[0]!.toUpperCase()}${name.slice(1)}"
issuer = "${this.url}"
client_id = "${CLIENT}"
client_secret = "${SECRET}"
`;
  }

  /** The code of the one who was sent here last, as if somebody had seen it on its way. */
  get lastCode(): string {
    return [...this.#sent.keys()].at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    this.asked.push(pathname);
    const instead = this.answersInstead(pathname);
    if (instead !== undefined) return instead;
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return Response.json(this.#metadata());
      case "/authorize":
        return this.#sendBack(searchParams);
      case "/jwks":
        return Response.json({
          keys: [{ ...await exportJWK(this.#keys.own.publicKey), alg: "ES256", kid: "1" }],
        });
      case "/token":
        return await this.#giveToken(request);
      default:
        return new Response(null, { status: 404 });
    }
  }

  #metadata() {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #sendBack(asked: URLSearchParams): Response {
    const code = crypto.randomUUID();
    this.#sent.set(code, { nonce: asked.get("nonce")!, challenge: asked.get("code_challenge")! });
    const back = new URL(asked.get("redirect_uri")!);
    const answer = { code, state: asked.get("state"), iss: this.url, ...this.sendsBackWith };
    for (const [name, value] of Object.entries(answer)) {
      if (value !== null) back.searchParams.set(name, value);
    }
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  async #giveToken(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const [code, verifier] = [form.get("code")!, form.get("code_verifier") ?? ""];
    const sent = this.#sent.get(code);
    this.#sent.delete(code);
    const isOurs = form.get("client_secret") === SECRET;
    if (sent === undefined || !isOurs || await challengeOf(verifier) !== sent.challenge) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const id_token = await this.#idToken({ ...this.person, nonce: sent.nonce, ...this.lies });
    return Response.json({
      access_token: crypto.randomUUID(),
      token_type: "Bearer",
      expires_in: 60,
      id_token,
    });
  }

  #idToken(claims: Claims): Promise<string> | string {
    const now = Math.floor(Date.now() / 1_000);
    const payload = { iss: this.url, aud: CLIENT, iat: now, exp: now + 60, ...claims };
    if (this.signs === "not at all") return new UnsecuredJWT(payload).encode();
    const { privateKey } = this.signs === "with its own key" ? this.#keys.own : this.#keys.other;
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "1" }).sign(privateKey);
  }
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true });
}
