import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { AddPasskey } from "./AddPasskey.tsx";
import { Again } from "./Again.tsx";
import { useDeed } from "./deed.ts";
import type { Account, Entrance } from "./entrance.ts";
import { Failure } from "./Failure.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";
import { SecondFactors } from "./second_factors.ts";
import { SwitchOnCodes } from "./SwitchOnCodes.tsx";

/** Leads somebody to a second factor, without whom the server lets nobody in. */
export function Enrolment({ entrance, account }: { entrance: Entrance; account: Account }) {
  const factors = useMemo(() => new SecondFactors(entrance.confirmation), []);
  const recoveryCodes = useSignal<readonly string[] | undefined>(undefined);
  const byPasskey = useSignal(false);
  const { failure, attempt } = useDeed();
  const goOn = () => void attempt(() => entrance.look());
  return (
    <>
      <h2>A second factor</h2>
      {recoveryCodes.value !== undefined ? <RecoveryCodes codes={recoveryCodes.value} onKept={goOn} /> : (
        <>
          <p>
            This server wants one of {account.name}{" "}
            beside the password: without it, nobody else can come in as you.
          </p>
          {byPasskey.value
            ? <AddPasskey factors={factors} server={entrance.server.value!} onAdded={goOn} />
            : <SwitchOnCodes factors={factors} onCodes={(codes) => recoveryCodes.value = codes} />}
          <p class="aside">
            <button type="button" class="link" onClick={() => byPasskey.value = !byPasskey.value}>
              {byPasskey.value ? "Use codes of an app" : "Use a passkey"}
            </button>
            <button type="button" class="link" onClick={() => void attempt(() => entrance.logOut())}>
              Log out
            </button>
          </p>
        </>
      )}
      <Failure why={failure.value} />
      <Again entrance={entrance} account={account} byPasskey={false} />
    </>
  );
}
