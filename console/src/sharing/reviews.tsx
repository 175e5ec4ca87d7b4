/** Whose time to act by law ends soon, for the clinicians of the practice, who look at it again and record it anew, or do not. */
import { usePages } from "../api/loading.ts";
import type { DelegationReview } from "../api/types.ts";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel, Section } from "../components/section.tsx";
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
    <Section id="reviews" title="Acting by law, to look at again">
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
    </Section>
  );
}

function Review({ review }: { review: DelegationReview }) {
  const id = `review-${review.id}`;
  return (
    <Panel
      id={id}
      title={
        <>
          {review.delegate} for <Link to={{ page: "access", id: review.patient_id }}>{review.patient_name}</Link>
        </>
      }
      level={3}
      data-review={review.id}
      tag={{ words: `Ends ${dateAndTime(review.until_at)}`, colour: "yellow" }}
    >
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
          <LawForm form={id} patientId={review.patient_id} patientName={review.patient_name} known={review} />
        </div>
      </details>
    </Panel>
  );
}
