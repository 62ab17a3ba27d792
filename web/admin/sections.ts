import type { ComponentType } from "preact";
import type { AccountRole } from "../../server/wire/admin_types.ts";
import { Announce } from "./Announce.tsx";
import { Audit } from "./Audit.tsx";
import { Backup } from "./Backup.tsx";
import { Bans } from "./Bans.tsx";
import { Connections } from "./Connections.tsx";
import { Invitations } from "./Invitations.tsx";
import { Lockdown } from "./Lockdown.tsx";
import { People } from "./People.tsx";
import { Rooms } from "./Rooms.tsx";
import { Settings } from "./Settings.tsx";
import { Status } from "./Status.tsx";
import { Tokens } from "./Tokens.tsx";

/** One of the parts of the admin page, shown for `#<name>`. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** Who may do what is done there, at least. */
  readonly role: "moderator" | "admin";
  /** What stands below the title. */
  readonly Content: ComponentType;
}

const SECTIONS: readonly Section[] = [
  { name: "status", title: "Status", role: "admin", Content: Status },
  { name: "connections", title: "Connections", role: "moderator", Content: Connections },
  { name: "people", title: "People", role: "admin", Content: People },
  { name: "invitations", title: "Invitations", role: "admin", Content: Invitations },
  { name: "tokens", title: "Tokens", role: "admin", Content: Tokens },
  { name: "rooms", title: "Rooms", role: "admin", Content: Rooms },
  { name: "bans", title: "Bans", role: "moderator", Content: Bans },
  { name: "announce", title: "Announce", role: "moderator", Content: Announce },
  { name: "lockdown", title: "Lockdown", role: "admin", Content: Lockdown },
  { name: "settings", title: "Settings", role: "admin", Content: Settings },
  { name: "backup", title: "Backup", role: "admin", Content: Backup },
  { name: "audit", title: "Audit", role: "admin", Content: Audit },
];

/** What somebody may see. */
export function sectionsFor(role: AccountRole): readonly Section[] {
  if (role === "member") return [];
  return SECTIONS.filter((section) => role === "admin" || section.role === "moderator");
}
