/** One patient on the board: who, where, and the latest of each sign. */
import { memo } from "preact/compat";
import type { BoardPatient } from "../api/types.ts";
import { bannerName } from "../format/people.ts";
import type { Signs } from "../live/latest.ts";
import { Identity } from "./identity.tsx";
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
        <Identity patient={patient} where="Where" />
      </div>
      {signs.size === 0 ? <p class="tw-muted">No readings yet</p> : <SignTiles signs={signs} />}
    </li>
  );
});
