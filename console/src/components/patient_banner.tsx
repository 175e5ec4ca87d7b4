/** Whose record this is, in the order of the NHS patient banner: name, born, NHS number, where. The page's heading. */
import type { Patient } from "../api/types.ts";
import { bannerName } from "../format/people.ts";
import { PageHeading } from "./heading.tsx";
import { Identity } from "./identity.tsx";

export function PatientBanner({ patient, part }: { patient: Patient; part: string }) {
  return (
    <div class="tw-banner">
      <PageHeading title={`${part}: ${bannerName(patient)}`} class="nhsuk-heading-m">
        {bannerName(patient)}
      </PageHeading>
      <Identity patient={patient} where="Lives" />
    </div>
  );
}
