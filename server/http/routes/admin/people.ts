import { z } from "zod";
import type { Account } from "../../../accounts/account_store.ts";
import { ACCOUNT_ROLES } from "../../../accounts/roles.ts";
import { accountNotFound, lastAdmin } from "../../../refusals.ts";
import { within } from "../../../transport/deadline.ts";
import type { NewPersonRow, PersonRow } from "../../../wire/admin_types.ts";
import { type ApiParts, memberRoute } from "../../route.ts";
import { count, done, moment, shapeOf, ulid } from "../../shapes.ts";
import { UNFIT_ACCOUNT } from "../_new_account.ts";
import { actorOf } from "./_actor.ts";
import { madeUpPassword, newPassword } from "./ways_in.ts";
import { badLimit, firstOf, listQuery, readWanted, textIn } from "./_list.ts";

const LENGTHS = { usual: 100, most: 500 };

/** How long a call waits until what is left of an account is erased; it goes on after that. */
const MOST_ERASING_MS = 10_000;

const ID = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

const role = z.enum(ACCOUNT_ROLES);

const personFields = {
  id: ulid,
  username: z.string().describe("What one logs in with: a name or an e-mail address."),
  name: z.string().describe("The name in chat."),
  role,
  disabled: z.boolean(),
  created_at: moment,
  connections: count.describe("Open just now."),
  tokens: count.describe("Live ones; each browser that is signed in has one."),
  has_password: z.boolean(),
  codes: z.boolean().describe("Whether it is asked for those of an app."),
  passkeys: count,
  identities: count.describe("At how many identity providers it is known."),
};

const person = shapeOf<PersonRow>("Person", personFields);

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/people",
  scope: "admin",
  role: "admin",
  summary: "The accounts, in the order of their making.",
  query: z.object({
    search: z.string().optional().describe("Stands in the username or the name, in any case."),
    ...listQuery(LENGTHS),
  }),
  answers: z.object({ people: z.array(person), more: z.boolean() }),
  refuses: [badLimit(LENGTHS)],
  async run({ parts, query }) {
    const { after, limit } = readWanted(query, LENGTHS);
    const { first, more } = await firstOf(found(parts, { search: textIn(query, "search"), after }), limit);
    const people: PersonRow[] = [];
    for (const account of first) people.push(await rowOf(account, parts));
    return { people, more };
  },
});

export const create = memberRoute({
  method: "POST",
  path: "/admin/api/people",
  scope: "admin",
  role: "admin",
  summary: "Makes an account, whether or not people may sign up.",
  body: z.object({
    username: z.string().min(1),
    name_account: z.string().min(1),
    role,
    password: newPassword,
  }),
  badBody: `username and name_account are texts, role is one of ${
    ACCOUNT_ROLES.join(", ")
  }; a password may be left out.`,
  answers: shapeOf<NewPersonRow>("NewPerson", { ...personFields, password: madeUpPassword }),
  example: { body: { username: "carl@example.org", name_account: "carl", role: "moderator" } },
  refuses: UNFIT_ACCOUNT,
  async run(call, caller) {
    const { parts, body } = call;
    using _claim = parts.hub.claim(body.name_account);
    const { account, password } = await parts.admin.administration.create(actorOf(call, caller), {
      username: body.username,
      name: body.name_account,
      role: body.role,
      password: body.password,
    });
    return { ...await rowOf(account, parts), password: password ?? null } satisfies NewPersonRow;
  },
});

export const change = memberRoute({
  method: "PATCH",
  path: "/admin/api/people/:id",
  scope: "admin",
  role: "admin",
  summary: "Says what somebody may do, shuts an account out and ends its connections, or lets it in again.",
  body: z.object({ role: role.optional(), disabled: z.boolean().optional() }),
  badBody: `role is one of ${ACCOUNT_ROLES.join(", ")}, disabled true or false; either may be left out.`,
  answers: person,
  example: { params: { id: ID }, body: { role: "moderator" } },
  refuses: [accountNotFound(ID), lastAdmin()],
  async run(call, caller) {
    const { parts, params: { id = "" }, body } = call;
    const { administration } = parts.admin;
    const by = actorOf(call, caller);
    if (body.role !== undefined) await administration.setRole(by, id, body.role);
    if (body.disabled !== undefined) await administration.setDisabled(by, id, body.disabled);
    return { ...await rowOf(await parts.accounts.get(id), parts) };
  },
});

export const logOut = memberRoute({
  method: "POST",
  path: "/admin/api/people/:id/logout",
  scope: "admin",
  role: "admin",
  summary: "Logs an account out everywhere: all its tokens and all its connections end.",
  answers: done,
  example: { params: { id: ID } },
  refuses: [accountNotFound(ID)],
  async run(call, caller) {
    await call.parts.admin.administration.logOut(actorOf(call, caller), call.params.id ?? "");
    return { message: "Logged out everywhere." };
  },
});

export const remove = memberRoute({
  method: "DELETE",
  path: "/admin/api/people/:id",
  scope: "admin",
  role: "admin",
  summary:
    "Deletes an account for good, with its tokens and private messages; its name is never given out again.",
  body: z.object({ messages: z.enum(["keep", "erase"]).default("keep") }),
  badBody: 'messages is "keep", for them to stay as those of a deleted user, or "erase".',
  answers: done,
  also: { 202: "The account is deleted; what it has said is still being looked for." },
  example: { params: { id: ID }, body: { messages: "erase" } },
  refuses: [accountNotFound(ID), lastAdmin()],
  async run(call, caller) {
    const { parts: { admin, erasure }, params: { id = "" }, body } = call;
    await admin.administration.delete(actorOf(call, caller), id, body.messages);
    const erased = await within(MOST_ERASING_MS, erasure.erase(id).then(() => true));
    if (erased) return { message: "The account is deleted." };
    const message = "The account is deleted; what it has said is still being looked for.";
    return Response.json({ message }, { status: 202 });
  },
});

async function* found(
  { accounts }: Pick<ApiParts, "accounts">,
  { search, after }: { search: string | undefined; after: string | undefined },
): AsyncGenerator<Account> {
  const wanted = search?.toLowerCase();
  for await (const account of accounts.list(after)) {
    const { username, name } = account;
    const fits = (text: string) => wanted === undefined || text.toLowerCase().includes(wanted);
    if (fits(username) || fits(name)) yield account;
  }
}

async function rowOf(
  { id, username, name, role, disabled, createdAt, passwordHash, totp, passkeys, identities }: Account,
  { hub, tokens }: Pick<ApiParts, "hub" | "tokens">,
): Promise<PersonRow> {
  return {
    id,
    username,
    name,
    role,
    disabled,
    created_at: createdAt.toISOString(),
    connections: hub.roster.findByKey(id)?.listeners.size ?? 0,
    tokens: (await Array.fromAsync(tokens.live(id))).length,
    has_password: passwordHash !== undefined,
    codes: totp !== undefined,
    passkeys: passkeys.length,
    identities: identities.length,
  };
}
