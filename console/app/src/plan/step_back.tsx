/** To take back that a step was done or skipped, where it was said by a tick of one's own. */
import type { Due } from "../days/due.ts";
import { TakeBack } from "../pieces/take_back.tsx";
import { usePerson } from "../services.ts";
import { useWords } from "../words/use_words.ts";

export function StepBack({ due: { action, time, did }, id, onTaken }: { due: Due; id: string; onTaken: (said: string) => void }) {
  const { say } = useWords();
  const person = usePerson();
  const tick = did?.tick;
  if (did == null || tick === undefined || (tick.by !== null && tick.by !== person?.id)) return null;
  const named = tick.id === null ? { client_id: tick.clientId } : { id: tick.id };
  const about = time === null ? action.title : `${action.title}, ${time}`;
  return <TakeBack id={id} of="completion" named={named} about={about} label={say(did.skipped === null ? "back.do_done" : "back.do_skipped")} onTaken={onTaken} />;
}
