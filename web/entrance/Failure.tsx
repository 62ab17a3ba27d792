/** Says why something was not done. It is there before anything has failed, so that screen readers hear it. */
export function Failure({ why }: { why: string | undefined }) {
  return <div role="alert">{why !== undefined && <p class="error">{why}</p>}</div>;
}
