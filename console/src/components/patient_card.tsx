/** One patient on the board: who, where, and the latest of each sign. */
import { memo } from "preact/compat";
import type { BoardPatient } from "../api/types.ts";
import { bannerName, nhsNumber } from "../format/people.ts";
import { bannerDate, yearsOld } from "../format/times.ts";
import type { Signs } from "../live/latest.ts";
import { Link } from "./link.tsx";
import { SignTile } from "./sign_tile.tsx";

interface Props {
  patient: BoardPatient;
  signs: Signs;
  /** The signs to show, in order: the same for every patient, so that one sign stands under the other. */
  columns: readonly string[];
}

export const PatientCard = memo(function PatientCard({ patient, signs, columns }: Props) {
  return (
    <li class="tw-patient" data-patient={patient.id}>
      <div class="tw-patient__who">
        <h2 class="tw-patient__name">
          <Link to={{ page: "patient", id: patient.id, tab: "overview" }}>{bannerName(patient)}</Link>
        </h2>
        <Identity patient={patient} />
      </div>
      <dl class="tw-signs">
        {columns.map((sign) => (
          <SignTile key={sign} sign={sign} latest={signs.get(sign)} />
        ))}
      </dl>
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

/** "Room 12, Rowan Lodge", or "At home" for someone who lives in no care home. */
export function whereabouts(patient: BoardPatient): string {
  if (patient.care_home === null) return "At home";
  return patient.room === null ? patient.care_home.name : `${roomInWords(patient.room)}, ${patient.care_home.name}`;
}

/** A room kept as "12" is "Room 12"; one that is already in words ("Garden room") stays as it is. */
function roomInWords(room: string): string {
  return /^\d/.test(room) ? `Room ${room}` : room;
}
