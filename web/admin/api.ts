import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type {
  AdminRoomRow,
  AuditRow,
  BackupRow,
  BanRow,
  ConnectionRow,
  InvitationRow,
  LockdownInfo,
  NewBan,
  NewInvitation,
  NewPassword,
  NewPerson,
  NewPersonRow,
  NewToken,
  NewTokenRow,
  PasswordLink,
  PersonChange,
  PersonRow,
  RoomChange,
  Samples,
  SettingRow,
  TokenRow,
} from "../../server/wire/admin_types.ts";
import type { Entrance } from "../entrance/entrance.ts";
import { type call, CallFailed } from "../shared/call.ts";

/** Which entries of the audit trail are wanted; what is left out does not matter. */
export interface AuditFilter {
  readonly who?: string;
  readonly what?: string;
  readonly search?: string;
}

/** How much of a list is wanted: so many, behind the last one of the page before. */
export interface Part {
  readonly after?: string;
  readonly limit?: number;
}

/**
 * The admin API. Where the server wants to know that it is still the same person, that is asked, and the interrupted call
 * made once more. Where it does not let this browser do what it could before, somebody may have logged it out.
 * Each method throws a `CallFailed` with a sentence for people.
 */
export class AdminApi {
  #entrance: Entrance;

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
  }

  samples(): Promise<Samples> {
    return this.#call("GET", "/samples");
  }

  connections(wanted: Part): Promise<{ connections: ConnectionRow[]; more: boolean }> {
    return this.#call("GET", `/connections${query({ ...wanted })}`);
  }

  /** Ends a connection; who is there is told the sentence last, or for "" who has done it. */
  disconnect(id: string, sentence: string): Promise<unknown> {
    return this.#call("DELETE", path`/connections/${id}`, { sentence });
  }

  people(wanted: Part & { search?: string }): Promise<{ people: PersonRow[]; more: boolean }> {
    return this.#call("GET", `/people${query({ ...wanted })}`);
  }

  createPerson(person: NewPerson): Promise<NewPersonRow> {
    return this.#call("POST", "/people", person);
  }

  changePerson(id: string, change: PersonChange): Promise<unknown> {
    return this.#call("PATCH", path`/people/${id}`, change);
  }

  /** Has the server make up another password, which ends all tokens and connections of the account as well. */
  newPassword(id: string): Promise<NewPassword> {
    return this.#call("POST", path`/people/${id}/password`, {});
  }

  /** By it the account's owner sets a password, once. The answer alone has it. */
  linkPassword(id: string): Promise<PasswordLink> {
    return this.#call("POST", path`/people/${id}/password-link`);
  }

  /** Takes codes and recovery codes away. */
  resetMfa(id: string): Promise<unknown> {
    return this.#call("DELETE", path`/people/${id}/mfa`);
  }

  /** Ends all tokens and connections of an account. */
  logOutPerson(id: string): Promise<unknown> {
    return this.#call("POST", path`/people/${id}/logout`);
  }

  /** Deletes an account for good; what it has said stays as that of a deleted user, or goes as well. */
  deletePerson(id: string, messages: "keep" | "erase"): Promise<{ message: string }> {
    return this.#call("DELETE", path`/people/${id}`, { messages });
  }

  /** The newest first, those that have ended as well. */
  async invitations(): Promise<InvitationRow[]> {
    return (await this.#call<{ invitations: InvitationRow[] }>("GET", "/invitations")).invitations;
  }

  invite(wanted: NewInvitation): Promise<InvitationRow> {
    return this.#call("POST", "/invitations", wanted);
  }

  revokeInvitation(id: string): Promise<unknown> {
    return this.#call("DELETE", path`/invitations/${id}`);
  }

  /** @param wanted.account An account's id, for its tokens alone. */
  tokens(wanted: Part & { account?: string }): Promise<{ tokens: TokenRow[]; more: boolean }> {
    return this.#call("GET", `/tokens${query({ ...wanted })}`);
  }

  /** The answer alone has the token itself. */
  issueToken(token: NewToken): Promise<NewTokenRow> {
    return this.#call("POST", "/tokens", token);
  }

  revokeToken(id: string): Promise<unknown> {
    return this.#call("DELETE", path`/tokens/${id}`);
  }

  rooms(wanted: Part): Promise<{ rooms: AdminRoomRow[]; more: boolean }> {
    return this.#call("GET", `/rooms${query({ ...wanted })}`);
  }

  changeRoom(name: string, change: RoomChange): Promise<unknown> {
    return this.#call("PATCH", path`/rooms/${name}`, change);
  }

  deleteRoom(name: string): Promise<{ message: string }> {
    return this.#call("DELETE", path`/rooms/${name}`);
  }

  bans(wanted: Part): Promise<{ bans: BanRow[]; more: boolean }> {
    return this.#call("GET", `/bans${query({ ...wanted })}`);
  }

  addBan(ban: NewBan): Promise<BanRow> {
    return this.#call("POST", "/bans", ban);
  }

  liftBan(id: string): Promise<{ message: string }> {
    return this.#call("DELETE", path`/bans/${id}`);
  }

  /** The newest first; a page may be empty though `next` says where the one after it begins. */
  audit(
    wanted: AuditFilter & { before?: string; limit?: number },
  ): Promise<{ entries: AuditRow[]; next: string | null }> {
    return this.#call("GET", `/audit${query({ ...wanted })}`);
  }

  async settings(): Promise<SettingRow[]> {
    return (await this.#call<{ settings: SettingRow[] }>("GET", "/settings")).settings;
  }

  /** @param changes Flag → value, or null for the default. */
  async changeSettings(changes: Readonly<Record<string, string | null>>): Promise<SettingRow[]> {
    const { settings } = await this.#call<{ settings: SettingRow[] }>("PATCH", "/settings", changes);
    this.#look(); // from now on more may be wanted of this very admin
    return settings;
  }

  async backups(): Promise<BackupRow[]> {
    return (await this.#call<{ backups: BackupRow[] }>("GET", "/backups")).backups;
  }

  makeBackup(): Promise<BackupRow> {
    return this.#call("POST", "/backups");
  }

  announce(text: string): Promise<unknown> {
    return this.#call("POST", "/announce", { text });
  }

  /** Settles when the browser may do what admins do, for which the password may have to be given again. */
  checkAllowed(): Promise<unknown> {
    return this.#call("GET", "/lockdown");
  }

  lockDown(mode: LockdownInfo["mode"], minutes: number): Promise<unknown> {
    return this.#call("PUT", "/lockdown", { mode, minutes });
  }

  endLockdown(): Promise<unknown> {
    return this.#call("DELETE", "/lockdown");
  }

  async #call<Answer>(...[method, path, body]: Parameters<typeof call>): Promise<Answer> {
    try {
      return await this.#entrance.confirmation.call<Answer>(method, `/admin/api${path}`, body);
    } catch (error) {
      if (error instanceof CallFailed && (error.status === 401 || error.status === 403)) {
        this.#look();
      }
      throw error;
    }
  }

  /** Asks anew how far this browser is let in. */
  #look(): void {
    this.#entrance.look().catch(() => {}); // where the server cannot be asked, the page says so already
  }
}

/** Where a backup is to be downloaded from. */
export function backupUrl(file: string): string {
  return `/admin/api${path`/backups/${file}`}`;
}

/** Where what the audit trail has of a filter is to be downloaded from. */
export function auditUrl(filter: AuditFilter, format: "csv" | "jsonl"): string {
  return `/admin/api/audit/export${query({ ...filter, format })}`;
}

/** The API of the page that a component is drawn on. */
export function useApi(): AdminApi {
  return useContext(ApiOfPage)!;
}

export const ApiOfPage = createContext<AdminApi | undefined>(undefined);

/** A path whose variable parts cannot be taken for more of it. */
function path(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** What is given, as it stands behind a path; "" for nothing. */
function query(fields: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([name, value]) => [name, `${value}`]))}`;
}
