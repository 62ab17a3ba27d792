import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Field } from "../shared/Field.tsx";
import { sentenceOf } from "../shared/sentence.ts";
import type { Session } from "./session.ts";
import { takeFocus } from "./take_focus.ts";

type Way = "log in" | "sign up" | "guest";

/** The door: one logs in, makes an account, or looks around as a guest. */
export function SignIn({ session, why }: { session: Session; why: string | undefined }) {
  const server = session.server.value!;
  const way = useSignal<Way>("log in");
  const ways: [Way, string][] = [
    ["log in", "Log in"],
    ...server.signup === "open" ? [["sign up", "Sign up"] as [Way, string]] : [],
    ...server.guests ? [["guest", "Look around"] as [Way, string]] : [],
  ];
  return (
    <main class="door">
      <div class="sheet">
        <h1>{server.name}</h1>
        {server.motd !== "" && <p class="motd">{server.motd}</p>}
        {why !== undefined && <p class="error" role="alert">{why}</p>}
        {server.needs_setup && (
          <p class="hint">
            This server has no admin yet: the link that it printed at its start makes the first one.
          </p>
        )}
        <div class="ways" role="group" aria-label="How to come in">
          {ways.map(([name, words]) => (
            <button
              type="button"
              key={name}
              aria-pressed={way.value === name}
              onClick={() => way.value = name}
            >
              {words}
            </button>
          ))}
        </div>
        {way.value === "log in" && <LogIn session={session} />}
        {way.value === "sign up" && <SignUp session={session} />}
        {way.value === "guest" && <AsGuest session={session} />}
        {server.signup === "invite" && way.value === "log in" && (
          <p class="hint">Who is invited here can make an account; ask an admin.</p>
        )}
      </div>
      <p class="beside">
        <a href="/join">Join from a terminal</a>
      </p>
    </main>
  );
}

function LogIn({ session }: { session: Session }) {
  return (
    <Door deed="Log in" onCome={(read) => session.logIn(read("username"), read("password"))}>
      <Field label="Username">
        <input name="username" autocomplete="username" autocapitalize="none" required ref={takeFocus} />
      </Field>
      <Field label="Password">
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
    </Door>
  );
}

/** Makes an account, as a guest who is in may as well. */
export function SignUp({ session }: { session: Session }) {
  return (
    <Door
      deed="Make the account"
      onCome={(read) => {
        if (read("password") !== read("again")) throw new Error("The two passwords differ.");
        const username = read("username");
        return session.signUp({ username, name: read("name") || username, password: read("password") });
      }}
    >
      <Field label="Username" hint="To log in with; an e-mail address will do.">
        <input name="username" autocomplete="username" autocapitalize="none" required ref={takeFocus} />
      </Field>
      <Field
        label="Name in the chat"
        hint="2 to 32 letters, digits, _ - or . If left empty, what you log in with."
      >
        <input name="name" autocomplete="nickname" autocapitalize="none" />
      </Field>
      <Field label="Password" hint="8 characters at least.">
        <input name="password" type="password" autocomplete="new-password" minLength={8} required />
      </Field>
      <Field label="Password again">
        <input name="again" type="password" autocomplete="new-password" required />
      </Field>
    </Door>
  );
}

function AsGuest({ session }: { session: Session }) {
  return (
    <Door deed="Come in" onCome={(read) => session.lookAround(read("name"))}>
      <Field label="Name" hint="It gets four digits, so that nobody takes you for somebody else.">
        <input
          name="name"
          autocomplete="nickname"
          autocapitalize="none"
          maxLength={32}
          required
          ref={takeFocus}
        />
      </Field>
    </Door>
  );
}

/** A form that says why one does not come in by it. */
function Door(
  { deed, onCome, children }: {
    deed: string;
    onCome: (read: (field: string) => string) => Promise<void>;
    children: ComponentChildren;
  },
) {
  const busy = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    busy.value = true;
    failure.value = undefined;
    try {
      await onCome((field) => String(data.get(field) ?? ""));
    } catch (error) {
      failure.value = sentenceOf(error);
    } finally {
      busy.value = false;
    }
  }
  return (
    <form onSubmit={submit}>
      {children}
      <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
      <button type="submit" class="primary wide" disabled={busy.value}>{deed}</button>
    </form>
  );
}
