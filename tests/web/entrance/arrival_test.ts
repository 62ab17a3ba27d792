import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { type Arrival, readArrival } from "../../../web/entrance/arrival.ts";

const ARRIVALS: readonly (readonly [string, Arrival])[] = [
  ["", { is: "nothing" }],
  ["#lobby", { is: "nothing" }],
  ["#@bob", { is: "nothing" }],
  ["#verify", { is: "nothing" }],
  ["#topic=tea", { is: "nothing" }],
  ["#sign-in=pending", { is: "pending" }],
  ["#sign-in=done", { is: "nothing" }],
  ["#sign-in-error=Corp%20does%20not%20answer.", { is: "failed", why: "Corp does not answer." }],
  [`#sign-in-error=${"x".repeat(1_000)}`, { is: "failed", why: "x".repeat(300) }],
  ["#linked=Corp%20%26%20Co", { is: "linked", title: "Corp & Co" }],
  ["#invitation=aa.bb.cc", { is: "invited", invitation: "aa.bb.cc" }],
  ["#invitation=a=b", { is: "invited", invitation: "a=b" }],
  ["#password=aa.bb.cc", { is: "new password", link: "aa.bb.cc" }],
  ["#linked=%E0%A4%A", { is: "linked", title: "" }],
];

for (const [hash, arrival] of ARRIVALS) {
  Deno.test(`what an address has brought: ${hash.slice(0, 60) || "nothing"}`, () => {
    deepEqual(readArrival(hash), arrival);
  });
}
