import { z } from "zod";
import {
  browserOnly,
  confirmPassword,
  lastWayIn,
  mfaStaysOn,
  passkeyHeld,
  passkeyNotFound,
  passkeysNeedName,
  stepOver,
  tooManyPasskeys,
  tooManySteps,
  wrongPasskey,
} from "../../refusals.ts";
import { printable } from "../../wire/printable.ts";
import { checkAtBrowser, checkConfirmed } from "../authenticate.ts";
import { EXAMPLE_MADE, madePasskey, pageOf } from "../passkeys.ts";
import { memberRoute } from "../route.ts";
import * as shapes from "../shapes.ts";
import { shownPasskey } from "../shown.ts";

/** What its owner calls a passkey. */
const passkeyName = z.string().transform((text) => printable(text).trim()).pipe(z.string().min(1).max(64))
  .describe("What you call it, in 1 to 64 characters.");

const BAD_NAME = "A name is 1 to 64 characters.";

const EXAMPLE_ID = "AAECAwQFBgcICQoLDA0ODw";

/** Why a browser cannot do anything about passkeys just now. */
const UNFIT = [browserOnly(), confirmPassword()];

export const begin = memberRoute({
  method: "POST",
  path: "/me/passkeys/options",
  scope: "any",
  beforeEnrolment: true,
  summary: "What a browser needs to make a passkey, as it is given to `navigator.credentials.create`.",
  answers: shapes.creationOptions,
  refuses: [...UNFIT, passkeysNeedName("192.0.2.1"), tooManyPasskeys(20), tooManySteps(300)],
  async run({ parts, ...call }, caller) {
    checkAtBrowser(caller, parts.confirmations);
    return { options: await parts.passkeys.beginAdding(caller.account, pageOf(call)) };
  },
});

export const add = memberRoute({
  method: "POST",
  path: "/me/passkeys",
  scope: "any",
  beforeEnrolment: true,
  summary:
    "Takes the passkey that a browser has made, within five minutes: one may come in by it from then on.",
  body: z.object({ name: passkeyName, response: madePasskey }),
  badBody: (field) => field === "name" ? BAD_NAME : "Missing name, or what the browser has made as response",
  answers: shapes.passkey,
  example: { body: { name: "Laptop", response: EXAMPLE_MADE } },
  refuses: [
    ...UNFIT,
    passkeysNeedName("192.0.2.1"),
    stepOver(),
    wrongPasskey(),
    passkeyHeld(),
    tooManyPasskeys(20),
  ],
  words: {
    wrong_passkey: { status: 403, message: wrongPasskey().message },
    step_over: { status: 409, message: stepOver().message },
  },
  async run({ parts, body, ...call }, caller) {
    checkAtBrowser(caller, parts.confirmations);
    const { name, response: made } = body;
    return {
      ...shownPasskey(await parts.passkeys.add(caller.account.id, { name, made, page: pageOf(call) })),
    };
  },
});

export const rename = memberRoute({
  method: "PATCH",
  path: "/me/passkeys/:id",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Calls a passkey something else.",
  body: z.object({ name: passkeyName }),
  badBody: BAD_NAME,
  answers: shapes.passkey,
  example: { params: { id: EXAMPLE_ID }, body: { name: "Old laptop" } },
  refuses: [passkeyNotFound(EXAMPLE_ID)],
  async run({ parts, body, params }, { account }) {
    return { ...shownPasskey(await parts.passkeys.rename(account.id, params.id ?? "", body.name)) };
  },
});

export const remove = memberRoute({
  method: "DELETE",
  path: "/me/passkeys/:id",
  scope: "chat",
  beforeEnrolment: true,
  summary: "Removes a passkey: nobody comes in by it any more.",
  answers: shapes.done,
  example: { params: { id: EXAMPLE_ID } },
  refuses: [passkeyNotFound(EXAMPLE_ID), mfaStaysOn(), lastWayIn(), confirmPassword()],
  async run({ parts, params }, caller) {
    checkConfirmed(caller, parts.confirmations);
    await parts.passkeys.remove(caller.account.id, params.id ?? "");
    return { message: "Passkey removed." };
  },
});
