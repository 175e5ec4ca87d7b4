/** What went wrong, in words, with a way on. Never the error's own text: that is for logs. */
import { errorInWords } from "../api/http.ts";
import { isPassing } from "../api/retrying.ts";
import { isRefusal } from "../format/refusals.ts";

export function LoadFailed({ error, retry, what }: { error: unknown; retry: () => void; what: string }) {
  if (isRefusal(error)) return <NothingHere />;
  const { message, reference } = errorInWords(error);
  return (
    <div class="nhsuk-inset-text tw-failed" role="alert">
      <p>
        <strong>{what} could not be loaded.</strong> {message} {isPassing(error) && "Tendwell keeps trying by itself."}
      </p>
      {reference !== null && <p class="nhsuk-body-s">Reference: {reference}</p>}
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** What is not there, and what one may not see: one answer for both, and asking again would not change it. */
export function NothingHere() {
  return (
    <div class="nhsuk-inset-text" role="alert">
      <p>
        <strong>There is nothing here that you may see.</strong> It may not exist, or your access to it may have ended.
      </p>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="tw-loading" role="status">
      Loading {what}…
    </p>
  );
}
