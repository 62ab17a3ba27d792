import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { bound } from "./bound.ts";
import { useChatting } from "./chatting.ts";
import { Passkeys } from "./Passkeys.tsx";
import { Password } from "./Password.tsx";
import { Presence } from "./Presence.tsx";
import { Section } from "./Section.tsx";
import type { WantedAccount } from "./session.ts";
import { SignUp } from "./SignUp.tsx";
import { SingleSignOn } from "./SingleSignOn.tsx";
import { TwoFactors } from "./TwoFactors.tsx";
import { Whereabouts } from "./Whereabouts.tsx";

type Noticing = ReturnType<typeof useNotice>;

/** Oneself: how one is seen, what one is told, and one's account. */
export function AccountPanel() {
  const { chat, session } = useChatting();
  const notice = useNotice();
  return (
    <div class="account">
      <Notice said={notice.said} />
      <Presence notice={notice} />
      {chat.guest ? <NewMember /> : <Account notice={notice} />}
      <div class="row">
        <button type="button" onClick={() => void session.logOut()}>
          {chat.guest ? "Leave" : "Log out"}
        </button>
        {!chat.guest && (
          <button
            type="button"
            onClick={() => void session.logOutEverywhere().catch(notice.fail)}
          >
            Log out everywhere
          </button>
        )}
      </div>
    </div>
  );
}

/** A guest can make an account without losing their place. */
function NewMember() {
  const { chat, session, view } = useChatting();
  const server = session.entrance.server.value!;
  if (server.signup === "closed" || !server.password_login) return null;
  async function signUp(wanted: WantedAccount): Promise<void> {
    await session.becomeMember(chat, wanted);
    view.close();
    chat.here.note(`You have an account now, and are ${chat.me.value.name}.`, { loud: true });
  }
  return (
    <Section title="Make an account">
      <p class="hint">Then your name is yours, and what is written to you waits for you.</p>
      <SignUp server={server} invitation={undefined} onSignUp={signUp} />
    </Section>
  );
}

/** What only somebody with an account has. */
function Account({ notice }: { notice: Noticing }) {
  const { session } = useChatting();
  const { own, entrance } = session;
  useEffect(() => void own.factors.load().catch(notice.fail), []);
  return (
    <>
      <NewName notice={notice} />
      {entrance.server.value!.password_login && <Password notice={notice} />}
      <TwoFactors notice={notice} />
      <Passkeys notice={notice} />
      {entrance.server.value!.providers.length > 0 && <SingleSignOn notice={notice} />}
      <Whereabouts notice={notice} />
    </>
  );
}

function NewName({ notice }: { notice: Noticing }) {
  const { chat, deeds } = useChatting();
  const name = useSignal(chat.me.value.name);
  return (
    <Section title="Name">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void notice.attempt(() => deeds.command(`/name ${name.value.trim()}`), "Your name is changed.");
        }}
      >
        <Field label="Name in the chat" hint="The old one stays yours.">
          <input {...bound(name)} autocomplete="nickname" autocapitalize="none" required />
        </Field>
        <button type="submit" class="small">Change the name</button>
      </form>
    </Section>
  );
}
