/** One patient on the board: who, where, and the latest of each sign. */
import { memo } from "preact/compat";
import type { BoardPatient } from "../api/types.ts";
import { bannerName, nhsNumber, whereabouts } from "../format/people.ts";
import { bannerDate, yearsOld } from "../format/times.ts";
import type { Signs } from "../live/latest.ts";
import { Link } from "./link.tsx";
import { SignTiles } from "./sign_tile.tsx";

interface Props {
  patient: BoardPatient;
  signs: Signs;
}

export const PatientCard = memo(function PatientCard({ patient, signs }: Props) {
  return (
    <li class="tw-patient" data-patient={patient.id}>
      <div class="tw-patient__who">
        <h3 class="tw-patient__name">
          <Link to={{ page: "patient", id: patient.id, tab: "overview" }}>{bannerName(patient)}</Link>
        </h3>
        <Identity patient={patient} />
      </div>
      {signs.size === 0 ? <p class="tw-muted">No readings yet</p> : <SignTiles signs={signs} />}
    </li>
  );
});

function Identity({ patient }: { patient: BoardPatient }) {
  const number = nhsNumber(patient.nhs_number);
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
        <dd class="tw-number">{number ?? "Not known"}</dd>
      </div>
      <div>
        <dt>Where</dt>
        <dd>{whereabouts(patient)}</dd>
      </div>
    </dl>
  );
}
