/** Record a reading: typed in, or read from a device. `record/device`, or `record/` and the sign that one came for, and when it was measured if it is recorded anew. */
import { PageHeading } from "#console/components/heading.tsx";
import { DeviceReader } from "../devices/device_reader.tsx";
import { RecordForm } from "../recording/record_form.tsx";
import { To } from "../router/to.tsx";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

const DEVICE = "device";
const SECOND = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;

export function RecordPage({ rest: [part = "", at = ""] }: PageProps) {
  const { say } = useWords();
  const byDevice = part === DEVICE;
  const anew = SECOND.test(at) ? at : undefined;
  return (
    <>
      <PageHeading title={byDevice ? say("device.title") : say("record.title")} />
      {anew !== undefined && <p class="ta-told">{say("back.correcting")}</p>}
      {byDevice ? <DeviceReader /> : <RecordForm key={`${part} ${at}`} sign={part} anew={anew} />}
      <p>
        <To page="record" rest={byDevice ? [] : [DEVICE]} class="nhsuk-action-link">
          <span class="nhsuk-action-link__text">{byDevice ? say("record.by_hand") : say("record.by_device")}</span>
        </To>
      </p>
      <p>
        <To page="check_ins">{say("today.check_in")}</To>
      </p>
    </>
  );
}
