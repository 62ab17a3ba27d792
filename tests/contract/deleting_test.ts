import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { Machine, UNLIMITED } from "../support/run_parley.ts";

const PASSWORD = "correct horse";

/** In one byte a character and in two, short and long: they are kept in different ways. */
const SECRETS = [
  "the treasure lies under the oak",
  "der Schatz liegt unter der Eiche, öööö",
  "the treasure 财宝在橡树下",
  `the treasure lies ${"deep, ".repeat(300)}under the oak`,
];

Deno.test("the text of a deleted message is in no file of the data directory", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const server = await machine.serve(UNLIMITED);
  const [root, eve] = [await server.member(`/login root ${PASSWORD}`), await server.guest("eve")];
  const numbers: number[] = [];
  let number = 0;
  for (let round = 0; round < 12; round++) {
    const talk = Array.from(
      { length: 40 },
      (_, index) => `idle talk ${round} ${"blah ".repeat(index % 9)}\n`,
    );
    await eve.sends(talk.join(""));
    number += talk.length;
    if (round % 3 === 1) {
      await eve.types(SECRETS[(round - 1) / 3]!);
      numbers.push(++number);
    }
    await eve.catchesUp();
    await root.catchesUp();
  }
  assert.deepEqual(
    await areFound(machine),
    SECRETS.map(() => true),
    "as they are looked for, they would be found",
  );
  for (const number of numbers) {
    await root.types(`/delete ${number}`);
    await eve.reads(`root has deleted a message of ${eve.name} in #lobby.`);
  }
  await eventually("the texts are gone", async () => !(await areFound(machine)).includes(true));
  await eve.types("going on");
  await root.readsUntil(`${eve.name}: going on`);
});

Deno.test("what is deleted stays so over kill -9, and its text is gone soon after the next start", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const server = await machine.serve(UNLIMITED);
  const [root, eve] = [await server.member(`/login root ${PASSWORD}`), await server.guest("eve")];
  await eve.sends(`${SECRETS.join("\n")}\nsomething else\n`);
  await root.readsUntil(`${eve.name}: something else`);
  for (const number of [1, 2, 3, 4]) await root.types(`/delete ${number}`);
  for (const _ of SECRETS) await eve.reads(/^root has deleted/);
  server.kill("SIGKILL");
  await server.ends();
  const again = await machine.serve(UNLIMITED);
  const reader = await again.member(`/login root ${PASSWORD}`);
  await reader.reads(/: something else$/);
  await eventually("the texts are gone", async () => !(await areFound(machine)).includes(true));
});

Deno.test("the texts of private messages go with the account that has written or got them", async () => {
  await using machine = await Machine.make();
  for (const name of ["ann", "bob", "carl"]) {
    await machine.hasAccount(name);
  }
  const server = await machine.serve(UNLIMITED);
  const [ann, bob] = [
    await server.member(`/login ann ${PASSWORD}`),
    await server.member(`/login bob ${PASSWORD}`),
  ];
  await ann.types(`/@ bob ${SECRETS[0]}\n/@ carl ${SECRETS[1]}\n/@ carl ${SECRETS[3]}`);
  await bob.types(`/@ ann ${SECRETS[2]}`);
  for (const person of [ann, bob]) await person.catchesUp();
  assert.ok((await areFound(machine)).every(Boolean));
  await machine.does("user delete ann");
  await eventually("the texts are gone", async () => !(await areFound(machine)).includes(true));
});

/** Of each secret, whether it stands anywhere in the data directory. The server is another process: its locks are its own. */
async function areFound({ dataDir }: Machine): Promise<boolean[]> {
  const contents: Buffer[] = [];
  for await (const { name, isFile } of Deno.readDir(dataDir)) {
    if (isFile) contents.push(await contentOf(join(dataDir, name)));
  }
  return SECRETS.map((secret) => {
    const part = secret.slice(-60); // of which nothing else has so much
    const forms = (["latin1", "utf16le", "utf8"] as const).map((encoding) => Buffer.from(part, encoding));
    return forms.some((form) => contents.some((content) => content.includes(form)));
  });
}

/** Some files come and go with a transaction. */
async function contentOf(path: string): Promise<Buffer> {
  try {
    return Buffer.from(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Buffer.alloc(0);
    throw error;
  }
}
