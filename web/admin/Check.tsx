/** A yes or no, with a line that says what it means. */
export function Check(
  { label, hint, checked, onChange }: {
    label: string;
    hint: string;
    checked: boolean;
    onChange: (checked: boolean) => void;
  },
) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <strong>{label}</strong> <span class="hint">{hint}</span>
      </span>
    </label>
  );
}
