import { testAuditTrail } from "../../suites/audit_trail.ts";
import { MemoryAudit } from "../../support/memory_audit.ts";

// what the tests of the moderation rely on behaves as the trail on the disk does
testAuditTrail("the audit trail of the tests", () => {
  return Promise.resolve({ audit: new MemoryAudit(), [Symbol.asyncDispose]: () => Promise.resolve() });
});
