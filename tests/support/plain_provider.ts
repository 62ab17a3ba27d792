import { strict as assert } from "node:assert";

const CLIENT = "parley", SECRET = "not for others";

/** Whose paths are which. */
const PATHS = {
  github: { authorize: "/login/oauth/authorize", token: "/login/oauth/access_token" },
  facebook: { authorize: "/dialog/oauth", token: "/oauth/access_token" },
} as const;

/**
 * GitHub (as an Enterprise Server, which one has at an address of one's own) or Facebook, as far as a sign-in goes: plain
 * OAuth 2, and profile calls that answer what the test wants.
 */
export class PlainProvider implements AsyncDisposable {
  /** What profile calls are answered: path → JSON. */
  profile: Record<string, unknown> = {};
  /** The queries with which people were sent here, in order. */
  readonly sent: URLSearchParams[] = [];
  #server: Deno.HttpServer<Deno.NetAddr>;
  #kind: keyof typeof PATHS;
  #codes = new Set<string>();
  #tokens = new Set<string>();

  private constructor(kind: keyof typeof PATHS) {
    this.#kind = kind;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  static open(kind: keyof typeof PATHS): PlainProvider {
    return new PlainProvider(kind);
  }

  get url(): string {
    return `http://localhost:${this.#server.addr.port}`;
  }

  /** As the file has it; more keys may follow. */
  row(): string {
    return `[[oidc]]
name = "${this.#kind}"
preset = "${this.#kind}"
issuer = "${this.url}"
client_id = "${CLIENT}"
client_secret = "${SECRET}"
`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const paths = PATHS[this.#kind];
    if (pathname === paths.authorize) return this.#sendBack(searchParams);
    if (pathname === paths.token) return await this.#giveToken(request);
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    const answer = this.profile[pathname + search];
    if (!this.#tokens.has(token ?? "")) return Response.json({ message: "Bad credentials" }, { status: 401 });
    return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer);
  }

  #sendBack(asked: URLSearchParams): Response {
    this.sent.push(asked);
    assert.equal(asked.get("client_id"), CLIENT);
    const code = crypto.randomUUID();
    this.#codes.add(code);
    const back = new URL(asked.get("redirect_uri")!);
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state")!);
    return new Response(null, { status: 302, headers: { location: back.href } });
  }

  /** A code that is no good is refused with 200, as GitHub does. */
  async #giveToken(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    if (form.get("client_secret") !== SECRET || !this.#codes.delete(form.get("code")!)) {
      return Response.json({ error: "bad_verification_code" });
    }
    const access_token = crypto.randomUUID();
    this.#tokens.add(access_token);
    return Response.json({ access_token, token_type: "bearer", scope: "read:user,user:email" });
  }
}
