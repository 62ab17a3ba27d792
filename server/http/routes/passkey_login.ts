import { z } from "zod";
import type { FirstStep } from "../../accounts/login.ts";
import {
  accountDisabled,
  noPasskeyHere,
  passkeysNeedName,
  stepOver,
  tooManyAttempts,
  tooManySteps,
  wrongCredentials,
  wrongPasskey,
} from "../../refusals.ts";
import { signedIn } from "../authenticate.ts";
import { EXAMPLE_USED, pageOf, usedPasskey } from "../passkeys.ts";
import { openRoute } from "../route.ts";
import { requestOptions, session } from "../shapes.ts";

const EXAMPLE_LOGIN = "m0Zr3mYQ5yJm2nq0cO2yVnX3zSg0Yw4mG1ZQ8dJx7cA";

export const ask = openRoute({
  method: "POST",
  path: "/session/passkey/options",
  answersBanned: true,
  summary:
    "What a browser needs to prove who somebody is by a passkey, as `navigator.credentials.get` takes it.",
  body: z.object({
    login: z.string().optional()
      .describe("Of a log-in whose password was right; left out to come in by the passkey alone."),
  }),
  badBody: "login is a text, or left out",
  answers: requestOptions,
  example: { body: {} },
  refuses: [
    passkeysNeedName("192.0.2.1"),
    stepOver(),
    noPasskeyHere("chat.example.org"),
    tooManyAttempts(60),
    tooManySteps(300),
  ],
  async run({ parts, address, body: { login }, ...call }) {
    const page = pageOf(call);
    if (login === undefined) {
      const caller = await signedIn(call.request, parts.login);
      return await parts.passkeyProofs.ask(address, { page, session: caller?.token.id });
    }
    const { account } = parts.browserSessions.owing(login);
    return { login, options: await parts.passkeyProofs.askSecond(account, { login, page }) };
  },
});

export const answer = openRoute({
  method: "POST",
  path: "/session/passkey",
  answersBanned: true,
  summary: "Signs a browser in by a passkey, alone or as the second step: the answer sets its cookie.",
  entrance: "passkey",
  body: z.object({ login: z.string().min(1), response: usedPasskey }),
  badBody: "Missing login, or what the passkey has answered as response",
  answers: session,
  example: { body: { login: EXAMPLE_LOGIN, response: EXAMPLE_USED } },
  refuses: [
    passkeysNeedName("192.0.2.1"),
    stepOver(),
    wrongPasskey(),
    wrongCredentials(),
    accountDisabled(),
    tooManyAttempts(60),
  ],
  async run({ parts, address, body: { login, response: used }, ...call }) {
    const { passkeyProofs, browserSessions } = parts;
    const [arriving, given] = [{ request: call.request, address }, { login, used, page: pageOf(call) }];
    if (passkeyProofs.waitsFor(login)) {
      return await browserSessions.open(arriving, await passkeyProofs.alone(address, given));
    }
    return await browserSessions.complete(arriving, login, async ({ account }: FirstStep) => {
      await passkeyProofs.second(address, account, given);
      return await parts.login.stillGood(account);
    });
  },
});
