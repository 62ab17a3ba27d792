import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { MailToMain, type MainReceiver, readMailToMain } from "../../../server/transport/_mail_to_main.ts";

Deno.test("the main isolate is told everything in the order in which it was written", () => {
  const mail = new MailToMain(() => {});
  const calls: Parameters<typeof tell>[1][] = [
    ["came", 1, { door: "TLS", address: "192.0.2.1" }],
    ["came", 4_000_000_000, { door: "plain", address: "2001:db8::1" }],
    ["began", 1, "192.0.2.9"],
    ["received", 1, 16_384],
    ["frames", 1, [{ type: "line", text: "héllo 🙂" }, { type: "too long" }, { type: "line", text: "" }], {
      pauseFramed: true,
    }],
    ["frames", 1, [{ type: "line", text: "\uFEFFx" }], { pauseFramed: false }],
    ["settling", 1],
    ["closed", 1, "timeout"],
    ["ended", 1],
    ["stands", {
      batches: 2 ** 33,
      writtenBytes: 2 ** 40 + 1,
      tooSlow: 1,
      stalled: 2,
      waitingBytes: new Map([[1, 0], [2, 2 ** 32 + 5]]),
    }],
    ["stands", { batches: 3, writtenBytes: 0, tooSlow: 0, stalled: 0, waitingBytes: new Map() }],
  ];
  for (const call of calls) tell(mail, call);
  const told: unknown[] = [];
  const receiver = new Proxy({}, {
    get: (_, name) => (...args: unknown[]) => void told.push([name, ...args]),
  });
  readMailToMain(mail.take(), receiver as MainReceiver);
  deepEqual(told, calls);
});

Deno.test("whoever takes the mail is told once that there is some", () => {
  let told = 0;
  const mail = new MailToMain(() => told++);
  mail.received(1, 5);
  mail.settling(1);
  mail.take();
  mail.ended(1);
  deepEqual(told, 2);
});

type Call = { [Name in keyof MainReceiver]: [Name, ...Parameters<MainReceiver[Name]>] }[keyof MainReceiver];

function tell(mail: MailToMain, [name, ...args]: Call): void {
  (mail[name] as (...args: unknown[]) => void).call(mail, ...args);
}
