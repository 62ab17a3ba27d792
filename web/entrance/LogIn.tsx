import { useId } from "preact/hooks";
import type { ProviderInfo } from "../../server/wire/web_types.ts";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { EntryForm } from "./EntryForm.tsx";
import type { Entrance } from "./entrance.ts";
import { PasskeyButton } from "./PasskeyButton.tsx";

/** Asks who one is, by whatever the server takes. */
export function LogIn({ entrance }: { entrance: Entrance }) {
  const server = entrance.server.value!;
  return (
    <>
      {server.password_login && <Credentials entrance={entrance} />}
      {server.password_login && <p class="or">or</p>}
      <div class="other-ways">
        {server.providers.map((provider) => (
          <ProviderWay key={provider.name} provider={provider} entrance={entrance} />
        ))}
        <PasskeyButton
          label="Log in with a passkey"
          server={server}
          onPress={() => entrance.usePasskey()}
        />
      </div>
    </>
  );
}

function Credentials({ entrance }: { entrance: Entrance }) {
  return (
    <EntryForm deed="Log in" onSubmit={(read) => entrance.logIn(read("username"), read("password"))}>
      <Field label="Username">
        <input
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          ref={takeFocus}
        />
      </Field>
      <Field label="Password">
        <input name="password" type="password" autocomplete="current-password" required />
      </Field>
    </EntryForm>
  );
}

function ProviderWay({ provider, entrance }: { provider: ProviderInfo; entrance: Entrance }) {
  const id = useId();
  const { title, available } = provider;
  if (available) {
    return (
      <a class="button wide" href={entrance.wayTo(provider)} onClick={() => entrance.setOut()}>
        Log in with {title}
      </a>
    );
  }
  return (
    <div>
      <button type="button" class="wide" disabled aria-describedby={id}>Log in with {title}</button>
      <p id={id} class="hint">{title} does not answer this server just now.</p>
    </div>
  );
}
