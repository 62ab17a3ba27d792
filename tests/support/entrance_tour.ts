import { recordsIn } from "../../server/cli/records.ts";
import { firstAdmin } from "./admin_calls.ts";
import { ChatPage } from "./chat_page.ts";
import { ScriptedIssuer } from "./scripted_issuer.ts";
import { serverWithProviders } from "./server_with_providers.ts";
import type { TestServer } from "./start_server.ts";
import type { Tour } from "./tour.ts";
import { VirtualDevice } from "./virtual_device.ts";

/** Looks at each step of coming in, and at what one's account has of ways in. */
export async function throughTheEntrance({ look, ...looks }: Omit<Tour, "server">): Promise<void> {
  await using issuer = await ScriptedIssuer.open();
  const gone = issuer.row("gone").replace(issuer.url, "http://localhost:1");
  await using server = await serverWithProviders(
    issuer.row() + gone,
    "--signup=invite",
    "--require-mfa=admins",
  );
  const code = await invitationCode(server);
  const tour = { ...looks, server, look };
  await asSomebodyNew(tour, code);
  await asMember(tour);
  await asAdmin(tour);
}

/** Comes by a provider, and by an invitation. */
async function asSomebodyNew({ look, ...looks }: Tour, code: string): Promise<void> {
  await using page = await ChatPage.atDoor(looks);
  await page.page.getByText("Gone does not answer this server just now.").waitFor();
  await look(page.window);
  await page.presses("Log in with a passkey");
  await page.isRefused("Passkeys belong to a name");
  await look(page.window);
  await page.page.getByRole("link", { name: "Log in with Corp" }).click();
  await page.page.getByRole("heading", { name: "Your name here" }).waitFor();
  await look(page.window);

  await using invited = await ChatPage.atDoor({ ...looks, path: `/#invitation=${code}` });
  await look(invited.window);
  await invited.fillsSignUp({ username: "ann", name: "ann" });
  await invited.isIn();

  await using forgetful = await ChatPage.at({ ...looks, path: "/#password=aa.bb.cc" });
  await forgetful.page.getByLabel("New password").waitFor();
  await look(forgetful.window);

  await using guest = await ChatPage.guest("carl", looks);
  await guest.opensAccount();
  await guest.opensSection("Make an account");
  await look(guest.window);
}

/** Gets codes and a passkey, and comes in by them. */
async function asMember({ look, ...looks }: Tour): Promise<void> {
  await using ann = await ChatPage.atDoor({ ...looks, byName: true });
  await VirtualDevice.in(ann.window);
  await ann.logsIn("ann");
  await ann.isIn();
  await ann.opensAccount();
  await ann.opensSection("Two factors (off)");
  await ann.presses("Switch on codes");
  await ann.dialog.getByRole("img", { name: /^QR code/ }).waitFor();
  await look(ann.window);
  const app = await ann.switchesCodesOn();
  await look(ann.window);
  await ann.presses("I have kept them");
  await look(ann.window);
  await ann.presses("New recovery codes");
  await look(ann.window);
  await ann.presses("Leave it as it is");

  await ann.opensSection(/^Passkeys/);
  await ann.page.getByLabel("Name of the passkey").fill("Laptop");
  await ann.presses("Add a passkey");
  await ann.dialog.getByText("The passkey Laptop is added.").waitFor();
  await look(ann.window);
  await ann.presses("Remove Laptop");
  await look(ann.window);
  await ann.presses("Cancel");
  await ann.presses("Rename Laptop");
  await ann.opensSection(/^Single sign-on/);
  await ann.opensSection(/^Where you are logged in/);
  await look(ann.window);

  await ann.presses("Log out");
  await ann.logsIn("ann");
  await ann.page.getByLabel(/^Code/).waitFor();
  await look(ann.window);
  await ann.givesCode("000000");
  await ann.isRefused("Wrong code.");
  await ann.presses("Use a recovery code");
  await look(ann.window);
  await ann.page.getByLabel(/^Recovery code/).fill(app.recoveryCodes[0]!);
  await ann.presses("Go on");
  await ann.isIn();
}

/** Is led to a second factor. */
async function asAdmin({ look, ...looks }: Tour): Promise<void> {
  await using root = await ChatPage.atDoor(looks);
  await root.logsIn("root");
  await root.page.getByRole("img", { name: /^QR code/ }).waitFor();
  await look(root.window);
  await root.presses("Use a passkey");
  await look(root.window);
  await root.presses("Use codes of an app");
  await root.switchesCodesOn();
  await look(root.window);
}

/** The code of an invitation by the first admin, whose account is made for it. */
async function invitationCode(server: TestServer): Promise<string> {
  await firstAdmin(server);
  await using records = await recordsIn(server.dataDir);
  const wanted = { role: "member", room: undefined, uses: 1, days: 7 } as const;
  return (await records.invitations.make({ name: "root", role: "admin" }, wanted)).code;
}
