import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { ulid } from "ulid";
import { Invitations, type InvitationTerms } from "../../../server/accounts/invitations.ts";
import { SignedLinks } from "../../../server/accounts/signed_links.ts";
import {
  invitationNotFound,
  invitationNotValid,
  invitationRequired,
  mayNot,
  notStored,
  Refusal,
  signupClosed,
  tooManyInvitations,
} from "../../../server/refusals.ts";
import { KvInvitationStore } from "../../../server/store/invitations.ts";
import { anInvitation } from "../../support/an_invitation.ts";
import { openAccounts } from "../../support/open_accounts.ts";

const DAY_MS = 86_400_000;
const ROOT = { name: "root", role: "admin" } as const;
const ONCE: InvitationTerms = { role: "member", room: undefined, uses: 1, days: 7 };

Deno.test("an invitation says who may come by it, by whom and until when", async () => {
  await using opened = await open();
  const { invitations, clock } = opened;
  const wanted = { role: "moderator", room: "dev", uses: 5, days: 3 } as const;
  const { id, code, ...made } = await invitations.make(ROOT, wanted);
  match(code, /^[A-Z]{4}(-[A-Z]{4}){2}$/);
  deepEqual(made, {
    role: "moderator",
    room: "dev",
    uses: 5,
    usedBy: [],
    by: "root",
    createdAt: new Date(clock.ms),
    expiresAt: new Date(clock.ms + 3 * DAY_MS),
    revoked: false,
  });
  deepEqual(await invitations.get(id), { id, code, ...made });
  deepEqual(await invitations.open(), [{ id, code, ...made }]);
});

Deno.test("nobody invites to more than they are", async () => {
  await using opened = await open();
  const { invitations } = opened;
  const moderator = { name: "mod", role: "moderator" } as const;
  for (const role of ["member", "moderator"] as const) await invitations.make(moderator, { ...ONCE, role });
  await rejects(invitations.make(moderator, { ...ONCE, role: "admin" }), mayNot());
  await rejects(invitations.make({ name: "guest1", role: "guest" }, ONCE), mayNot());
  equal((await invitations.list()).length, 2);
});

Deno.test("an invitation of which no note could be taken is not made", async () => {
  await using opened = await open();
  const noted: unknown[] = [];
  const { id } = await opened.invitations.make(ROOT, { ...ONCE, room: "dev" }, (deed) => {
    noted.push(deed);
    return Promise.resolve();
  });
  deepEqual(noted, [{ what: "invite", whom: id, why: "member in #dev, 1 time within 7 days" }]);
  const failing = () => Promise.reject(notStored());
  await rejects(opened.invitations.make(ROOT, ONCE, failing), notStored());
  deepEqual((await opened.invitations.list()).map((one) => one.id), [id]);
});

Deno.test("an invitation is given as a code, typed in whatever way, or as what stands in its link", async () => {
  await using opened = await open();
  const { invitations } = opened;
  const invitation = await invitations.make(ROOT, ONCE);
  const { code } = invitation;
  const link = await invitations.linkOf(invitation);
  for (
    const given of [
      code,
      code.toLowerCase(),
      code.replaceAll("-", ""),
      ` ${code.replaceAll("-", " ")} `,
      link,
      ` ${link}\n`,
    ]
  ) {
    for (const policy of ["invite", "open"] as const) {
      equal((await invitations.admit(policy, given))?.id, invitation.id, given);
    }
    await rejects(invitations.admit("closed", given), signupClosed());
  }
});

Deno.test("without an invitation people come in where sign-up is open, and nowhere else", async () => {
  await using opened = await open();
  const { invitations } = opened;
  for (const none of [undefined, "", "  "]) {
    equal(await invitations.admit("open", none), undefined);
    await rejects(invitations.admit("invite", none), invitationRequired());
    await rejects(invitations.admit("closed", none), signupClosed());
  }
});

Deno.test("what is no invitation lets nobody in, even where sign-up is open", async () => {
  await using opened = await open();
  const { invitations, links, clock } = opened;
  const invitation = await invitations.make(ROOT, ONCE);
  const expiresAt = new Date(clock.ms + DAY_MS);
  const link = await invitations.linkOf(invitation);
  const [head, , signature] = link.split(".");
  for (
    const given of [
      "BCDF-GHJK-MNPQ",
      invitation.id,
      `${link}x`,
      `${head}.eyJhdWQiOiJpbnZpdGF0aW9uIn0.${signature}`,
      await links.sign("password", { subject: invitation.id, expiresAt }),
      await links.sign("invitation", { subject: "01J0000000000000000000000Z", expiresAt }),
      await links.sign("invitation", { subject: "nonsense", expiresAt }),
      "x".repeat(100_000),
    ]
  ) {
    for (const policy of ["invite", "open"] as const) {
      await rejects(invitations.admit(policy, given), invitationNotValid(), given.slice(0, 60));
    }
  }
});

Deno.test("an invitation is over when its days are, to the millisecond, by code and by link", async () => {
  await using opened = await open();
  const { invitations, clock } = opened;
  const invitation = await invitations.make(ROOT, ONCE);
  const link = await invitations.linkOf(invitation);
  clock.ms += 7 * DAY_MS - 1;
  equal((await invitations.admit("invite", invitation.code))?.id, invitation.id);
  clock.ms += 1;
  for (const given of [invitation.code, link]) {
    await rejects(invitations.admit("invite", given), invitationNotValid());
  }
  await rejects(invitations.revoke(invitation.id), invitationNotFound(invitation.id));
  deepEqual(await invitations.open(), []);
  deepEqual((await invitations.list()).map(({ id }) => id), [invitation.id]);
});

Deno.test("an invitation is revoked once, and is good for nothing then", async () => {
  await using opened = await open();
  const { invitations } = opened;
  const [first, second] = [await invitations.make(ROOT, ONCE), await invitations.make(ROOT, ONCE)];
  const link = await invitations.linkOf(first);
  equal((await invitations.revoke(first.id)).revoked, true);
  for (const given of [first.code, link]) {
    await rejects(invitations.admit("open", given), invitationNotValid());
  }
  for (const id of [first.id, "nonsense", "01J0000000000000000000000Z"]) {
    await rejects(invitations.revoke(id), invitationNotFound(id));
  }
  deepEqual((await invitations.open()).map(({ id }) => id), [second.id]);
});

Deno.test("invitations are listed with the newest first, and who came by them", async () => {
  await using opened = await open();
  const { invitations } = opened;
  const old = await invitations.make(ROOT, { ...ONCE, uses: 2 });
  const young = await invitations.make(ROOT, ONCE);
  await opened.signUp("ann", old.id);
  const listed = await invitations.list();
  deepEqual(listed.map(({ id }) => id), [young.id, old.id].toSorted().reverse());
  const { usedBy } = await invitations.get(old.id);
  deepEqual(usedBy.map(({ name }) => name), ["ann"]);
});

Deno.test("at most a thousand are open; those that are over make room", async () => {
  await using opened = await open();
  const { invitations, store, clock } = opened;
  const expiresAt = new Date(clock.ms + DAY_MS);
  const ids = Array.from({ length: 1_000 }, () => ulid());
  await Promise.all(ids.map((id) => store.add(anInvitation({ id, code: id, expiresAt }))));
  await rejects(invitations.make(ROOT, ONCE), tooManyInvitations(1_000));
  await invitations.revoke(ids[0]!);
  await invitations.make(ROOT, ONCE);
  await rejects(invitations.make(ROOT, ONCE), tooManyInvitations(1_000));
});

Deno.test("of twenty who come at once by an invitation for five, five get an account, each on record", async () => {
  await using opened = await open();
  const { invitations, accounts } = opened;
  const { id } = await invitations.make(ROOT, { ...ONCE, uses: 5 });
  const names = Array.from({ length: 20 }, (_, index) => `guest-${index}`);
  const came = await Promise.all(names.map((name) => opened.signUp(name, id)));
  const members = came.filter((outcome) => outcome !== "invitation_not_valid");
  equal(members.length, 5);
  const kept = (await Array.fromAsync(accounts.list())).map(({ name }) => name).toSorted();
  deepEqual(kept, members.toSorted());
  const [invitation] = await invitations.list();
  deepEqual(invitation?.usedBy.map(({ name }) => name).toSorted(), kept);
  deepEqual(await invitations.open(), []);
  for (const name of names.filter((name) => !kept.includes(name))) {
    equal(await accounts.isHeld(name), false, `${name} is still free`);
  }
});

Deno.test("who comes while an invitation is being revoked is on record, or has no account", async () => {
  await using opened = await open();
  const { invitations, accounts } = opened;
  const { id } = await invitations.make(ROOT, { ...ONCE, uses: 100 });
  const names = Array.from({ length: 20 }, (_, index) => `guest-${index}`);
  const came = Promise.all(names.map((name) => opened.signUp(name, id)));
  await invitations.revoke(id);
  await came;
  const [invitation] = await invitations.list();
  equal(invitation?.revoked, true);
  const kept = (await Array.fromAsync(accounts.list())).map(({ name }) => name).toSorted();
  deepEqual(invitation?.usedBy.map(({ name }) => name).toSorted(), kept);
  equal(await opened.signUp("late", id), "invitation_not_valid");
});

Deno.test("an invitation is not used up by somebody whose name is taken", async () => {
  await using opened = await open();
  const { invitations } = opened;
  const { id } = await invitations.make(ROOT, ONCE);
  const came = await Promise.all([opened.signUp("ann"), opened.signUp("ann", id)]);
  const outcome = ["ann", "user_exists", "name_taken"];
  ok(came.every((one) => outcome.includes(one)), came.join());
  if (came[1] !== "ann") equal(await opened.signUp("bob", id), "bob");
  equal(await opened.signUp("carl", id), "invitation_not_valid");
});

async function open() {
  const opened = await openAccounts();
  const clock = { ms: Date.now() };
  const store = new KvInvitationStore(opened.database);
  const links = new SignedLinks(new Uint8Array(32).fill(7), () => clock.ms);
  const invitations = new Invitations(store, links, () => clock.ms);

  /** Makes an account, or answers why not. */
  async function signUp(name: string, invitation?: string): Promise<string> {
    try {
      await opened.accounts.signUp({ username: name, name, password: undefined, invitation });
      return name;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  }
  return { ...opened, store, links, invitations, clock, signUp };
}
