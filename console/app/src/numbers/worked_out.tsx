/** What one's readings add up to, as the API works it out: each with its time, its count, what is missing, and one's own target. */
import type { components } from "#console/api/schema.gen.ts";
import { useLoaded } from "#console/api/loading.ts";
import { useApi } from "#console/services.ts";
import { targetInWords } from "../goals/words_of.ts";
import { Part } from "../pieces/panels.tsx";
import { useKept, useNetwork } from "../store/hooks.ts";
import { retractionsIn } from "../store/taken_back.ts";
import { useWords } from "../words/use_words.ts";
import { caveatOf, saidOf, type OwnNumbers, type Said } from "./own_words.ts";

type Figure = Pick<components["schemas"]["TrendOut"], "message" | "window" | "count" | "latest" | "targets" | "caveats" | "sufficiency">;

export function WorkedOut({ patientId }: { patientId: string }) {
  const { say } = useWords();
  const { online } = useNetwork();
  // The API would still reckon with it.
  const isTakenBack = retractionsIn(useKept().unsent).some(({ body }) => body.of === "reading");
  return (
    <Part title={say("numbers.worked_out")}>
      {online && !isTakenBack ? <Loaded patientId={patientId} /> : <p class="ta-told">{say(online ? "back.worked_out" : "numbers.worked_out_offline")}</p>}
    </Part>
  );
}

function Loaded({ patientId }: { patientId: string }) {
  const { say } = useWords();
  const api = useApi();
  const loaded = useLoaded(patientId, (signal) => api.get("/v1/patients/{patient_id}/numbers", { path: { patient_id: patientId } }, signal));
  if (loaded.status === "loading") return <p role="status">{say("common.loading")}</p>;
  if (loaded.status === "failed") {
    return (
      <p role="alert">
        {say("common.failed")}{" "}
        <button type="button" class="tw-as-link" onClick={loaded.retry}>
          {say("common.again")}
        </button>
      </p>
    );
  }
  return <Figures numbers={loaded.value} />;
}

function Figures({ numbers }: { numbers: OwnNumbers }) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      <p class="ta-note">{say("numbers.worked_out_at", { when: words.dateTime(numbers.as_of) })}</p>
      <OneFigure title={say("numbers.home_bp")} figure={numbers.blood_pressure_average} />
      <OneFigure title={say("numbers.glucose")} figure={numbers.glucose_range} />
      <OneFigure title={say("numbers.weight")} figure={numbers.weight_change} />
      <OneFigure title={say("numbers.peak")} figure={numbers.peak_flow} />
      {numbers.trends.length > 0 && (
        <div class="ta-card">
          <h3 class="nhsuk-heading-s">{say("numbers.trends")}</h3>
          <ul class="ta-lines">
            {numbers.trends.map((trend) => (
              <li key={`${trend.sign} ${trend.part}`}>
                <Sentence said={saidOf(trend.message, words)} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function OneFigure({ title, figure }: { title: string; figure: Figure }) {
  const words = useWords();
  const { say } = words;
  const { window, latest, targets, caveats, count } = figure;
  if (figure.sufficiency === "none" && latest === null && targets.length === 0) return null;
  return (
    <div class="ta-card" data-figure={title}>
      <h3 class="nhsuk-heading-s">{title}</h3>
      <p>
        <Sentence said={saidOf(figure.message, words)} />
      </p>
      {targets.map((one) => {
        const target = targetInWords(one.target, words);
        const key = one.met === null ? "numbers.target.unknown" : one.met ? "numbers.target.met" : "numbers.target.not_met";
        return <p key={one.goal_id}>{say(key, { target })}</p>;
      })}
      <p class="ta-note">
        {window !== null && say("numbers.window", { from: words.date(window.from_at), until: words.date(Date.parse(window.until_at) - 1) })}{" "}
        {count > 0 && say("numbers.count", { count })} {latest !== null && say("numbers.newest", { when: words.dateTime(latest.effective_at) })}
      </p>
      {caveats.length > 0 && (
        <details class="nhsuk-details">
          <summary class="nhsuk-details__summary">
            <span class="nhsuk-details__summary-text">{say("numbers.mind")}</span>
          </summary>
          <div class="nhsuk-details__text">
            {caveats.map((caveat) => (
              <p key={caveat.key}>
                <Sentence said={caveatOf(caveat, words)} />
              </p>
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

function Sentence({ said }: { said: Said }) {
  return said.isEnglish ? <span lang="en">{said.text}</span> : <>{said.text}</>;
}
