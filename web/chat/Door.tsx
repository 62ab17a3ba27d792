import { useSignal } from "@preact/signals";
import type { ServerInfo } from "../../server/wire/web_types.ts";
import { EntryForm } from "../entrance/EntryForm.tsx";
import { LogIn } from "../entrance/LogIn.tsx";
import { News, Steps } from "../entrance/Steps.tsx";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import type { Session } from "./session.ts";
import { SignUp } from "./SignUp.tsx";

type Way = "log in" | "sign up" | "guest";

/** The door: one logs in, makes an account, or looks around as a guest. */
export function Door({ session }: { session: Session }) {
  const { entrance } = session;
  const standing = entrance.standing.value;
  if (standing.is === "asking" || standing.is === "inside") return null;
  const server = entrance.server.value;
  return (
    <main class="door">
      <div class="sheet">
        <h1>{server?.name ?? "Parley"}</h1>
        {standing.is === "outside" ? <Ways session={session} /> : <Steps entrance={entrance} />}
      </div>
      {standing.is === "outside" && (
        <p class="beside">
          <a href="/join">Join from a terminal</a>
        </p>
      )}
    </main>
  );
}

/** The ways in for somebody of whom nothing is known. */
function Ways({ session }: { session: Session }) {
  const { entrance } = session;
  const server = entrance.server.value!;
  const invited = entrance.invited.value !== undefined;
  const ways = waysIn(server);
  const way = useSignal<Way>(invited && ways.has("sign up") ? "sign up" : "log in");
  return (
    <div class="entrance">
      {server.motd !== "" && <p class="motd">{server.motd}</p>}
      <News entrance={entrance} />
      {server.needs_setup && (
        <p class="hint">
          This server has no admin yet: the link that it printed at its start makes the first one.
        </p>
      )}
      {invited && <Invited server={server} />}
      <div class="ways" role="group" aria-label="How to come in">
        {[...ways].map(([name, words]) => (
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
      {way.value === "log in" && <LogIn entrance={entrance} />}
      {way.value === "sign up" && (
        <SignUp
          server={server}
          invitation={entrance.invited.value}
          onSignUp={(wanted) => entrance.signUp(wanted)}
        />
      )}
      {way.value === "guest" && <AsGuest session={session} />}
    </div>
  );
}

function waysIn({ signup, guests, password_login }: ServerInfo): ReadonlyMap<Way, string> {
  const ways = new Map<Way, string>([["log in", "Log in"]]);
  if (password_login && signup !== "closed") ways.set("sign up", "Sign up");
  if (guests) ways.set("guest", "Look around");
  return ways;
}

function Invited({ server }: { server: ServerInfo }) {
  if (server.signup === "closed") return <p class="hint">Nobody makes an account here just now.</p>;
  return (
    <p class="done">
      You are invited.{" "}
      {server.password_login ? "Make your account:" : "Log in, and an account is made for you."}
    </p>
  );
}

function AsGuest({ session }: { session: Session }) {
  return (
    <EntryForm deed="Come in" onSubmit={(read) => session.lookAround(read("name"))}>
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
    </EntryForm>
  );
}
