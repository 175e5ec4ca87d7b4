/** The commissioner's page: what became of a pathway's people, with everything one must know to read it. Never a person. */
import { useState } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import { errorInWords } from "../api/http.ts";
import type { OutcomeSummary, Pathway } from "../api/types.ts";
import { SelectField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { MeasuresTable } from "../components/measures_table.tsx";
import { MeasureSection } from "../components/measure_outcome.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { saveAs } from "../components/saving.ts";
import { Section } from "../components/section.tsx";
import { countInWords, sharedCautions, withDates } from "../format/outcomes.ts";
import { calendarDate } from "../format/times.ts";
import { useApi } from "../services.ts";

const BASELINES = [90, 180, 365, 730] as const;
type Baseline = (typeof BASELINES)[number];
const DEFAULT_BASELINE: Baseline = 180;

/** A commissioner has a handful; the list is one page of the API. */
const MOST_PATHWAYS = 200;

export function OutcomesPage() {
  const api = useApi();
  const pathways = useLoaded("pathways", (signal) => api.get("/v1/pathways", { query: { limit: MOST_PATHWAYS } }, signal));
  return (
    <>
      <PageHeading title="Outcomes" />
      {pathways.status === "loading" && <Loading what="pathways" />}
      {pathways.status === "failed" && <LoadFailed what="Pathways" error={pathways.error} retry={pathways.retry} />}
      {pathways.status === "ready" && pathways.value.items.length === 0 && <p>No pathway is commissioned by your organisation yet.</p>}
      {pathways.status === "ready" && pathways.value.items.length > 0 && <Chooser pathways={pathways.value.items} />}
    </>
  );
}

function Chooser({ pathways }: { pathways: readonly Pathway[] }) {
  const [chosen, setChosen] = useState(pathways[0]?.id ?? "");
  const [baseline, setBaseline] = useState<Baseline>(DEFAULT_BASELINE);
  const pathway = pathways.find(({ id }) => id === chosen);
  return (
    <>
      <div class="tw-choices">
        <SelectField
          id="pathway"
          label="Pathway"
          value={chosen}
          onValue={setChosen}
          choices={pathways.map(({ id, name }) => ({ value: id, words: name }))}
        />
        <SelectField
          id="baseline"
          label="Compare with the time before joining"
          value={String(baseline)}
          onValue={(value) => setBaseline(BASELINES.find((days) => String(days) === value) ?? DEFAULT_BASELINE)}
          choices={BASELINES.map((days) => ({ value: String(days), words: `${days} days` }))}
        />
      </div>
      {pathway !== undefined && <p>{withDates(pathway.description)}</p>}
      <Summary pathwayId={chosen} baseline={baseline} />
    </>
  );
}

function Summary({ pathwayId, baseline }: { pathwayId: string; baseline: Baseline }) {
  const api = useApi();
  const where = { query: { pathway_id: pathwayId, baseline_days: baseline } };
  const summary = useLoaded(`${pathwayId} ${baseline}`, (signal) => api.get("/v1/outcomes/summary", where, signal));
  if (summary.status === "loading") return <Loading what="the outcomes" />;
  if (summary.status === "failed") return <LoadFailed what="The outcomes" error={summary.error} retry={summary.retry} />;
  return <Report summary={summary.value} download={() => api.file("/v1/outcomes/summary", where, "text/csv")} />;
}

function Report({ summary, download }: { summary: OutcomeSummary; download: () => Promise<Blob> }) {
  const people = summary.results[0]?.people;
  const shared = sharedCautions(summary.results);
  const saidAlready = new Set<string>(shared.map(({ code }) => code));
  return (
    <>
      <dl class="nhsuk-summary-list tw-report">
        <Row name="Data up to" value={calendarDate(summary.data_until)} />
        {people !== undefined && <Row name="People" value={countInWords(people)} />}
        <Row name="Before" value={withDates(summary.window_before)} />
        <Row name="Since" value={withDates(summary.window_since)} />
      </dl>
      <Download name={`outcomes-${summary.pathway.code}-${summary.data_until}-${summary.baseline_days}-days.csv`} fetchFile={download} />
      <MeasuresTable results={summary.results} ratePer={summary.rate_per} />
      <p class="tw-muted tw-small">Rate ratio: since divided by before. Left of 1 is fewer since joining, right of 1 is more.</p>
      <div class="nhsuk-inset-text">
        <h2 class="nhsuk-heading-s">Read with care</h2>
        <ul class="nhsuk-list nhsuk-list--bullet tw-cautions">
          {shared.map((caution) => (
            <li key={caution.code}>{withDates(caution.text)}</li>
          ))}
        </ul>
      </div>
      {summary.results.map((outcome) => (
        <MeasureSection key={outcome.measure.key} outcome={outcome} saidAlready={saidAlready} />
      ))}
      <Section id="method" title="Method">
        <dl class="tw-definition">
          <dt>Denominator</dt>
          <dd>{withDates(summary.denominator)}</dd>
          <dt>Disclosure control ({summary.policy.name})</dt>
          <dd>{withDates(summary.policy.text)}</dd>
        </dl>
      </Section>
    </>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key">{name}</dt>
      <dd class="nhsuk-summary-list__value">{value}</dd>
    </div>
  );
}

/** The file is fetched with the reader's token, which a plain link could not carry, and then saved. */
function Download({ name, fetchFile }: { name: string; fetchFile: () => Promise<Blob> }) {
  const [state, setState] = useState<{ busy: boolean; problem: string | null }>({ busy: false, problem: null });
  const press = async (): Promise<void> => {
    if (state.busy) return;
    setState({ busy: true, problem: null });
    try {
      saveAs(await fetchFile(), name);
      setState({ busy: false, problem: null });
    } catch (error) {
      setState({ busy: false, problem: errorInWords(error).message });
    }
  };
  return (
    <p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" aria-disabled={state.busy} onClick={() => void press()}>
        {state.busy ? "Fetching…" : "Download as CSV"}
      </button>
      {state.problem !== null && (
        <span role="alert" class="nhsuk-error-message">
          {state.problem}
        </span>
      )}
    </p>
  );
}
