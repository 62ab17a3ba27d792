import type { Account } from "../accounts/account_store.ts";
import type { AuditEntry, AuditTrail } from "../accounts/audit_trail.ts";
import { canonicalFold } from "../accounts/names.ts";
import type { TokenRecord, TokenStore } from "../accounts/token_store.ts";
import { pause } from "../pause.ts";
import { tooManyDisclosures } from "../refusals.ts";
import type { Ban } from "./ban_list.ts";
import type { Direct, Message } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { MessageLog } from "./message_log.ts";
import type { OwnMessages } from "./own_messages.ts";
import type { Mark } from "./place_store.ts";
import type { Room } from "./room.ts";

/** How many at once: all that was ever said has to be looked through for each. */
const MOST_AT_ONCE = 2;

/** How many deeds are read at a time. */
const AUDIT_PAGE = 200;

/** Between two parts the server is there for others. */
const PAUSE_MS = 5;

interface DisclosureParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly own: OwnMessages;
  readonly tokens: TokenStore;
  readonly audit: AuditTrail;
}

/** All that is kept about an account. What may be long is read when it is taken. */
export interface OwnData extends Disposable {
  /** Without what its password and its codes are checked by. */
  readonly account: Omit<Account, "passwordHash" | "totp" | "recoveryCodes"> & {
    readonly codesSince: Date | undefined;
  };
  readonly tokens: readonly TokenRecord[];
  /** The rooms that it has joined, and how far it has read. */
  readonly places: readonly (Mark & { readonly room: string })[];
  readonly owns: readonly string[];
  readonly moderates: readonly string[];
  readonly invitations: readonly { readonly room: string; readonly by: string; readonly until: Date }[];
  /** Those in force. */
  readonly bans: readonly Ban[];
  /** What it has done by its power and, without where that came from, what others have done about it; newest first. */
  readonly deeds: AsyncIterable<Omit<AuditEntry, "from"> & { readonly from?: string }>;
  /** With whom by what name, conversation after conversation, and whether it has not been shown yet. */
  readonly directs: AsyncIterable<Direct & { readonly with: string; readonly waits: boolean }>;
  /** What it has said in rooms, room after room. */
  readonly messages: AsyncIterable<Message>;
}

/** Tells people what is kept about them, and nothing that is only others' business. */
export class Disclosure {
  #parts: DisclosureParts;
  /** The ids of the accounts that are being told. */
  #underWay = new Set<string>();

  constructor(parts: DisclosureParts) {
    this.#parts = parts;
  }

  /**
   * Opens what is kept about an account, to be disposed of when all is read.
   *
   * @throws {Refusal} `too_many_exports`
   */
  async open({ passwordHash: _, totp, recoveryCodes: __, ...rest }: Account): Promise<OwnData> {
    const account = { ...rest, codesSince: totp?.since };
    const { id } = account;
    if (this.#underWay.has(id) || this.#underWay.size >= MOST_AT_ONCE) throw tooManyDisclosures();
    this.#underWay.add(id);
    try {
      return { ...await this.#openAll(account), [Symbol.dispose]: () => void this.#underWay.delete(id) };
    } catch (error) {
      this.#underWay.delete(id);
      throw error;
    }
  }

  async #openAll(account: OwnData["account"]): Promise<Omit<OwnData, typeof Symbol.dispose>> {
    const { id } = account;
    const { hub, log, tokens } = this.#parts;
    const rooms = [...hub.rooms.all];
    const place = await hub.places.find(id);
    const waiting = await log.waitingFor(id);
    return {
      account,
      tokens: await Array.fromAsync(tokens.list(id)),
      places: Array.from(place?.rooms ?? [], ([room, mark]) => ({ room, ...mark })),
      owns: rooms.filter((room) => room.isOwner({ key: id })).map(({ name }) => name),
      moderates: rooms.filter(({ record }) => record.moderators.includes(id)).map(({ name }) => name),
      invitations: rooms.flatMap((room) => invitationsOf(id, room)),
      bans: this.#bansOn(id, rooms),
      deeds: this.#deeds(account),
      directs: this.#directs(id, new Set(waiting.map(({ id }) => id))),
      messages: this.#messages(id, rooms),
    };
  }

  #bansOn(id: string, rooms: readonly Room[]): Ban[] {
    const { moderation } = this.#parts.hub;
    const everywhere = moderation.list();
    const all = [...everywhere, ...rooms.flatMap(({ name }) => moderation.list(undefined, name))];
    return all.filter(({ target }) => target.type === "account" && target.account === id);
  }

  async *#deeds(account: OwnData["account"]): OwnData["deeds"] {
    const names = new Set([account.name, ...account.formerNames].map(canonicalFold));
    let before: string | undefined;
    for (;;) {
      const page = await this.#parts.audit.latest(AUDIT_PAGE, before);
      for (const { from, ...deed } of page) {
        if (deed.at < account.createdAt) return; // names are nobody else's later, but may have been guests' before
        // the commands of the CLI are nobody's, whatever name stands there
        if (from !== "host" && names.has(canonicalFold(deed.who))) yield { ...deed, from };
        else if (names.has(canonicalFold(deed.whom.replace(/ in #\S+$/, "")))) yield deed;
      }
      before = page.at(-1)?.id;
      if (before === undefined) return;
      await pause(PAUSE_MS);
    }
  }

  async *#directs(key: string, waiting: ReadonlySet<string>): OwnData["directs"] {
    for await (const part of this.#parts.own.directs(key)) {
      for (const direct of part) {
        const other = direct.fromKey === key ? direct.to : direct.from;
        yield { ...direct, with: other, waits: waiting.has(direct.id) };
      }
      await pause(PAUSE_MS);
    }
  }

  async *#messages(id: string, rooms: readonly Room[]): OwnData["messages"] {
    for (const { name } of rooms) {
      for await (const part of this.#parts.own.inRoom(id, name)) {
        yield* part;
        await pause(PAUSE_MS);
      }
    }
  }
}

function invitationsOf(key: string, { name, record }: Room): OwnData["invitations"] {
  const own = record.invitations.filter((invitation) => invitation.key === key);
  return own.map(({ by, until }) => ({ room: name, by, until }));
}
