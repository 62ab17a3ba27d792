import type { NewTokenRow } from "../../server/wire/admin_types.ts";
import { Dialog } from "../shared/Dialog.tsx";
import { date } from "../shared/time.ts";
import { useLive } from "./live.ts";
import { exampleOf } from "./scope.ts";
import { Secret } from "./Secret.tsx";

/** Shows a token that was issued, this once, and how to try it. */
export function ShownToken({ token, onClose }: { token: NewTokenRow; onClose: () => void }) {
  const selfSigned = useLive().status.value?.certificate.self_signed ?? false;
  const at = { origin: location.origin, selfSigned };
  return (
    <Dialog title={`“${token.label}” of ${token.name}`} onClose={onClose}>
      <p>
        This is shown once and kept nowhere. Whoever has it is {token.name} to the server, until{" "}
        {date(token.expires_at)}.
      </p>
      <Secret name="Token" text={token.token} />
      <Secret name="Example" hint="with the token in $TOKEN" text={exampleOf(token.scope, at)} />
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>I have it</button>
      </div>
    </Dialog>
  );
}
