import { useId } from "preact/hooks";

/** One of a few, each with a line that says what it means. */
export interface Option<Value extends string> {
  readonly value: Value;
  readonly title: string;
  readonly text: string;
}

/** Chooses one of a few that need a word of explanation. */
export function Choice<Value extends string>(
  { label, options, value, onChange }: {
    label: string;
    options: readonly Option<Value>[];
    value: Value;
    onChange: (value: Value) => void;
  },
) {
  const id = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            <strong>{option.title}</strong> <span class="hint">{option.text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
