import {
  accountDisabled,
  badBody,
  badRoomName,
  banned,
  bodyTooLarge,
  bodyTooSlow,
  confirmPassword,
  defect,
  foreignOrigin,
  mayNot,
  mfaRequired,
  notStored,
  originMissing,
  type Refusal,
  tokenExpired,
  tokenMissing,
  tokenNotValid,
  tokenRevoked,
  tokenScopeTooNarrow,
  tooManyCalls,
  tooManyPosts,
} from "../refusals.ts";
import { type ApiSettings, type JsonRoute, type Route, wordsForBody } from "./route.ts";

type Limits = Omit<ApiSettings["limits"], "lineBytes">;

/** What a call may refuse, as it would be said: first what any call of its kind may, then what is its own. */
export function refusalsOf(route: Route, limits: Limits): readonly Refusal[] {
  const { refuses = [], answersBanned } = route;
  const isRead = route.method === "GET" && "run" in route;
  return [
    ...("run" in route ? [...ofBody(route, limits), ...ofCaller(route, limits)] : []),
    ...(answersBanned && !knowsWho(route)
      ? []
      : [banned({ room: undefined, until: undefined, reason: "spam" }, 0)]),
    ...(isRead ? [] : [foreignOrigin()]),
    ...refuses,
    ...(route.method === "GET" ? [] : [notStored()]),
    defect(),
  ];
}

/** Whether a ban is looked at once it is known who calls. */
function knowsWho(route: Route): boolean {
  return "run" in route && (route.scope !== undefined || route.entrance !== undefined);
}

function ofBody(route: JsonRoute, { bodyBytes, bodyMs }: Limits): Refusal[] {
  if (route.body === undefined) return [];
  return [badBody(wordsForBody(route)), bodyTooLarge(bodyBytes), bodyTooSlow(bodyMs / 1_000)];
}

function ofCaller(
  { scope, role, method, speaks, beforeEnrolment }: JsonRoute,
  { commandRate, rate }: Limits,
): Refusal[] {
  if (scope === undefined) return [];
  return [
    tokenMissing(),
    tokenNotValid(),
    tokenRevoked(),
    tokenExpired(),
    accountDisabled(),
    ...(method === "GET" ? [] : [originMissing()]),
    ...(commandRate === "off" ? [] : [tooManyCalls(commandRate.perSecond)]),
    ...(beforeEnrolment ? [] : [mfaRequired()]),
    ...(role === undefined ? [] : [mayNot()]),
    ...(scope === "any" ? [] : [tokenScopeTooNarrow(scope === "admin" ? "chat" : "read:#ops")]),
    ...(scope.endsWith(":#room") ? [badRoomName()] : []),
    ...(scope === "admin" ? [confirmPassword()] : []),
    ...(speaks && rate !== "off" ? [tooManyPosts(rate.perSecond)] : []),
  ];
}
