import { doesNotThrow, throws } from "node:assert/strict";
import { CallPace } from "../../../server/http/call_pace.ts";
import { tooManyCalls } from "../../../server/refusals.ts";

const RATE = { burst: 3, perSecond: 2 };

Deno.test("an account calls in a burst, then at its rate, whatever others do", () => {
  const pace = new CallPace();
  for (let call = 0; call < 3; call++) pace.admit("ann", RATE, 0);
  throws(() => pace.admit("ann", RATE, 499), tooManyCalls(2));
  doesNotThrow(() => pace.admit("ann", RATE, 500));
  throws(() => pace.admit("ann", RATE, 500), tooManyCalls(2));
  doesNotThrow(() => pace.admit("bob", RATE, 500));
});

Deno.test("where the rate is off anyone calls as often as they like", () => {
  const pace = new CallPace();
  for (let call = 0; call < 1_000; call++) pace.admit("ann", "off", 0);
});
