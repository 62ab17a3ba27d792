import { useSignal } from "@preact/signals";
import { call } from "../shared/call.ts";
import { Field } from "../shared/Field.tsx";
import { sentenceOf } from "../shared/sentence.ts";

interface NewAdmin {
  readonly username: string;
  readonly password: string;
  readonly name_account: string;
}

/** Makes the first admin, for whoever has the link that the server printed, and goes on to the admin page. */
export function Setup() {
  const busy = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(given.get(name));
    busy.value = true;
    failure.value = undefined;
    try {
      if (text("password") !== text("repeated")) throw new Error("The two passwords are not the same.");
      const { username, password, name_account } = {
        username: text("username"),
        password: text("password"),
        name_account: text("name"),
      };
      await makeAdmin(code!, { username, password, name_account });
      location.replace("/admin");
    } catch (error) {
      failure.value = sentenceOf(error);
      busy.value = false;
    }
  }
  if (code === null) return <NoCode />;
  return (
    <main class="alone">
      <form class="sheet" onSubmit={submit}>
        <h1>The first admin</h1>
        <p class="lead">
          Whoever you are now runs this server. The link that brought you here works only once.
        </p>
        <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
        <Field label="Username" hint="For signing in; may be an e-mail address.">
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus
          />
        </Field>
        <Field label="Name in chat" hint="2 to 32 letters, digits, _ - or .">
          <input name="name" autocomplete="nickname" autocapitalize="none" spellcheck={false} required />
        </Field>
        <Field label="Password" hint="At least 8 characters.">
          <input name="password" type="password" autocomplete="new-password" minLength={8} required />
        </Field>
        <Field label="Password again">
          <input name="repeated" type="password" autocomplete="new-password" required />
        </Field>
        <div class="actions">
          <button type="submit" class="primary" disabled={busy.value}>Make me admin</button>
        </div>
      </form>
    </main>
  );
}

function NoCode() {
  return (
    <main class="alone">
      <div class="sheet">
        <h1>The first admin</h1>
        <p class="lead">
          This page needs the whole link that the server prints when it starts, for as long as there is no
          admin. Start it again for a new one, or give a role with <code>parley user role</code>.
        </p>
        <div class="actions">
          <a class="button" href="/admin">To the admin page</a>
        </div>
      </div>
    </main>
  );
}

/** @throws {CallFailed} */
async function makeAdmin(code: string, { username, password, name_account }: NewAdmin): Promise<void> {
  await call("POST", "/setup", { code, username, password, name_account });
  await call("POST", "/session", { username, password });
}
