/** A disk that is soon full: a tmpfs of its own, for as long as a test needs it. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;
  /** What fills it beside what is kept there. */
  #ballast: string;

  private constructor(path: string) {
    this.path = path;
    this.#ballast = `${path}/ballast`;
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const path = await Deno.makeTempDir({ prefix: "parley-disk-" });
    const { success, stderr } = await mount(path, megabytes).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new SmallDisk(path);
  }

  /** Fills it to the last byte. */
  async fill(): Promise<void> {
    using file = await Deno.open(this.#ballast, { create: true, append: true });
    for (const bytes of [new Uint8Array(65_536), new Uint8Array(1)]) {
      while (await fits(file, bytes));
    }
  }

  /** Makes room again. */
  async empty(): Promise<void> {
    await Deno.remove(this.#ballast);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("umount", { args: ["--lazy", this.path] }).output();
    await Deno.remove(this.path);
  }
}

/** Why disks cannot be made here; undefined where they can. Only root may mount, and not in every container. */
export function whyNoSmallDisk(): string | undefined {
  if (Deno.build.os !== "linux") return "a tmpfs can be mounted on Linux only";
  const path = Deno.makeTempDirSync({ prefix: "parley-disk-" });
  try {
    if (!mount(path, 1).outputSync().success) return "a tmpfs cannot be mounted here";
    new Deno.Command("umount", { args: [path] }).outputSync();
  } finally {
    Deno.removeSync(path);
  }
}

function mount(path: string, megabytes: number): Deno.Command {
  const args = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path];
  return new Deno.Command("mount", { args, stdout: "null", stderr: "piped" });
}

/** Writes bytes where there is room for all of them; of those that only begin to fit, some are written. */
async function fits(file: Deno.FsFile, bytes: Uint8Array): Promise<boolean> {
  try {
    return await file.write(bytes) === bytes.length;
  } catch {
    return false;
  }
}
