/** What a link, or the way back from an identity provider, has brought along behind the # of the address. */
export type Arrival =
  | { readonly is: "nothing" }
  /** The identity provider knows who it is, but one more step is owed. */
  | { readonly is: "pending" }
  | { readonly is: "failed"; readonly why: string }
  /** From now on one may come in by that provider as well. */
  | { readonly is: "linked"; readonly title: string }
  | { readonly is: "invited"; readonly invitation: string }
  /** A one-time link of an admin, by which one sets a password. */
  | { readonly is: "new password"; readonly link: string };

/** A sentence of the server is no longer. */
const MOST_CHARACTERS = 300;

/** Understands what stands behind the #; places in the chat are nothing of this kind, as none has an = in it. */
export function readArrival(hash: string): Arrival {
  const [, what, given = ""] = /^#([a-z-]+)=(.*)$/s.exec(hash) ?? [];
  const value = decoded(given);
  switch (what) {
    case "sign-in":
      return value === "pending" ? { is: "pending" } : { is: "nothing" };
    case "sign-in-error":
      return { is: "failed", why: value.slice(0, MOST_CHARACTERS) };
    case "linked":
      return { is: "linked", title: value };
    case "invitation":
      return { is: "invited", invitation: value };
    case "password":
      return { is: "new password", link: value };
    default:
      return { is: "nothing" };
  }
}

export function bringsSomething(hash: string): boolean {
  return readArrival(hash).is !== "nothing";
}

/** Reads what the address has brought, once: what is good once, or a secret, does not stay in it. */
export function takeArrival(): Arrival {
  const arrival = readArrival(location.hash);
  if (arrival.is !== "nothing") history.replaceState(null, "", location.pathname + location.search);
  return arrival;
}

/** Anybody can write an address that means nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
