/**
 * Writes server/accounts/_common_passwords.ts anew, from the list that the package @zxcvbn-ts/language-common ships:
 *
 *     deno run --allow-write --allow-env --allow-read .ci/common_passwords.ts
 */
// deno-lint-ignore no-import-prefix
import { dictionary } from "npm:@zxcvbn-ts/language-common@3.0.4";

const MOST = 10_000;

/** How many columns a line has at most. */
const WIDTH = 110;

const lines = [""];
for (const password of dictionary.passwords.slice(0, MOST)) {
  const line = lines.at(-1)!;
  if (line === "") lines[lines.length - 1] = password;
  else if (line.length + 1 + password.length <= WIDTH) lines[lines.length - 1] += ` ${password}`;
  else lines.push(password);
}

await Deno.writeTextFile(
  "server/accounts/_common_passwords.ts",
  `/**
 * The ${
    MOST.toLocaleString("en")
  } most common passwords, the most common first: the beginning of the list in @zxcvbn-ts/language-common 3.0.4,
 * MIT License, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc. Written by .ci/common_passwords.ts; not to be edited.
 */
export const COMMON_PASSWORDS = String.raw\`
${lines.join("\n").replace(/[\`$]/g, (character) => `\${"${character}"}`)}
\`;
`,
);
