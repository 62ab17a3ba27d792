import { deepStrictEqual as deepEqual, match, ok, throws } from "node:assert/strict";
import { Tickets } from "../../../server/accounts/tickets.ts";
import { ticketNotValid, tooManyTickets } from "../../../server/refusals.ts";

const ANN = { account: "ann's id", token: "ann's token" };

Deno.test("a ticket says who gave it, and until when it is good", () => {
  const tickets = new Tickets(() => 0);
  const before = Date.now();
  const { ticket, expiresAt } = tickets.issue(ANN);
  match(ticket, /^[A-Z]{4}-[A-Z]{4}-[A-Z]{4}$/);
  const lifetimeMs = expiresAt.getTime() - before;
  ok(lifetimeMs >= 60_000 && lifetimeMs < 61_000, `${lifetimeMs} ms`);
  deepEqual(tickets.take(ticket), ANN);
});

Deno.test("a ticket is good once, typed in whatever way", () => {
  const tickets = new Tickets(() => 0);
  const spellings = [
    (ticket: string) => ticket.toLowerCase(),
    (ticket: string) => ticket.replaceAll("-", ""),
    (ticket: string) => ` ${ticket.replaceAll("-", " ")} `,
  ];
  for (const spelled of spellings) {
    const { ticket } = tickets.issue(ANN);
    deepEqual(tickets.take(spelled(ticket)), ANN);
    throws(() => tickets.take(ticket), ticketNotValid());
  }
});

Deno.test("a ticket is good for a minute, to the millisecond", () => {
  const clock = { ms: 1_000 };
  const tickets = new Tickets(() => clock.ms);
  const [early, late] = [tickets.issue(ANN), tickets.issue(ANN)];
  clock.ms += 59_999;
  deepEqual(tickets.take(early.ticket), ANN);
  clock.ms += 1;
  throws(() => tickets.take(late.ticket), ticketNotValid());
});

Deno.test("what is no ticket lets nobody in", () => {
  const tickets = new Tickets(() => 0);
  tickets.issue(ANN);
  for (const typed of ["", "BCDF-GHJK-MNPQ", "ann", "x".repeat(100_000)]) {
    throws(() => tickets.take(typed), ticketNotValid(), typed.slice(0, 20));
  }
});

Deno.test("of an account the newest five tickets wait, and those of others are not touched", () => {
  const tickets = new Tickets(() => 0);
  const bobs = tickets.issue({ account: "bob's id", token: "bob's token" });
  const all = Array.from({ length: 7 }, () => tickets.issue(ANN));
  for (const { ticket } of all.slice(0, 2)) throws(() => tickets.take(ticket), ticketNotValid());
  for (const { ticket } of all.slice(2)) deepEqual(tickets.take(ticket), ANN);
  deepEqual(tickets.take(bobs.ticket).account, "bob's id");
});

Deno.test("no more than a thousand tickets wait; a minute later there is room again", () => {
  const clock = { ms: 0 };
  const tickets = new Tickets(() => clock.ms);
  const first = tickets.issue(ANN);
  for (let other = 1; other < 1_000; other++) tickets.issue({ account: `${other}`, token: "" });
  throws(() => tickets.issue({ account: "one too many", token: "" }), tooManyTickets(60));
  deepEqual(tickets.take(first.ticket), ANN); // nobody's ticket had to go for it
  tickets.issue({ account: "in its place", token: "" });
  clock.ms = 60_000;
  for (let other = 0; other < 1_000; other++) tickets.issue({ account: `${other}`, token: "" });
});
