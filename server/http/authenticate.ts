import type { Login } from "../accounts/login.ts";
import { tokenMissing } from "../refusals.ts";
import type { Caller } from "./route.ts";

/**
 * Finds out who calls, by `Authorization: Bearer <token>`.
 *
 * @throws {Refusal} `token_missing`, `token_not_valid`, `token_revoked`, `token_expired`, `account_disabled`
 */
export async function authenticate(request: Request, login: Login): Promise<Caller> {
  const [, jwt] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (jwt === undefined) throw tokenMissing();
  return await login.byToken(jwt);
}
