import { timingSafeEqual } from "node:crypto";
import type { Accounts } from "../accounts/accounts.ts";
import { alreadySetUp, badSetupCode } from "../refusals.ts";

/** The one-time code by which the first admin is made. Each start has a new one, until there is an admin. */
export class Setup {
  #accounts: Accounts;
  #code: string | undefined;

  private constructor(accounts: Accounts, code: string | undefined) {
    this.#accounts = accounts;
    this.#code = code;
  }

  static async open(accounts: Accounts): Promise<Setup> {
    const code = await accounts.hasAdmin() ? undefined : newCode();
    return new Setup(accounts, code);
  }

  /** Undefined where there is an admin. */
  get code(): string | undefined {
    return this.#code;
  }

  /**
   * Makes the first admin.
   *
   * @throws {Refusal} `already_set_up`, `bad_setup_code`, and what `Accounts.signUp` refuses
   */
  async use(given: string, wanted: { username: string; name: string; password: string }) {
    if (this.#code === undefined || await this.#accounts.hasAdmin()) throw alreadySetUp();
    const code = this.#code;
    if (!isSame(given, code)) throw badSetupCode();
    this.#code = undefined; // taken at once, so that two who know it do not both become admin
    try {
      return await this.#accounts.signUp({ ...wanted, role: "admin" });
    } catch (error) {
      this.#code = code;
      throw error;
    }
  }
}

/** 160 random bits in letters and digits that cannot be mistaken. */
function newCode(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => letters[byte % 32]).join("");
}

/** Compares without telling by its time how much was right. */
function isSame(given: string, code: string): boolean {
  const [a, b] = [new TextEncoder().encode(given), new TextEncoder().encode(code)];
  return a.length === b.length && timingSafeEqual(a, b);
}
