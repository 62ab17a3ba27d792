import { hueOf } from "./hue.ts";

/** Somebody's name in the colour that it always has. */
export function Name({ name }: { name: string }) {
  return <span class="name" style={{ "--hue": String(hueOf(name)) }}>{name}</span>;
}
