/**
 * Every "no" that a user can be told. The domain throws a {@link Refusal}; the text dialect writes its sentence,
 * JSON and HTTP also its code. The codes are what programs go by: they never change.
 */
export class Refusal extends Error {
  /**
   * @param code What programs go by, in snake_case.
   * @param text What people read: one sentence with a full stop.
   * @param retryAfterSeconds When it is worth trying again, where that is known.
   */
  constructor(readonly code: string, text: string, readonly retryAfterSeconds?: number) {
    super(text);
    this.name = "Refusal";
  }
}

/** The name breaks the rules of `accounts/names.ts`. */
export function badName(): Refusal {
  return new Refusal("bad_name", "Names are 2 to 32 letters, digits, _ - or .");
}

/** The username is neither an e-mail address nor what would do as a name. */
export function badUsername(): Refusal {
  return new Refusal("bad_username", "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or .");
}

/** Somebody holds this name or one that looks like it, held it once, or nobody may. */
export function nameTaken(): Refusal {
  return new Refusal("name_taken", "That name is taken.");
}

/** A password outside 8 to 1,024 bytes. */
export function badPasswordLength(): Refusal {
  return new Refusal("bad_password", "Passwords are 8 to 1024 bytes long.");
}

/** A limit on log-ins or sign-ups is used up. */
export function tooManyAttempts(seconds: number): Refusal {
  return new Refusal("too_many_attempts", `Too many attempts. Try again in ${seconds} s.`, seconds);
}

/** More passwords wait to be checked than the server will queue. */
export function tooBusyToHash(): Refusal {
  return new Refusal(
    "busy",
    "The server is checking too many passwords just now. Try again in a few seconds.",
  );
}

/** More searches wait than the server will queue, or its index is just being seen to. */
export function searchBusy(): Refusal {
  return new Refusal(
    "search_busy",
    "The server is searching too much just now. Try again in a few seconds.",
  );
}

/** Whom a command names is neither here nor away: there is no such account. */
export function userNotFound(name: string): Refusal {
  return new Refusal("user_not_found", `User ${name} not found.`);
}

/** For the CLI and the admins, who name accounts and not people. */
export function accountNotFound(id: string): Refusal {
  return new Refusal("account_not_found", `There is no account ${id}.`);
}

/** The username is held by another account. HTTP says it in the words of the original system. */
export function userExists(): Refusal {
  return new Refusal("user_exists", "That name is taken.");
}

/** All names that an account may have had are used up. */
export function tooManyNames(most: number): Refusal {
  return new Refusal(
    "too_many_names",
    `You have had ${most} names before, which is the limit; take one of them.`,
  );
}

/** For an unknown account and a wrong password alike. */
export function wrongCredentials(): Refusal {
  return new Refusal("wrong_credentials", "Wrong username or password.");
}

/** The password that was asked for once more. */
export function wrongPassword(): Refusal {
  return new Refusal("wrong_password", "Wrong password; nothing was changed.");
}

/** The password is right, and the account asks for a second factor. */
export function codeRequired(): Refusal {
  return new Refusal("code_required", "Code required");
}

/** Not the code of this half minute, or one that was used, and no recovery code that is left. */
export function wrongCode(): Refusal {
  return new Refusal(
    "wrong_code",
    "Wrong code. Each is good once, for about a minute; see the clock of your device.",
  );
}

/** So many wrong codes came for one account that it is waited for a while; whoever sent them knows its password. */
export function tooManyCodes(seconds: number): Refusal {
  const text = `Too many wrong codes for this account. Try again in ${seconds} s, or use a recovery code.`;
  return new Refusal("too_many_codes", text, seconds);
}

/** The account's second factor is a passkey, for which a browser is needed. */
export function passkeyRequired(): Refusal {
  return new Refusal(
    "passkey_required",
    "This account is asked for its passkey as well: log in with a browser, or let one confirm /login.",
  );
}

/** Not the answer that a passkey of this account gives to what was asked. */
export function wrongPasskey(): Refusal {
  return new Refusal("wrong_passkey", "That passkey was not accepted. Try again, or come in another way.");
}

/** Browsers keep passkeys for names. @param host As it was given: an IP address. */
export function passkeysNeedName(host: string): Refusal {
  return new Refusal(
    "passkeys_need_name",
    `Passkeys belong to a name, not to an address such as ${host}: open this page by the server's name.`,
  );
}

/** What passkeys somebody has were made at other names of the server. */
export function noPasskeyHere(host: string): Refusal {
  const text = `This account has no passkey for ${host}. Give a code, or come by the name that yours is for.`;
  return new Refusal("no_passkey_here", text);
}

/** A log-in, or something else in two steps, whose second step came too late or from elsewhere. */
export function stepOver(): Refusal {
  return new Refusal("step_over", "That took too long, or was done already; begin again.");
}

/** As many people are between two steps of a log-in as are remembered. */
export function tooManySteps(seconds: number): Refusal {
  const text = `Too many log-ins are under way just now. Try again in ${seconds} s.`;
  return new Refusal("too_many_steps", text, seconds);
}

/** The operator wants a second factor, which this account does not have. */
export function mfaRequired(): Refusal {
  return new Refusal(
    "mfa_required",
    "This server asks for a second factor: log in at its web page or in a terminal, and switch one on.",
  );
}

/** There are codes already, or there are none. */
export function mfaAlreadyOn(): Refusal {
  return new Refusal("mfa_already_on", "Codes are switched on already. Switch them off first to begin anew.");
}

export function mfaNotOn(): Refusal {
  return new Refusal("mfa_not_on", "Codes are not switched on.");
}

/** What keeps somebody from switching off a second factor: the operator wants one. */
export function mfaStaysOn(): Refusal {
  return new Refusal(
    "mfa_stays_on",
    "This server asks for a second factor; it is the only one that you have.",
  );
}

/** The operator has switched off what most people come in by. */
export function passwordLoginOff(): Refusal {
  return new Refusal(
    "password_login_off",
    "Nobody logs in by password here. Use the web page, or /login, which a browser confirms.",
  );
}

/** One of the passwords that are tried first. */
export function commonPassword(): Refusal {
  return new Refusal("common_password", "That is one of the 10,000 most common passwords. Choose another.");
}

/** The password can be seen in the roster. */
export function passwordIsName(): Refusal {
  return new Refusal("password_is_name", "A password must be more than your name. Choose another.");
}

/** The account comes in by other ways only, and asks for something that a password confirms. */
export function noPassword(): Refusal {
  return new Refusal("no_password", "This account has no password. Set one at the web page first.");
}

/** The last way in must not go. */
export function lastWayIn(): Refusal {
  return new Refusal("last_way_in", "That is the only way in that you have. Add another one first.");
}

/** The link that an admin gave for a new password: mistyped, used or over. */
export function passwordLinkNotValid(): Refusal {
  return new Refusal(
    "password_link_not_valid",
    "This link is not valid: it is good once. Ask for another one.",
  );
}

/** Sign-up is by invitation, and none was given. */
export function invitationRequired(): Refusal {
  return new Refusal("invitation_required", "Sign-up is by invitation only here. Give the code of yours.");
}

/** Mistyped, used up, revoked or over. */
export function invitationNotValid(): Refusal {
  return new Refusal(
    "invitation_not_valid",
    "This invitation is not valid: it is used up, over or mistyped. Ask for another one.",
  );
}

/** @param id As somebody gave it. */
export function invitationNotFound(id: string): Refusal {
  return new Refusal("invitation_not_found", `There is no open invitation ${id}.`);
}

/** As many invitations are open as are kept. */
export function tooManyInvitations(most: number): Refusal {
  return new Refusal("too_many_invitations", `At most ${most} invitations may be open. Revoke some first.`);
}

/** As many passkeys as one account may have. */
export function tooManyPasskeys(most: number): Refusal {
  return new Refusal(
    "too_many_passkeys",
    `You have ${most} passkeys, which is as many as are kept. Remove one first.`,
  );
}

/** The passkey is another account's, or this one's already. */
export function passkeyHeld(): Refusal {
  return new Refusal("passkey_held", "This passkey is known here already.");
}

/** Somebody else comes in by it, or this account does already. */
export function identityHeld(): Refusal {
  return new Refusal("identity_held", "This identity belongs to another account here.");
}

/** @param id As somebody gave it. */
export function identityNotFound(id: string): Refusal {
  return new Refusal("identity_not_found", `You have no identity ${id}.`);
}

/** As many identities as one account may have. */
export function tooManyIdentities(most: number): Refusal {
  return new Refusal(
    "too_many_identities",
    `You have ${most} identities, which is as many as are kept. Remove one first.`,
  );
}

/** The operator lets in by an identity provider only those on a list. */
export function identityNotAllowed(title: string): Refusal {
  const text = `Not everybody may come in by ${title} here, and it vouches for no address of yours that may.`;
  return new Refusal("identity_not_allowed", text);
}

/** There is no identity provider of that name. */
export function providerNotFound(): Refusal {
  return new Refusal("provider_not_found", "There is no such way to sign in here.");
}

/** An identity provider does not answer. */
export function providerUnreachable(title: string): Refusal {
  return new Refusal(
    "provider_unreachable",
    `${title} cannot be reached just now. Try again in a minute, or come in another way.`,
  );
}

/** What an identity provider answers is not what it should be; the operator reads why. */
export function providerNotTrusted(title: string): Refusal {
  return new Refusal(
    "provider_not_trusted",
    `What ${title} answered could not be verified, so nobody was signed in. Begin again.`,
  );
}

/** An identity provider, or somebody at its page, has said no. */
export function signInRefused(title: string): Refusal {
  return new Refusal("sign_in_refused", `${title} did not sign you in. Begin again, or come in another way.`);
}

/** Somebody comes from an identity provider who was not sent there from here, or long ago, or comes once more. */
export function signInNotBegun(): Refusal {
  return new Refusal(
    "sign_in_not_begun",
    "This sign-in was not begun in this browser, took too long or was done already; begin again.",
  );
}

/** @param id As somebody gave it. */
export function passkeyNotFound(id: string): Refusal {
  return new Refusal("passkey_not_found", `You have no passkey ${id}.`);
}

/** What was typed twice is not the same. */
export function passwordsDiffer(): Refusal {
  return new Refusal("passwords_differ", "The two passwords differ; try again.");
}

/** An admin has shut the account, or deleted it. */
export function accountDisabled(): Refusal {
  return new Refusal("account_disabled", "This account is disabled. Ask an admin of this server.");
}

/** What those are told who are in by an account when it is deleted. */
export function accountDeleted(): Refusal {
  return new Refusal("account_deleted", "This account has been deleted.");
}

/** Nobody could make another admin, or undo anything. */
export function lastAdmin(): Refusal {
  return new Refusal("last_admin", "This is the only admin's account; make somebody else an admin first.");
}

/** To put together all that is kept about somebody takes long; few may have it done at a time. */
export function tooManyDisclosures(): Refusal {
  const text =
    "All that is kept about you is being put together already, or about others; try again in a minute.";
  return new Refusal("too_many_exports", text, 60);
}

/** The server makes no accounts for whoever comes. */
export function signupClosed(): Refusal {
  return new Refusal("signup_closed", "Sign-up is closed here. Ask an admin of this server for an account.");
}

/** The server takes people with an account only. */
export function guestsNotAdmitted(): Refusal {
  return new Refusal("no_guests", "Guests are not admitted here. /login <username> or /signup <username>.");
}

/** Not a token that this server has made. */
export function tokenNotValid(): Refusal {
  return new Refusal("token_not_valid", "This token is not valid.");
}

export function tokenRevoked(): Refusal {
  return new Refusal("token_revoked", "This token has been revoked.");
}

/** Told to a connection that its account has ended from elsewhere. */
export function connectionEnded(): Refusal {
  return new Refusal("connection_ended", "This connection was ended from another one of yours.");
}

/** Told to connections of an account that has ended all of them. */
export function loggedOutEverywhere(): Refusal {
  return new Refusal("logged_out", "This account was logged out everywhere; log in again.");
}

export function tokenExpired(): Refusal {
  return new Refusal("token_expired", "This token has expired.");
}

/** Not a ticket, or one that was used, or whose minute is over, or whose giver is logged out. */
export function ticketNotValid(): Refusal {
  return new Refusal(
    "ticket_not_valid",
    "This ticket is not valid: it is good once, for a minute. Get another one.",
  );
}

/** As many tickets wait to be used as are kept. */
export function tooManyTickets(seconds: number): Refusal {
  const text = `Too many tickets wait to be used just now. Try again in ${seconds} s.`;
  return new Refusal("too_many_tickets", text, seconds);
}

/** There is no page at which a browser could confirm this log-in. */
export function noLink(): Refusal {
  return new Refusal(
    "no_link",
    "No browser can confirm a log-in here. /login <username> asks for your password.",
  );
}

/** As many log-ins wait for a browser as may, in all or from one address. */
export function tooManyLinks(): Refusal {
  return new Refusal(
    "too_many_links",
    "Too many log-ins wait for a browser already. /login <username> asks for your password.",
  );
}

/** No connection waits with this code: it is mistyped, used or over. */
export function linkNotFound(): Refusal {
  return new Refusal(
    "link_not_found",
    "Nobody waits with this code. It is good once, for five minutes; /login in the terminal shows another.",
  );
}

/** The log-in that waits with this code names another account. */
export function linkForOther(username: string): Refusal {
  return new Refusal(
    "link_for_other",
    `This is a log-in as ${username}; only that account can decide on it.`,
  );
}

/** Somebody in a browser does not want this log-in. */
export function linkRefused(): Refusal {
  return new Refusal("link_refused", "The log-in was refused in the browser.");
}

/** The browser opened the door while a password was being typed, which then would be said to everybody. */
export function mayBePassword(): Refusal {
  return new Refusal(
    "may_be_password",
    "That line was not sent: it may have been your password. You are in; type it again if it was not.",
  );
}

/** A token that is good for something else. */
export function tokenScopeTooNarrow(scope: string): Refusal {
  return new Refusal("token_scope", `This token is for something else; its scope is ${scope}.`);
}

/** What a scope may be made of. */
export function badScope(): Refusal {
  return new Refusal(
    "bad_scope",
    "A scope is chat, admin, read:#<room> or post:#<room>, or several of them.",
  );
}

/** There is no live token with this id, or it is somebody else's. */
export function tokenNotFound(id: string): Refusal {
  return new Refusal("token_not_found", `There is no live token ${id}.`);
}

/** A command of those who are in, from somebody who is not. */
export function logInFirst(): Refusal {
  return new Refusal("log_in_first", "Come in first: type a name, /login <username> or /signup <username>.");
}

export function unknownCommand(name: string): Refusal {
  return new Refusal("unknown_command", `Unknown command /${name}. Type /help.`);
}

/** JSON mode: a line that asks for nothing. */
export function badJson(): Refusal {
  return new Refusal("bad_json", 'This is not a JSON object with a "type".');
}

/** JSON mode: a field is missing, or is not what it must be. */
export function badField(name: string, must: string): Refusal {
  return new Refusal("bad_request", `Field "${name}" must ${must}.`);
}

/** JSON mode: a type that no client sends. */
export function unknownType(type: string): Refusal {
  const first = "Come in by auth, login, link or guest";
  const then =
    "then say, direct, join, leave, who, rooms, history, conversations, search, ignored, delete, command, signup, ping, pong";
  return new Refusal("unknown_type", `Unknown type "${type}". ${first}; ${then}.`);
}

/** JSON mode: a command that asks for more, line by line. */
export function forTextMode(): Refusal {
  return new Refusal("for_text_mode", "This command asks questions, which is for text mode only.");
}

/** @param usage The command with what must follow it. */
export function badUsage(usage: string): Refusal {
  return new Refusal("bad_usage", `Use: ${usage}`);
}

/** The words are those of the original chat. */
export function badDirectFormat(): Refusal {
  return new Refusal("bad_usage", "Invalid private message format. Use: /@ <username> <message>");
}

/** `/r` before anybody has written. */
export function nobodyWrote(): Refusal {
  return new Refusal("nobody_wrote", "Nobody has written to you yet.");
}

/** The name breaks the rules of `chat/room_name.ts`. */
export function badRoomName(): Refusal {
  return new Refusal("bad_room_name", "Rooms are # and 1 to 32 letters, digits, _ - or .");
}

/** There is no such room, or whoever asks may not know of it. */
export function noSuchRoom(room: string): Refusal {
  return new Refusal("no_such_room", `There is no room #${room}.`);
}

/** A private room, for somebody whom nobody has invited. */
export function notInvited(room: string): Refusal {
  return new Refusal("not_invited", `#${room} is private; its staff can invite you.`);
}

export function notInRoom(room: string): Refusal {
  return new Refusal("not_in_room", `You are not in #${room}. /join #${room} first.`);
}

export function cannotLeaveLobby(): Refusal {
  return new Refusal("cannot_leave_lobby", "You cannot leave #lobby; .exit leaves the chat.");
}

/** A room that was deleted, of which something is left. */
export function roomClosing(room: string): Refusal {
  return new Refusal("room_closing", `#${room} is just being deleted. Try again in a minute.`);
}

/** Everybody has to have a place to be. */
export function lobbyStaysOpen(): Refusal {
  return new Refusal("lobby_stays_open", "#lobby is open to all and stays so.");
}

/** A room where only the staff speaks. */
export function roomIsQuiet(room: string): Refusal {
  return new Refusal("room_is_quiet", `#${room} is quiet: its staff speaks, others read.`);
}

/** Whom a command names is somewhere else. */
export function notInRoomOther(name: string, room: string): Refusal {
  return new Refusal("not_in_room", `${name} is not in #${room}.`);
}

export function tooManyJoined(most: number): Refusal {
  return new Refusal("too_many_joined", `You are in ${most} rooms, which is the limit; /leave one first.`);
}

export function tooManyRooms(most: number): Refusal {
  return new Refusal("too_many_rooms", `There are ${most} rooms, which is the limit; /rooms lists them.`);
}

/** An address has made as many rooms as it may. */
export function tooManyNewRooms(most: number, seconds: number): Refusal {
  const limit = `limit ${most} new rooms an hour from one address`;
  return new Refusal("too_many_rooms", `That was too many (${limit}). Try again in ${seconds} s.`, seconds);
}

/** A room's messages are kept no longer than the server's. */
export function keepTooLong(days: number): Refusal {
  return new Refusal(
    "keep_too_long",
    `This server keeps messages for ${days} days; a room may only shorten that.`,
  );
}

/** There is no message of that number or id, or it is gone already. */
export function noSuchMessage(): Refusal {
  return new Refusal("no_such_message", "There is no such message here. /ids on shows the numbers.");
}

export function notIgnored(name: string): Refusal {
  return new Refusal("not_ignored", `You do not ignore ${name}. /ignore lists whom you do.`);
}

export function tooManyIgnored(most: number): Refusal {
  return new Refusal(
    "too_many_ignored",
    `You ignore ${most} people, which is the limit; /unignore one first.`,
  );
}

/** A command about accounts, from somebody without one. */
export function guestsCannot(): Refusal {
  return new Refusal("guests_cannot", "Guests cannot do that. /signup first.");
}

/** A command for moderators or admins. */
export function mayNot(): Refusal {
  return new Refusal("may_not", "You may not do that.");
}

/** An account that is away has as many private messages waiting as are kept. */
export function mailboxFull(name: string): Refusal {
  return new Refusal("mailbox_full", `Too many messages wait for ${name} already; this one was not kept.`);
}

/** The database would not take it: the disk is full, or broken. */
export function notStored(): Refusal {
  return new Refusal(
    "not_stored",
    "The server could not store that, so it was not done. Try again in a while.",
  );
}

/** Past the bytes of a line. */
export function lineTooLong(limitBytes: number): Refusal {
  return new Refusal("line_too_long", `Line too long (limit ${limitBytes} bytes); nothing was sent.`);
}

/** Past the pace of messages. */
export function tooFast(rate: { perSecond: number } | "off"): Refusal {
  return new Refusal(
    "too_fast",
    `You are sending too fast (limit ${pace(rate)} a second); that line was not sent.`,
  );
}

/** Past the pace of commands. */
export function tooFastCommands(rate: { perSecond: number } | "off"): Refusal {
  const limit = `limit ${pace(rate)} commands a second`;
  return new Refusal("too_fast", `You are sending too fast (${limit}); that line was not sent.`);
}

/** The server's fault, not the user's: it is in the log. */
export function defect(): Refusal {
  return new Refusal(
    "defect",
    "Something went wrong in the server; that was not done, and the operator can read why.",
  );
}

function pace(rate: { perSecond: number } | "off"): number {
  return rate === "off" ? Infinity : rate.perSecond;
}

/** All connections that the server takes are taken. */
export function serverFull(limit: number): Refusal {
  return new Refusal("server_full", `Server is full.\nIts limit is ${limit} connections; try again later.`);
}

/** An address has as many connections as it may have. */
export function tooManyConnections(limit: number): Refusal {
  return new Refusal(
    "too_many_connections",
    `Too many connections from your address.\nThe limit is ${limit} at a time; close one, or try again later.`,
  );
}

/** An address has opened as many connections within a minute as it may. */
export function tooManyNewConnections(limit: number, seconds: number): Refusal {
  return new Refusal(
    "too_many_connections",
    `Too many connections from your address.\nThe limit is ${limit} new ones a minute; try again in ${seconds} s.`,
    seconds,
  );
}

/** HTTP: the body is longer than allowed. */
export function bodyTooLarge(limitBytes: number): Refusal {
  return new Refusal("body_too_large", `The body is too large (limit ${limitBytes} bytes).`);
}

/** HTTP: the body did not come in time. */
export function bodyTooSlow(limitSeconds: number): Refusal {
  return new Refusal("body_too_slow", `The body did not come within ${limitSeconds} s.`);
}

/** HTTP: the body is not what the call takes. */
export function badBody(text: string): Refusal {
  return new Refusal("bad_body", text);
}

/** HTTP: a call that needs a token came without one. */
export function tokenMissing(): Refusal {
  return new Refusal("token_missing", "This call needs an access token: Authorization: Bearer <token>.");
}

/** The one-time code of the first admin is wrong, or there is an admin. */
export function badSetupCode(): Refusal {
  return new Refusal(
    "bad_setup_code",
    "This setup code is not valid; the server prints a new one at each start.",
  );
}

export function alreadySetUp(): Refusal {
  return new Refusal("already_set_up", "This server has an admin already.");
}

/** HTTP: an account calls faster than it may. */
export function tooManyCalls(perSecond: number): Refusal {
  const limit = `limit ${perSecond} a second for an account`;
  return new Refusal("too_many_calls", `You are calling too fast (${limit}); that was not done.`, 1);
}

/** HTTP: an account says more in a second than it may. */
export function tooManyPosts(perSecond: number): Refusal {
  const limit = `limit ${perSecond} a second for an account`;
  return new Refusal("too_fast", `You are sending too fast (${limit}); that was not sent.`, 1);
}

/** HTTP: an account listens by as many streams as it may. */
export function tooManyStreams(most: number): Refusal {
  return new Refusal(
    "too_many_streams",
    `You have ${most} streams of events open, which is the limit; close one.`,
  );
}

/** HTTP: a page from elsewhere has sent the request with its reader's browser. */
export function foreignOrigin(): Refusal {
  return new Refusal("foreign_origin", "Requests from other sites' pages are not taken.");
}

/** HTTP: a browser's cookie came with a call that does not say from which page it is. */
export function originMissing(): Refusal {
  return new Refusal(
    "origin_missing",
    "With a cookie this call is for the server's own pages; programs send Authorization: Bearer <token>.",
  );
}

/** HTTP: a program calls with its token for what belongs to a person at a browser. */
export function browserOnly(): Refusal {
  return new Refusal("browser_only", "Only a browser that is signed in can do that, at the server's page.");
}

/** HTTP: a page for admins, long after the password was given. */
export function confirmPassword(): Refusal {
  return new Refusal("confirm_password", "Give your password once more to go on.");
}

/** The same of a command, where there is nothing to give it in. */
export function confirmPasswordFirst(): Refusal {
  return new Refusal(
    "confirm_password",
    "Your browser has been signed in for long: give your password once more at /admin, then try again.",
  );
}

/** HTTP: the pages have no such script or style. */
export function noSuchFile(): Refusal {
  return new Refusal("no_such_file", "There is no such file; reload the page.");
}

/** HTTP: the address takes WebSockets only. */
export function upgradeRequired(url: string): Refusal {
  const how = `Connect to ${url} with a WebSocket client; each message is one JSON object.`;
  return new Refusal("upgrade_required", `This address takes WebSockets only. ${how}`);
}

/** HTTP: as many admin pages follow what happens as may, of one account or in all. */
export function tooManyViewers(): Refusal {
  return new Refusal("too_many_viewers", "Too many admin pages are open; close one of them.");
}

/** HTTP: a page that does not take in what it is told. */
export function viewerTooSlow(): Refusal {
  return new Refusal("too_slow", "This page took too long to read what it was told; load it again.");
}

/** The connection that is meant has gone. */
export function connectionNotFound(): Refusal {
  return new Refusal("connection_not_found", "This connection has ended already.");
}

/** One backup is made at a time. */
export function backupUnderWay(): Refusal {
  return new Refusal("backup_under_way", "A backup is being made already; wait until it is done.");
}

/** Nobody has taken the backups elsewhere. */
export function tooManyBackups(most: number): Refusal {
  return new Refusal(
    "too_many_backups",
    `There are ${most} backups, which is the limit; the operator has to move some of them elsewhere.`,
  );
}

/** The operator reads why. */
export function backupFailed(): Refusal {
  return new Refusal("backup_failed", "The backup could not be made; the server's log says why.");
}

/** There is no backup of that name. */
export function backupNotFound(): Refusal {
  return new Refusal("backup_not_found", "There is no such backup; load the list again.");
}

/** HTTP: a WebSocket that would not live long. */
export function shuttingDown(): Refusal {
  return new Refusal("shutting_down", "Server is shutting down.");
}

/** Why, where and until when somebody may not come in, or speak. */
interface Verdict {
  /** Undefined for the whole server. */
  readonly room: string | undefined;
  /** Undefined for good. */
  readonly until: Date | undefined;
  readonly reason: string;
}

/** Somebody is kept out by a ban. */
export function banned({ room, until, reason }: Verdict, nowMs: number): Refusal {
  const what = `You are banned from ${room === undefined ? "this server" : `#${room}`}`;
  const end = until && `${minute(until)} UTC`;
  return new Refusal("banned", verdict(what, { end, reason }), secondsUntil(until, nowMs));
}

/** Somebody is kept silent. */
export function muted({ room, until, reason }: Verdict, nowMs: number): Refusal {
  const what = `You are muted${room === undefined ? "" : ` in #${room}`}`;
  const end = until && soon(until, nowMs);
  return new Refusal("muted", verdict(what, { end, reason }), secondsUntil(until, nowMs));
}

/** A lockdown keeps guests out. */
export function guestsLockedOut(until: Date, nowMs: number): Refusal {
  const text = `Guests are not admitted until ${soon(until, nowMs)}. /login <username>.`;
  return new Refusal("no_guests", text, secondsUntil(until, nowMs));
}

/** A lockdown lets nobody make an account. */
export function signupLockedOut(until: Date, nowMs: number): Refusal {
  const text = `Sign-up is closed until ${soon(until, nowMs)}.`;
  return new Refusal("signup_closed", text, secondsUntil(until, nowMs));
}

/** A lockdown lets nobody speak but moderators and admins. */
export function readOnly(until: Date, nowMs: number): Refusal {
  const text = `Only moderators may write until ${soon(until, nowMs)}; that was not sent.`;
  return new Refusal("read_only", text, secondsUntil(until, nowMs));
}

function verdict(what: string, { end, reason }: { end: string | undefined; reason: string }): string {
  const until = end === undefined ? "" : ` until ${end}`;
  const why = reason === "" ? "" : `: ${reason}`;
  return `${what}${until}${why}`.replace(/(?<![.!?…])$/, ".");
}

/** A coming moment in UTC; of one within a day the time will do. */
function soon(at: Date, nowMs: number): string {
  const withinDay = at.getTime() - nowMs < 86_400_000;
  return `${withinDay ? minute(at).slice("2026-02-03 ".length) : minute(at)} UTC`;
}

/** In UTC, rounded up, so that it is over by then: "2026-02-03 04:05". */
function minute(at: Date): string {
  const up = new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
  return up.toISOString().slice(0, 16).replace("T", " ");
}

function secondsUntil(until: Date | undefined, nowMs: number): number | undefined {
  return until && Math.ceil((until.getTime() - nowMs) / 1000);
}

/** Of what `/unban` names, nothing is banned. */
export function notBanned(room: string | undefined): Refusal {
  const from = room === undefined ? "" : ` from #${room}`;
  return new Refusal("not_banned", `No such name, address or number is banned${from}. /bans lists them.`);
}

/** Of what `/unmute` names, nothing is muted. */
export function notMuted(room: string | undefined): Refusal {
  const where = room === undefined ? "" : ` in #${room}`;
  return new Refusal("not_muted", `No such name, address or number is muted${where}. /bans lists them.`);
}

/** No ban or mute of that id is in force. */
export function banNotFound(): Refusal {
  return new Refusal("ban_not_found", "This ban or mute is over already; load the list again.");
}

/** As many bans and mutes are in force as are kept, in the whole server or in one room. */
export function tooManyBans(most: number, room: string | undefined): Refusal {
  const where = room === undefined ? "" : ` in #${room}`;
  return new Refusal(
    "too_many_bans",
    `There are ${most} bans and mutes${where} already, which is the limit; lift one first.`,
  );
}

/** A reason that is too long, or that would drive a terminal. */
export function badReason(most: number): Refusal {
  return new Refusal(
    "bad_reason",
    `Reasons are at most ${most} characters, none of them a control character.`,
  );
}

/** A lockdown that is too short or too long. */
export function badLockdownMinutes(most: number): Refusal {
  return new Refusal("bad_minutes", `A lockdown lasts 1 to ${most} minutes.`);
}

/** Nothing is called so that admins may set. */
export function noSuchSetting(flag: string, meant: string | undefined): Refusal {
  const hint = meant === undefined ? "load the list again." : `did you mean "${meant}"?`;
  return new Refusal("no_such_setting", `There is no setting "${flag}"; ${hint}`);
}

/** What the operator says on the command line or in the environment beats what admins set. */
export function settingFixed(flag: string, place: string): Refusal {
  return new Refusal(
    "setting_fixed",
    `The setting ${flag} is fixed by ${place}; start the server without that to change it here.`,
  );
}

/** @param problem What is wrong with a setting and what is allowed, without a full stop. */
export function badSetting(problem: string): Refusal {
  return new Refusal("bad_setting", `${problem}.`);
}

/** An admin wants to switch off what all admins come in by. */
export function noOtherWayIn(): Refusal {
  return new Refusal(
    "no_other_way_in",
    "No admin could come in any more: one of them needs a passkey or a linked identity first.",
  );
}

/** There is no lockdown to end. */
export function noLockdown(): Refusal {
  return new Refusal("no_lockdown", "There is no lockdown.");
}
