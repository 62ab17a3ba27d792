/** What a tab keeps while its reader is away at an identity provider. The browser may refuse: then it is asked again. */

const INVITATION = "parley invitation";
const SETTING_OUT = "parley sign-in";

/** The invitation by whose link somebody has come; "" for none. */
export function recallInvitation(): string {
  return recall(INVITATION) ?? "";
}

export function rememberInvitation(invitation: string): void {
  keep(INVITATION, invitation);
}

/** Somebody sets out to an identity provider. */
export function rememberSettingOut(): void {
  keep(SETTING_OUT, "yes");
}

/** Whether somebody has set out in this tab, and is back. */
export function takeSettingOut(): boolean {
  const hasSetOut = recall(SETTING_OUT) === "yes";
  keep(SETTING_OUT, "");
  return hasSetOut;
}

function recall(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(key: string, value: string): void {
  try {
    if (value === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // it is asked again
  }
}
