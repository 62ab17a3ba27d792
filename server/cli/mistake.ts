import { CertificateError } from "../certificates/certificate.ts";
import { ConfigError } from "../config_error.ts";
import { Refusal } from "../refusals.ts";
import { StoreError } from "../store/errors.ts";
import { ListenError } from "../transport/ports.ts";
import { UsageError } from "./command.ts";

/** Whether an error's message is a sentence for the operator. All others are defects. */
export function isForOperator(error: unknown): error is Error {
  return SENTENCES.some((kind) => error instanceof kind);
}

const SENTENCES = [CertificateError, ConfigError, ListenError, Refusal, StoreError, UsageError];
