import { strict as assert } from "node:assert";
import { type CliCommand, readArguments, UsageError } from "../../../server/cli/command.ts";

const add: CliCommand = {
  words: ["user", "add"],
  takes: "<username>",
  help: "Makes an account.",
  flags: { name: "NAME", quick: "" },
  count: [1, 1],
  run: () => Promise.resolve(),
};
const usage = "parley user add <username> [--name NAME] [--quick]";

Deno.test("flags may stand anywhere, with their value or before it", () => {
  const cases: [words: string[], flags: [string, string][], common: string[]][] = [
    [["ann"], [], []],
    [["ann", "--name", "Ann"], [["name", "Ann"]], []],
    [["--name=Ann B=C", "ann"], [["name", "Ann B=C"]], []],
    [["--name=--quick", "ann"], [["name", "--quick"]], []],
    [["--quick", "ann"], [["quick", ""]], []],
    [["--data", "d", "ann", "--json", "--config=c"], [["json", ""]], ["--data=d", "--config=c"]],
    [["--name", "-", "ann"], [["name", "-"]], []],
  ];
  for (const [words, flags, common] of cases) {
    const read = readArguments(add, words);
    assert.deepEqual(read, { args: ["ann"], flags: new Map(flags), common }, words.join(" "));
  }
});

Deno.test("what is missing, too much or unknown is refused with what is right", () => {
  const cases: [words: string[], says: string][] = [
    [[], `Use ${usage}`],
    [["ann", "bob"], `Use ${usage}`],
    [["ann", "--name"], `--name needs a value; use ${usage}`],
    [["ann", "--name", "--quick"], `--name needs a value; use ${usage}`],
    [["ann", "--data"], `--data needs a value; use ${usage}`],
    [["ann", "--nmae", "Ann"], 'Unknown flag "--nmae"; did you mean "--name"?'],
    [["ann", "--frobnicate=secret"], `Unknown flag "--frobnicate"; use ${usage}`],
    [["--", "ann"], `Unknown flag "--"; use ${usage}`],
  ];
  for (const [words, says] of cases) {
    assert.throws(() => readArguments(add, words), new UsageError(says), words.join(" "));
  }
});
