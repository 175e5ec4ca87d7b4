/** Whose record this is, in the order of the NHS patient banner: name, born, NHS number, where. The page's heading. */
import type { Patient } from "../api/types.ts";
import { bannerName, nhsNumber, whereabouts } from "../format/people.ts";
import { bannerDate, yearsOld } from "../format/times.ts";
import { PageHeading } from "./heading.tsx";

export function PatientBanner({ patient, part }: { patient: Patient; part: string }) {
  return (
    <div class="tw-banner">
      <PageHeading title={`${part}: ${bannerName(patient)}`} class="nhsuk-heading-m">
        {bannerName(patient)}
      </PageHeading>
      <dl class="tw-identity">
        <div>
          <dt>Born</dt>
          <dd>
            {bannerDate(patient.born_on)} ({yearsOld(patient.born_on, Date.now())}y)
          </dd>
        </div>
        <div>
          <dt>NHS number</dt>
          <dd class="tw-number">{nhsNumber(patient.nhs_number) ?? "Not known"}</dd>
        </div>
        <div>
          <dt>Lives</dt>
          <dd>{whereabouts(patient)}</dd>
        </div>
      </dl>
    </div>
  );
}
