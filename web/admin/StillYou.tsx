import { useEffect, useMemo } from "preact/hooks";
import { Again } from "../entrance/Again.tsx";
import type { Account, Entrance } from "../entrance/entrance.ts";
import { SecondFactors } from "../entrance/second_factors.ts";

/** Asks whoever is signed in to show it once more, by a passkey as well where there is one. */
export function StillYou({ entrance, account }: { entrance: Entrance; account: Account }) {
  const { confirmation } = entrance;
  const factors = useMemo(() => new SecondFactors(confirmation), []);
  const wanted = confirmation.wanted.value;
  useEffect(() => {
    if (wanted) factors.load().catch(() => {}); // then the password does
  }, [wanted]);
  const passkeys = factors.info.value?.passkeys ?? [];
  return <Again entrance={entrance} account={account} byPasskey={passkeys.length > 0} />;
}
