/** Whose time to act by law ends soon, for the clinicians of the practice, who look at it again and record it anew, or do not. */
import { usePages } from "../api/loading.ts";
import type { DelegationReview } from "../api/types.ts";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { groundInWords, RELATIONSHIPS } from "../format/sharing.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { LawForm } from "./law_form.tsx";

const PAGE = 50;

export function Reviews() {
  const api = useApi();
  const pages = usePages<DelegationReview>("reviews", (cursor, signal) => api.get("/v1/delegation-reviews", { query: { limit: PAGE, cursor } }, signal));
  return (
    <section class="tw-section" aria-labelledby="reviews">
      <h2 class="nhsuk-heading-m" id="reviews">
        Acting by law, to look at again
      </h2>
      <p class="tw-prose">
        Whoever acts for a patient by law does so until a day of review. What ends within 14 days stands here. Without a new record it
        ends by itself.
      </p>
      {pages.items.map((each) => (
        <Review key={each.id} review={each} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>Nothing ends within 14 days.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="what ends soon" />}
      {pages.status === "failed" && <LoadFailed what="What ends soon" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="entries" />
    </section>
  );
}

function Review({ review }: { review: DelegationReview }) {
  const title = `review-${review.id}`;
  return (
    <section class="tw-panel" aria-labelledby={title} data-review={review.id}>
      <div class="tw-card-head">
        <h3 class="nhsuk-heading-s" id={title}>
          {review.delegate} for <Link to={{ page: "access", id: review.patient_id }}>{review.patient_name}</Link>
        </h3>
        <span class="tw-card-tags">
          <strong class="nhsuk-tag nhsuk-tag--yellow">Ends {dateAndTime(review.until_at)}</strong>
        </span>
      </div>
      <p>
        {RELATIONSHIPS[review.relationship]}. {groundInWords(review.ground, { own: false, name: review.patient_name })}.
      </p>
      <details class="nhsuk-details tw-history">
        <summary class="nhsuk-details__summary">
          <span class="nhsuk-details__summary-text">
            Record it anew
            <span class="nhsuk-u-visually-hidden">
              : {review.delegate} for {review.patient_name}
            </span>
          </span>
        </summary>
        <div class="nhsuk-details__text">
          <LawForm form={title} patientId={review.patient_id} patientName={review.patient_name} known={review} />
        </div>
      </details>
    </section>
  );
}
