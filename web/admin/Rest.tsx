import type { Listing } from "./listing.ts";

/** What stands below a list: why it did not come, and the way to what comes after it. */
export function Rest<Row>({ listing, more }: { listing: Listing<Row>; more: string }) {
  const failed = listing.failure.value !== undefined;
  const known = listing.rows.value !== undefined;
  return (
    <>
      <div role="alert">
        {failed && (
          <p class="error row">
            <span>{listing.failure.value}</span>
            <button type="button" class="small" onClick={() => listing.refresh()}>Try again</button>
          </p>
        )}
      </div>
      {known && listing.more.value && (
        <p class="rest">
          <button type="button" class="small" disabled={listing.busy.value} onClick={() => listing.goOn()}>
            {more}
          </button>
        </p>
      )}
    </>
  );
}
