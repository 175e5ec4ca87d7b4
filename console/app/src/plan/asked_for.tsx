/** The way to what an action of a plan asks to be recorded: the form of its sign, its questionnaire, or the diary. */
import type { ComponentChildren } from "preact";
import type { AskedFor } from "../days/recorded.ts";
import type { PageName } from "../router/addresses.ts";
import { To } from "../router/to.tsx";
import { useWords } from "../words/use_words.ts";

const TO = {
  reading: { page: "record", words: "today.do_measure" },
  questionnaire: { page: "check_ins", words: "today.do_answer" },
  diary_entry: { page: "check_ins", words: "today.do_write" },
} as const satisfies Record<AskedFor["kind"], { page: PageName; words: string }>;

export function AskedForLink({ asked: { kind, of }, children }: { asked: AskedFor; children: ComponentChildren }) {
  const { say } = useWords();
  const { page, words } = TO[kind];
  return (
    <To page={page} rest={[of ?? "diary"]} class="nhsuk-button">
      {say(words)}
      {children}
    </To>
  );
}
