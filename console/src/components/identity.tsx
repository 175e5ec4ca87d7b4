/** What tells one person from another beside the name, in the order of the NHS patient banner: born, NHS number, where. */
import type { BoardPatient, Patient } from "../api/types.ts";
import { nhsNumber, whereabouts } from "../format/people.ts";
import { bannerDate, yearsOld } from "../format/times.ts";

interface Props {
  patient: Pick<Patient & BoardPatient, "born_on" | "nhs_number" | "care_home" | "room">;
  /** What the place is called. */
  where: string;
}

export function Identity({ patient, where }: Props) {
  return (
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
        <dt>{where}</dt>
        <dd>{whereabouts(patient)}</dd>
      </div>
    </dl>
  );
}
