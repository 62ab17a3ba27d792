import type { ComponentChildren } from "preact";

/** A part of a panel that is opened when it is wanted. */
export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
