/** What accounts need of whoever hashes and checks passwords. No error quotes a password. */
export interface PasswordHashing extends Disposable {
  /** How many passwords wait for their turn. */
  readonly waiting: number;

  /** @throws {Refusal} `busy` where another password could not even wait. */
  checkRoom(): void;

  /**
   * Makes a PHC string, a different one at every call.
   *
   * @throws {Refusal} `bad_password` outside 8 to 1,024 bytes; `busy`
   */
  hash(password: string): Promise<string>;

  /**
   * Whether `hash` is that of the password. Where an unknown account has none, the answer is no and takes as long as with
   * a wrong password, so that nobody learns who has an account.
   *
   * @throws {Refusal} `busy`
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
