import {
  badName,
  badPasswordLength,
  badUsername,
  commonPassword,
  nameTaken,
  passwordIsName,
  tooBusyToHash,
  userExists,
} from "../../refusals.ts";

/** What may be wrong with a new account, whoever makes it; for the documentation. */
export const UNFIT_ACCOUNT = [
  badUsername(),
  badName(),
  badPasswordLength(),
  commonPassword(),
  passwordIsName(),
  userExists(),
  nameTaken(),
  tooBusyToHash(),
];
