/**
 * Puts one reading right, or takes it back, in a dialogue over the page it is read on: under what it says now, with a reason,
 * saying first what will happen. A slip must be easy to mend, and what was said before is never lost.
 */
import { useRef } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import type { Observation } from "../api/types.ts";
import { useVitalSign } from "../catalogue.ts";
import { Modal } from "../components/modal.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { useApi } from "../services.ts";
import { AmendForm } from "./amend_form.tsx";
import type { Amendable } from "./amendment.ts";

interface Props {
  patientId: string;
  reading: Amendable;
  /** Whether the reader is the person themself. */
  own: boolean;
  /** Recorded a moment ago by the reader, who may not be one to read the record: it is not asked for again. */
  justRecorded?: boolean;
  onDone: (stands: Observation) => void;
  /** `isOld`: what the page shows of it is so no longer. */
  onLeave: (isOld: boolean) => void;
}

export function AmendDialogue({ patientId, reading, own, justRecorded = false, onDone, onLeave }: Props) {
  const isOld = useRef(false);
  const leave = (): void => onLeave(isOld.current);
  const inside = {
    patientId,
    own,
    onDone,
    onLeave: leave,
    onOld: () => {
      isOld.current = true;
    },
  };
  return (
    <Modal title="Put this reading right" onLeave={leave}>
      {justRecorded ? <Known {...inside} reading={reading} tag={null} /> : <Asked {...inside} id={reading.id} />}
    </Modal>
  );
}

interface InsideProps extends Omit<Props, "reading" | "onLeave"> {
  onLeave: () => void;
  onOld: () => void;
}

/** As it stands now, with the tag to change it under: the page may show what was so a while ago. */
function Asked({ id, ...inside }: InsideProps & { id: string }) {
  const api = useApi();
  const { patientId } = inside;
  const path = { patient_id: patientId, observation_id: id };
  const loaded = useLoaded(`reading ${id}`, (signal) => api.read("/v1/patients/{patient_id}/observations/{observation_id}", { path }, signal));
  if (loaded.status === "ready") return <Known {...inside} reading={loaded.value.value} tag={loaded.value.tag} />;
  return (
    <>
      {loaded.status === "loading" ? <Loading what="the reading" /> : <LoadFailed what="The reading" error={loaded.error} retry={loaded.retry} />}
      <button class="nhsuk-button nhsuk-button--secondary" type="button" onClick={inside.onLeave}>
        Cancel
      </button>
    </>
  );
}

/** What there is to choose from waits for the catalogue. */
function Known({ reading, tag, ...inside }: InsideProps & { reading: Amendable; tag: string | null }) {
  const sign = useVitalSign(reading.sign);
  if (sign === undefined) return <Loading what="the form" />;
  return <AmendForm {...inside} key={tag} reading={reading} tag={tag} sign={sign} />;
}
