import { Field } from "../shared/Field.tsx";

/** For the code of an invitation; whoever comes by its link finds that in it. */
export function InvitationField({ given, required }: { given: string; required: boolean }) {
  return (
    <Field
      label="Invitation"
      hint={given === "" ? "The code that you were given." : "It came with the link."}
    >
      <input
        name="invitation"
        value={given}
        placeholder="BCDF-GHJK-LMNP"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        required={required}
      />
    </Field>
  );
}
