import { argon2id, argon2Verify } from "hash-wasm";
import type { PasswordHashing } from "../../server/accounts/password_hashing.ts";
import { asCompared, checkPasswordLength } from "../../server/accounts/password_rules.ts";

/** The least that Argon2 takes. */
const COST = { memorySize: 8, iterations: 1, parallelism: 1, hashLength: 16 };

/**
 * Hashes passwords as the real hasher does, but at next to no cost and without a worker: a real hash, and the worker that
 * makes it, cost more than most tests. Each checks what the other has made.
 */
export class QuickHasher implements PasswordHashing {
  readonly waiting = 0;

  checkRoom(): void {}

  async hash(password: string): Promise<string> {
    checkPasswordLength(password);
    const salt = crypto.getRandomValues(new Uint8Array(16));
    return await argon2id({ ...COST, password: asCompared(password), salt, outputType: "encoded" });
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    if (hash === undefined || password === "") return false;
    return await argon2Verify({ password: asCompared(password), hash });
  }

  [Symbol.dispose](): void {}
}
