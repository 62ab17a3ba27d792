import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

const CLIENT = "parley", SECRET = "a secret of 32 characters or more";

// deno-lint-ignore no-explicit-any
type Any = any; // the library has no types

/** A real OpenID Connect provider, which signs in whoever comes, at once, as the person that is set. */
export class RealIssuer implements AsyncDisposable {
  /** Who it says that people are. */
  person: Record<string, unknown> & { readonly sub: string } = { sub: "ann-at-issuer" };
  #server: Server;
  #provider: Any;

  private constructor(server: Server) {
    this.#server = server;
    this.#provider = this.#make();
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  static async open(): Promise<RealIssuer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new RealIssuer(server);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As the file has it; more keys may follow. */
  row(): string {
    return `[[oidc]]
name = "corp"
title = "Corp"
issuer = "${this.url}"
client_id = "${CLIENT}"
client_secret = "${SECRET}"
`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #make(): Any {
    return new (Provider as Any)(this.url, {
      clients: [{
        client_id: CLIENT,
        client_secret: SECRET,
        redirect_uris: ["http://127.0.0.1/oauth/corp/callback"],
        grant_types: ["authorization_code"],
        application_type: "native", // else loopback is not to be sent back to; its port may be any
        token_endpoint_auth_method: "client_secret_post",
      }],
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["preferred_username", "name"],
      },
      cookies: { keys: ["not for others"] },
      features: { devInteractions: { enabled: false } },
      findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => this.person }),
      interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      loadExistingGrant: async (context: Any) => {
        const { client, session } = context.oidc;
        const grant = new context.oidc.provider.Grant({
          clientId: client.clientId,
          accountId: session.accountId,
        });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
      },
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url!.startsWith("/interaction/")) return this.#provider.callback()(request, response);
    const result = { login: { accountId: this.person.sub }, consent: {} };
    await this.#provider.interactionFinished(request, response, result);
  }
}
