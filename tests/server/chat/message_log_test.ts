import { MemoryLog } from "../../support/memory_log.ts";
import { testMessageLog } from "../../suites/message_log.ts";

// what the tests of the chat rely on behaves as the log on the disk does
testMessageLog("the log of the tests", () => {
  return Promise.resolve({ log: new MemoryLog(), [Symbol.asyncDispose]: () => Promise.resolve() });
});
