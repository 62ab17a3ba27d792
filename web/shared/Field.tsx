import type { ComponentChildren } from "preact";

/** An input, or whatever else takes a value, with its label above it and a hint below. */
export function Field(
  { label, hint, children }: { label: string; hint?: string; children: ComponentChildren },
) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
      {hint !== undefined && <span class="hint">{hint}</span>}
    </label>
  );
}
