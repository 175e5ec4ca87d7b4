/** Over a record that was opened in an emergency: that it is read only, how long is left, and the way to close it. */
import { useDeed } from "../api/deeds.ts";
import type { BreakGlass } from "../api/types.ts";
import { leftInWords } from "../format/emergency.ts";
import { minuteOfDay } from "../format/times.ts";
import { useMillisecondsLeft } from "../live/use_time_over.ts";
import { useApi } from "../services.ts";
import { AskingFirst } from "./asking_first.tsx";

const SOON_MS = 5 * 60_000;

interface Props {
  opened: BreakGlass;
  /** The server's time when the opening was read. */
  serverTime: number;
  onEnded: () => void;
}

export function EmergencyBanner({ opened, serverTime, onEnded }: Props) {
  const leftMs = useMillisecondsLeft(opened.until_at, serverTime) ?? 0;
  const api = useApi();
  const deed = useDeed();
  const end = async (): Promise<void> => {
    const path = { break_glass_id: opened.id };
    if ((await deed.run(path, () => api.remove("/v1/break-glass/{break_glass_id}", { path }))) !== undefined) onEnded();
  };
  return (
    <div class="tw-emergency" role="region" aria-label="Emergency access">
      <p>
        <strong>Emergency access, read only.</strong> Open until {minuteOfDay(Date.parse(opened.until_at))}:{" "}
        <strong data-time-left>{leftInWords(leftMs)}</strong>. Privacy officers have been alerted, and the person sees it.
      </p>
      <p class="nhsuk-u-visually-hidden" role="status">
        {leftMs < SOON_MS && "Emergency access ends in less than five minutes."}
      </p>
      <AskingFirst words="Close the record" question="Close this record now?" yes="Yes, close it" deed={deed} onYes={() => void end()}>
        <p>To open it again you must say anew why you need it.</p>
      </AskingFirst>
    </div>
  );
}
