import { z } from "zod";
import {
  backupFailed,
  backupNotFound,
  backupUnderWay,
  notStored,
  tooManyBackups,
} from "../../../refusals.ts";
import type { SavedBackup } from "../../../store/backups.ts";
import type { BackupRow } from "../../../wire/admin_types.ts";
import { memberRoute } from "../../route.ts";
import { count, moment, shapeOf } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";

const backup = shapeOf<BackupRow>("Backup", { file: z.string(), at: moment, bytes: count });

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/backups",
  scope: "admin",
  role: "admin",
  summary: "The backups that lie beside the data, newest first.",
  answers: z.object({ backups: z.array(backup) }),
  run: async ({ parts: { admin } }) => ({ backups: (await admin.backups.list()).map(rowOf) }),
});

export const make = memberRoute({
  method: "POST",
  path: "/admin/api/backups",
  scope: "admin",
  role: "admin",
  summary: "Makes a backup of all that makes the server what it is, opens it and counts what is in it.",
  answers: backup,
  refuses: [backupUnderWay(), tooManyBackups(100), backupFailed()],
  async run(call, caller) {
    const { admin, hub } = call.parts;
    await hub.moderation.record(actorOf(call, caller), { what: "back up", whom: "", why: "" });
    return { ...rowOf(await admin.backups.make()) };
  },
});

export const download = memberRoute({
  method: "GET",
  path: "/admin/api/backups/:file",
  scope: "admin",
  role: "admin",
  summary: "A backup, to be kept elsewhere; whoever has it can be the server.",
  answers: { type: "application/vnd.sqlite3" },
  example: { params: { file: "parley-2026-11-22T05-09-12.345Z.sqlite" } },
  refuses: [backupNotFound(), notStored()],
  async run(call, caller) {
    const { admin, hub } = call.parts;
    const { file = "" } = call.params;
    const { content, bytes } = await admin.backups.open(file);
    try {
      await hub.moderation.record(actorOf(call, caller), { what: "download backup", whom: "", why: file });
    } catch (error) {
      await content.cancel();
      throw error;
    }
    return new Response(content, {
      headers: {
        "content-type": "application/vnd.sqlite3",
        "content-length": String(bytes),
        "content-disposition": `attachment; filename="${file}"`,
      },
    });
  },
});

function rowOf({ file, at, bytes }: SavedBackup): BackupRow {
  return { file, at: at.toISOString(), bytes };
}
