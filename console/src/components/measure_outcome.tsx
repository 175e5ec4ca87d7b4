/** One measure in full: the one sentence that may be said, the counts it rests on, what to beware of, how it was counted. */
import type { Count, MeasureOutcome } from "../api/types.ts";
import { countInWords, withDates } from "../format/outcomes.ts";
import { Panel } from "./section.tsx";

interface Props {
  outcome: MeasureOutcome;
  /** Codes of the cautions that are said once for all measures. */
  saidAlready: ReadonlySet<string>;
}

export function MeasureSection({ outcome, saidAlready }: Props) {
  const { measure, claim } = outcome;
  const id = `measure-${measure.key}`;
  return (
    <Panel id={id} title={measure.name}>
      <p class="tw-claim">{withDates(claim.sentence)}</p>
      {claim.implausible_effect && (
        <p>
          <strong class="nhsuk-tag nhsuk-tag--orange">Hard to believe</strong> A fall this large is more likely selection than effect.
        </p>
      )}
      <Counts outcome={outcome} />
      <ul class="nhsuk-list nhsuk-list--bullet tw-cautions">
        <li>{withDates(measure.trap)}</li>
        {outcome.cautions
          .filter(({ code }) => !saidAlready.has(code))
          .map((caution) => (
            <li key={caution.code}>{withDates(caution.text)}</li>
          ))}
      </ul>
      <Definition outcome={outcome} />
    </Panel>
  );
}

function Counts({ outcome }: { outcome: MeasureOutcome }) {
  const rows = [
    ["Before joining", outcome.before],
    ["Since joining", outcome.since],
  ] as const;
  return (
    <table class="nhsuk-table tw-counts">
      <caption class="nhsuk-u-visually-hidden">{outcome.measure.name}: contacts and person-days</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">Contacts</th>
          <th scope="col">Person-days</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, window]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <CountCell count={window.events} />
            <CountCell count={window.person_days} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CountCell({ count }: { count: Count }) {
  return <td class={count.value === null ? "tw-absent" : undefined}>{countInWords(count)}</td>;
}

function Definition({ outcome: { measure, claim } }: { outcome: MeasureOutcome }) {
  return (
    <details class="tw-details">
      <summary>
        How this was counted<span class="nhsuk-u-visually-hidden">: {measure.name}</span>
      </summary>
      <dl class="tw-definition">
        <dt>Counts (definition version {measure.version})</dt>
        <dd>{withDates(measure.text)}</dd>
        <dt>Kinds of contact</dt>
        <dd>{measure.kinds.map((kind) => kind.replaceAll("_", " ")).join(", ")}</dd>
        <dt>Attributed</dt>
        <dd>{withDates(measure.attribution)}</dd>
        <dt>Level of the claim</dt>
        <dd>
          {claim.level}: {claim.design}
        </dd>
      </dl>
    </details>
  );
}
