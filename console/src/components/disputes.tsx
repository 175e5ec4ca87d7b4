/** At the head of a record: what the person holds to be wrong in it, and was not put right. One line each. */
import type { Dispute } from "../api/types.ts";
import { disputeInWords } from "../format/disputes.ts";

export function Disputes({ disputes }: { disputes: readonly Dispute[] }) {
  if (disputes.length === 0) return null;
  return (
    <section class="nhsuk-inset-text tw-prose" aria-label="What the patient disputes in this record">
      {disputes.map((each) => (
        <p key={each.id}>
          {disputeInWords(each)}
          {each.statement !== null && <span class="tw-typed"> They say: {each.statement}</span>}
        </p>
      ))}
    </section>
  );
}
