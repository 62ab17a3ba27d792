import type { AccountRole } from "../../server/wire/admin_types.ts";
import { Choice } from "./Choice.tsx";

const ROLES = [
  { value: "member", title: "Member", text: "Talks, and keeps what is said to them while away." },
  { value: "moderator", title: "Moderator", text: "Kicks, mutes, bans and announces as well." },
  { value: "admin", title: "Admin", text: "Does everything, here and in the chat." },
] as const satisfies readonly { value: AccountRole; title: string; text: string }[];

/** What somebody may do. */
export function RoleChoice(
  { value, onChange }: { value: AccountRole; onChange: (role: AccountRole) => void },
) {
  return <Choice label="Role" options={ROLES} value={value} onChange={onChange} />;
}
