import { testBanStore } from "../../suites/ban_store.ts";
import { MemoryBans } from "../../support/memory_bans.ts";

// what the tests of the moderation rely on behaves as the store on the disk does
testBanStore("the ban store of the tests", () => {
  return Promise.resolve({ bans: new MemoryBans(), [Symbol.asyncDispose]: () => Promise.resolve() });
});
