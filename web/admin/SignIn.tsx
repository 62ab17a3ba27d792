import { useSignal } from "@preact/signals";
import type { ServerInfo } from "../../server/wire/web_types.ts";
import { Field } from "../shared/Field.tsx";
import { sentenceOf } from "../shared/sentence.ts";

/** Asks who one is. */
export function SignIn(
  { server: { name, needs_setup }, onSignIn }: {
    server: ServerInfo;
    onSignIn: (username: string, password: string) => Promise<void>;
  },
) {
  const busy = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    failure.value = undefined;
    try {
      await onSignIn(String(given.get("username")), String(given.get("password")));
    } catch (error) {
      failure.value = sentenceOf(error);
      busy.value = false;
    }
  }
  return (
    <main class="alone">
      <form class="sheet" onSubmit={submit}>
        <h1>Sign in</h1>
        <p class="lead">
          {needs_setup
            ? "There is no admin yet: open the link that the server printed when it started."
            : `These pages are for the admins and moderators of ${name}.`}
        </p>
        <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
        <Field label="Username">
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus
          />
        </Field>
        <Field label="Password">
          <input name="password" type="password" autocomplete="current-password" required />
        </Field>
        <div class="actions">
          <a class="button" href="/">To the chat</a>
          <button type="submit" class="primary" disabled={busy.value}>Sign in</button>
        </div>
      </form>
    </main>
  );
}
