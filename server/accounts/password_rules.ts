import { badPasswordLength, commonPassword, passwordIsName } from "../refusals.ts";

/** In UTF-8 bytes of what was typed. */
const LEAST_BYTES = 8;
export const MOST_PASSWORD_BYTES = 1024;

/**
 * Whether something may become the password of somebody.
 *
 * @throws {Refusal} `bad_password` outside 8 to 1,024 bytes, `common_password`, `password_is_name`
 */
export async function checkPassword(
  password: string,
  { username, name }: { readonly username: string; readonly name: string },
): Promise<void> {
  checkPasswordLength(password);
  if (isName(password, [username, name, ...username.split("@")])) throw passwordIsName();
  if ((await commonPasswords()).has(password.toLowerCase())) throw commonPassword();
}

/** @throws {Refusal} `bad_password` outside 8 to 1,024 bytes. */
export function checkPasswordLength(password: string): void {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < LEAST_BYTES || bytes > MOST_PASSWORD_BYTES) throw badPasswordLength();
}

/**
 * What is hashed of a password. Two ways of typing the same one are one: as in RFC 8265 (OpaqueString) every kind of space
 * counts as a plain one and the rest is compared in Unicode's form NFC. Letter case and width do matter.
 */
export function asCompared(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

/** Whether nothing is left but digits and marks once the name is taken out: "ann.ann", "Ann-1987!". */
function isName(password: string, names: readonly string[]): boolean {
  const folded = password.normalize("NFKC").toLowerCase();
  return names.map((name) => name.normalize("NFKC").toLowerCase()).some((name) => {
    if (name === "" || !folded.includes(name)) return false;
    return !/\p{L}/u.test(folded.replaceAll(name, ""));
  });
}

let known: Promise<ReadonlySet<string>> | undefined;

/** Read when the first password is set: most starts of the program never need it. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  return known ??= import("./_common_passwords.ts").then(({ COMMON_PASSWORDS }) =>
    new Set(COMMON_PASSWORDS.trim().split(/\s+/))
  );
}
