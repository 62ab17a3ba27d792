/** That a browser, or a program, which is logged in already speaks for a connection that is not. */
export interface Voucher {
  /** The id of the account that it is logged in as. */
  readonly account: string;
  /** The `jti` of the token that it is logged in by: once that is revoked, nothing that it vouched for is good any more. */
  readonly token: string;
}
