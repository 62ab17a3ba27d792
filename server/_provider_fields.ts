import { z } from "zod";
import { isLoopback } from "./accounts/address.ts";
import { choice, lineOfText } from "./_option_checks.ts";

/** How a key is checked. */
interface Field<Value> {
  /** What is allowed; ends the line that refuses everything else. */
  readonly allowed: string;
  readonly read: z.ZodType<Value>;
}

/** Each key of a table `[[oidc]]` once, with its check. */
export const providerFields = {
  name: field("1 to 32 letters, digits or -", z.string().regex(/^[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/i)),
  title: lineOfText(64),
  preset: choice("google", "github", "facebook"),
  issuer: field("an https address, or http on this machine", z.string().max(512).refine(isIssuer)),
  client_id: field("a text of 1 to 512 characters", z.string().regex(/^\P{Cc}{1,512}$/u)),
  client_secret: field("a text of 1 to 1024 characters", z.string().regex(/^\P{Cc}{1,1024}$/u)),
  scopes: field(
    'a list of scopes, as in ["openid", "email"]',
    z.array(z.string().regex(/^[!#-[\]-~]+$/)).min(1),
  ),
  allow: field(
    'a list of e-mail addresses and domains, as in ["@example.org", "ann@corp.example"]',
    z.array(z.string().regex(/^[!-?A-~]*@[!-?A-~]+$/).toLowerCase()).min(1),
  ),
  role_claim: field("the name of a claim", z.string().regex(/^\P{Cc}{1,256}$/u)),
};

export type ProviderKey = keyof typeof providerFields;

/** What a key means once it is read. */
export type ProviderValue<Key extends ProviderKey> = z.infer<(typeof providerFields)[Key]["read"]>;

function field<Value>(allowed: string, read: z.ZodType<Value>): Field<Value> {
  return { allowed, read };
}

/** Whoever listens on the way to an issuer could sign in as anybody. */
function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    return false;
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return url.protocol === "https:" ||
    (url.protocol === "http:" && (host === "localhost" || isLoopback(host)));
}
