/** Record a reading: typed in, or read from a device. `record/device`, or `record/` and the sign that one came for. */
import { PageHeading } from "#console/components/heading.tsx";
import { DeviceReader } from "../devices/device_reader.tsx";
import { RecordForm } from "../recording/record_form.tsx";
import { To } from "../router/to.tsx";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

const DEVICE = "device";

export function RecordPage({ rest: [part = ""] }: PageProps) {
  const { say } = useWords();
  const byDevice = part === DEVICE;
  return (
    <>
      <PageHeading title={byDevice ? say("device.title") : say("record.title")} />
      {byDevice ? <DeviceReader /> : <RecordForm key={part} sign={part} />}
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
