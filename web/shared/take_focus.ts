/**
 * For the `ref` of an element that is to have the focus when it appears, unless something else has it. Browsers heed
 * `autofocus` only once.
 */
export function takeFocus(element: HTMLElement | null): void {
  if (document.activeElement === document.body) element?.focus();
}
