import { z } from "zod";
import type { RoomInfo, RoomMessage } from "../wire/json_types.ts";
import type {
  BegunCodes,
  CommandInfo,
  IdentityInfo,
  LinkRequest,
  MfaInfo,
  NextStep,
  OwnConnection,
  PasskeyInfo,
  PendingEntry,
  ServerInfo,
  SessionInfo,
  Ticket,
} from "../wire/web_types.ts";
import type { shownAccount, shownToken } from "./shown.ts";

/**
 * The schema of what the API answers: each field of the type and no other, which the compiler checks.
 *
 * @param id What the documentation calls it.
 */
export function shapeOf<Type extends object>(
  id: string,
  fields: { readonly [Name in keyof Type]-?: z.ZodType<Type[Name]> },
): z.ZodType<Type> {
  return z.object(fields).meta({ id }) as unknown as z.ZodType<Type>;
}

/** A moment in UTC: `2026-02-03T04:05:06.789Z`. */
export const moment = z.iso.datetime();

/** How many. */
export const count = z.int().min(0);

/** What identifies messages, accounts and tokens; later ones are greater. */
export const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/).meta({
  id: "Ulid",
  description: "A ULID: 26 letters and digits that rise with time.",
  examples: ["01KGGTSV35HSKZPTQ8BV6CQ1F0"],
});

/** What is answered where there is nothing more to say than that it is done. */
export const done = shapeOf<{ message: string }>("Done", {
  message: z.string().describe("What was done, as a sentence."),
});

const accountFields = {
  _id: ulid,
  username: z.string().describe("What one logs in with: a name or an e-mail address."),
  name_account: z.string().describe("The name in chat."),
  role: z.enum(["member", "moderator", "admin"]),
  created_at: moment,
};

export const account = shapeOf<ReturnType<typeof shownAccount>>("Account", accountFields);

const tokenFields = {
  id: ulid.describe("The token's `jti`."),
  label: z.string().describe("What its owner calls it, or how it came to be."),
  scope: z.string().describe("What it is good for."),
  issued_at: moment,
  expires_at: moment,
  revoked: z.boolean(),
  current: z.boolean().describe("Whether it is the one that is asked with."),
  from: z.string().nullable().describe("The address that it was issued to; null where that is not known."),
  how: z.string().nullable().describe("By what: `Firefox`, `curl`, `openssl`, …"),
  last_used_at: moment.nullable(),
  last_used_from: z.string().nullable(),
  last_used_by: z.string().nullable(),
};

export const token = shapeOf<ReturnType<typeof shownToken>>("Token", tokenFields);

export const issuedToken = shapeOf<ReturnType<typeof shownToken> & { token: string }>("IssuedToken", {
  ...tokenFields,
  token: z.string().describe("The token itself, a JWT; it is shown only now."),
});

export const room = shapeOf<RoomInfo>("Room", {
  name: z.string().describe("Without its `#`."),
  topic: z.string(),
  present: count.describe("How many are there."),
  private: z.boolean(),
  quiet: z.boolean().describe("Only its staff speaks."),
});

export const roomMessage = shapeOf<RoomMessage>("RoomMessage", {
  type: z.literal("message"),
  id: ulid,
  room: z.string(),
  from: z.string(),
  text: z.string(),
  action: z.boolean().describe("Said with `/me`."),
  at: moment,
});

export const session = shapeOf<SessionInfo>("Session", {
  account: shapeOf<NonNullable<SessionInfo["account"]>>("SignedIn", {
    id: ulid,
    username: z.string(),
    name: z.string(),
    role: z.enum(["member", "moderator", "admin"]),
    has_password: z.boolean(),
  }).nullable().describe("null for nobody."),
  confirmed_until: moment.nullable().describe(
    "Until when admin pages answer without asking for the password again.",
  ),
  must_enrol: z.boolean().describe(
    "The server wants a second factor of this account, which has none: nothing else can be done before.",
  ),
});

export const nextStep = shapeOf<NextStep>("NextStep", {
  login: z.string().describe("Names this log-in in the step that is owed."),
  factors: z.array(z.enum(["code", "passkey"])).describe("One of these is owed."),
});

export const passkey = shapeOf<PasskeyInfo>("Passkey", {
  id: z.string(),
  name: z.string(),
  host: z.string().describe("The host name that it is good at."),
  created_at: moment,
  last_used_at: moment.nullable(),
});

/** What WebAuthn has browsers do, as it writes that in JSON. */
const webAuthnOptions = z.record(z.string(), z.unknown());

export const creationOptions = z.object({
  options: webAuthnOptions.describe("PublicKeyCredentialCreationOptionsJSON, as WebAuthn has it."),
}).meta({ id: "CreationOptions" });

export const requestOptions = z.object({
  login: z.string().describe("Names this log-in, when it is gone on with."),
  options: webAuthnOptions.describe("PublicKeyCredentialRequestOptionsJSON, as WebAuthn has it."),
}).meta({ id: "RequestOptions" });

export const mfa = shapeOf<MfaInfo>("Mfa", {
  codes: z.object({ since: moment }).nullable().describe("null where they are not switched on."),
  recovery_codes_left: count,
  required: z.boolean().describe("The server wants this account to have a second factor."),
  passkeys: z.array(passkey),
});

export const begunCodes = shapeOf<BegunCodes>("BegunCodes", {
  secret: z.string().describe("Base32, to be typed into an app.").meta({
    examples: ["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
  }),
  uri: z.string().describe("`otpauth://totp/…`, to be drawn as a QR code."),
});

export const recoveryCodes = shapeOf<{ recovery_codes: readonly string[] }>("RecoveryCodes", {
  recovery_codes: z.array(z.string()).describe("Each is good once, in place of a code; shown only now."),
});

export const ownConnection = shapeOf<OwnConnection>("OwnConnection", {
  id: z.string(),
  address: z.string(),
  how: z.string().describe("By what: `openssl`, `netcat`, `Firefox`, …"),
  by: z.string().describe("`token`, `password`, `link`, …"),
  since: moment,
  current: z.boolean().describe("Whether it came in by the token that is asked with."),
});

export const identity = shapeOf<IdentityInfo>("Identity", {
  id: z.string(),
  provider: z.string().describe('The provider\'s name; "" where it is one no more.'),
  title: z.string().describe("For people: `Google`."),
  label: z.string().describe("An e-mail address or a name, as the provider has it."),
  linked_at: moment,
  last_used_at: moment.nullable(),
});

export const wayToProvider = shapeOf<{ url: string }>("WayToProvider", {
  url: z.string().describe("A page of the provider; the browser that asked is to go there."),
});

export const pendingEntry: z.ZodType<PendingEntry> = z.union([
  z.object({ is: z.literal("nothing") }),
  z.object({
    is: z.literal("code"),
    login: z.string().describe("For `POST /session/code` or `POST /session/passkey`."),
    factors: z.array(z.enum(["code", "passkey"])),
  }),
  z.object({
    is: z.literal("name"),
    title: z.string().describe("Of the provider."),
    suggested: z.string().describe('A name that would be free; "" for none.'),
    asks_invitation: z.boolean(),
  }),
]).meta({ id: "PendingEntry" });

export const serverInfo = shapeOf<ServerInfo>("Server", {
  name: z.string(),
  version: z.string(),
  motd: z.string().describe('The message of the day; "" for none.'),
  guests: z.boolean(),
  signup: z.enum(["open", "invite", "closed"]),
  tls_port: z.int().nullable().describe("Where people chat over TLS; null where that is off."),
  plain_port: z.int().nullable().describe(
    "The same in the clear; null where it cannot be reached from here.",
  ),
  fingerprint: z.string().describe("SHA-256 of the certificate: `AB:CD:…`."),
  self_signed: z.boolean().describe(
    "The certificate is one that Parley made for itself: clients need it as a file.",
  ),
  needs_setup: z.boolean().describe("There is no admin yet."),
  limits: shapeOf<ServerInfo["limits"]>("Limits", { line_bytes: count }),
  password_login: z.boolean().describe("Whether anybody logs in by password."),
  require_mfa: z.enum(["none", "admins", "everyone"]).describe("Who must have a second factor."),
  providers: z.array(shapeOf<ServerInfo["providers"][number]>("Provider", {
    name: z.string().describe("As its addresses have it: `/oauth/google`."),
    title: z.string().describe("For people: `Google`."),
    available: z.boolean().describe("Whether it answers."),
  })).describe("By whom else people may come in."),
});

export const command = shapeOf<CommandInfo>("Command", {
  name: z.string(),
  aliases: z.array(z.string()),
  usage: z.string().describe('What follows it: `<name> <message>`; "" for nothing.'),
  help: z.string(),
  group: z.string(),
  role: z.enum(["guest", "member", "moderator", "admin"]).describe("Who may, at least."),
  text_only: z.boolean().describe("Of no use in a browser."),
});

export const ticket = shapeOf<Ticket>("Ticket", {
  ticket: z.string().meta({ examples: ["ABCD-EFGH-JKLM"] }),
  expires_at: moment,
});

export const linkRequest = shapeOf<LinkRequest>("LinkRequest", {
  code: z.string().meta({ examples: ["ABCD-EFGH"] }),
  address: z.string(),
  how: z.string().describe("`TLS` or `plain`."),
  username: z.string().nullable().describe("As it was given with `/login`."),
  asked_at: moment,
  expires_at: moment,
});

/** What `own_data.ts` writes. */
export const ownData = z.object({
  server: z.string(),
  exported_at: moment,
  account: z.object({
    ...accountFields,
    former_names: z.array(z.string()),
    ignored: z.array(z.string()),
    disabled: z.boolean(),
  }),
  tokens: z.array(token),
  rooms: z.array(z.object({ room: z.string(), read_up_to: ulid.or(z.literal("")), at: moment })),
  rooms_owned: z.array(z.string()),
  rooms_moderated: z.array(z.string()),
  invitations: z.array(z.object({ room: z.string(), by: z.string(), until: moment })),
  bans: z.array(z.object({
    kind: z.enum(["ban", "mute"]),
    room: z.string().optional().describe("Missing for the whole server."),
    until: moment.optional().describe("Missing for good."),
    reason: z.string(),
    by: z.string(),
    at: moment,
  })),
  moderation: z.array(z.object({
    id: ulid,
    who: z.string(),
    what: z.string(),
    whom: z.string(),
    why: z.string(),
    at: moment,
    from: z.string().optional().describe("The address that it was done from, of one's own deeds."),
  })),
  direct_messages: z.array(z.object({
    id: ulid,
    with: z.string(),
    from: z.string(),
    to: z.string(),
    text: z.string(),
    at: moment,
    waits: z.boolean().describe("It has not been read yet."),
  })),
  room_messages: z.array(z.object({
    id: ulid,
    number: count,
    room: z.string(),
    from: z.string(),
    text: z.string(),
    action: z.boolean(),
    at: moment,
  })),
}).meta({ id: "OwnData" });
