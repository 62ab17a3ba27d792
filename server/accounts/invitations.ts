import { isValid as isUlid, ulid } from "ulid";
import {
  invitationNotFound,
  invitationNotValid,
  invitationRequired,
  mayNot,
  signupClosed,
  tooManyInvitations,
} from "../refusals.ts";
import { newCode, readCode } from "./_codes.ts";
import { type Invitation, type InvitationStore, isOpen } from "./invitation_store.ts";
import { type AccountRole, isAtLeast, type Role } from "./roles.ts";
import type { SignedLinks } from "./signed_links.ts";

/** Of four letters: 51 random bits. */
const GROUPS = 3;

const MOST_OPEN = 1_000;

const DAY_MS = 86_400_000;

/** What an invitation is for where nothing is said, and the most that it may be: its record names all who came by it. */
export const USUAL_INVITATION = { role: "member", uses: 1, days: 7 } as const;
export const MOST_USES = 300;
export const MOST_INVITATION_DAYS = 365;

/** What an invitation is good for. */
export interface InvitationTerms {
  readonly role: AccountRole;
  /** Without `#`. */
  readonly room: string | undefined;
  readonly uses: number;
  readonly days: number;
}

/** Who may create an account: anybody, those who were invited, nobody. */
export type SignupPolicy = "open" | "invite" | "closed";

/** Letting people make accounts: by a signed link, or the short code of it. */
export class Invitations {
  #store: InvitationStore;
  #links: SignedLinks;
  #now: () => number;

  constructor(store: InvitationStore, links: SignedLinks, now: () => number = Date.now) {
    this.#store = store;
    this.#links = links;
    this.#now = now;
  }

  /**
   * @param by.role That of whoever invites, who makes nobody more than that.
   * @param note Is told what is about to be made; where it throws, nothing is.
   * @throws {Refusal} `may_not`, `too_many_invitations`, `not_stored`
   */
  async make(
    by: { readonly name: string; readonly role: Role },
    wanted: InvitationTerms,
    note: (deed: { what: string; whom: string; why: string }) => Promise<void> = async () => {},
  ): Promise<Invitation> {
    if (!isAtLeast(by.role, wanted.role)) throw mayNot();
    if ((await this.open()).length >= MOST_OPEN) throw tooManyInvitations(MOST_OPEN);
    const { role, room, uses, days } = wanted;
    const nowMs = this.#now();
    const invitation: Invitation = {
      id: ulid(),
      code: newCode(GROUPS),
      role,
      room,
      uses,
      usedBy: [],
      by: by.name,
      createdAt: new Date(nowMs),
      expiresAt: new Date(nowMs + days * DAY_MS),
      revoked: false,
    };
    await note({ what: "invite", whom: invitation.id, why: inWords(wanted) });
    await this.#store.add(invitation);
    return invitation;
  }

  /** What stands in the link, behind `#invitation=`. */
  linkOf({ id, expiresAt }: Invitation): Promise<string> {
    return this.#links.sign("invitation", { subject: id, expiresAt });
  }

  /** All that are on record, the newest first. */
  async list(): Promise<Invitation[]> {
    return (await Array.fromAsync(this.#store.list())).reverse();
  }

  /** Those by which somebody may still come. */
  async open(): Promise<Invitation[]> {
    return (await this.list()).filter((invitation) => this.isOpen(invitation));
  }

  isOpen(invitation: Invitation): boolean {
    return isOpen(invitation, this.#now());
  }

  /** One that is open. @throws {Refusal} `invitation_not_found` */
  async get(id: string): Promise<Invitation> {
    const invitation = isUlid(id) ? await this.#store.find(id) : undefined;
    if (invitation === undefined || !this.isOpen(invitation)) throw invitationNotFound(id);
    return invitation;
  }

  /** @throws {Refusal} `invitation_not_found`, `not_stored` */
  async revoke(id: string): Promise<Invitation> {
    const invitation = await this.get(id);
    if (!await this.#store.revoke(id)) throw invitationNotFound(id);
    return { ...invitation, revoked: true };
  }

  /**
   * Whether somebody may make an account.
   *
   * @param given A code in any case, or what stands in a link; undefined or "" for none.
   * @returns The invitation by which that is; undefined where none is needed and none was given.
   * @throws {Refusal} `signup_closed`, `invitation_required`, `invitation_not_valid`
   */
  async admit(policy: SignupPolicy, given: string | undefined): Promise<Invitation | undefined> {
    if (policy === "closed") throw signupClosed();
    if (given === undefined || given.trim() === "") {
      if (policy === "invite") throw invitationRequired();
      return undefined;
    }
    const invitation = await this.#find(given.trim());
    if (invitation === undefined || !this.isOpen(invitation)) throw invitationNotValid();
    return invitation;
  }

  async #find(given: string): Promise<Invitation | undefined> {
    const code = readCode(given, GROUPS);
    if (code !== undefined) return await this.#store.findByCode(code);
    const link = await this.#links.read("invitation", given);
    return link && await this.#store.find(link.subject);
  }
}

/** `member in #dev, 5 times within 7 days` */
function inWords({ role, room, uses, days }: InvitationTerms): string {
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const where = room === undefined ? "" : ` in #${room}`;
  return `${role}${where}, ${counted(uses, "time")} within ${counted(days, "day")}`;
}
