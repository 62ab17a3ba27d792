import type { Signal } from "@preact/signals";

/** Ties what stands in an input to a signal. */
export function bound(value: Signal<string>) {
  return {
    value: value.value,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
      void (value.value = currentTarget.value),
  };
}
