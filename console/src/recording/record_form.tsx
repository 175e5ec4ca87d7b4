/** Record a reading: choose, type, send; asked again when it is unusual; told, by field, when it is refused. */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useCatalogue } from "../catalogue.ts";
import { ErrorSummary, errorOf } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { Loading } from "../components/problem.tsx";
import { inChartOrder, signWords } from "../format/signs.ts";
import { useApi } from "../services.ts";
import { Confirm } from "./confirm.tsx";
import { EMPTY, faultsOf } from "./draft.ts";
import { ValueFields, WhenFields } from "./fields.tsx";
import { Recorded } from "./recorded.tsx";
import { sendReading } from "./sending.ts";
import { UnitTaken } from "./unit_taken.tsx";
import { useEntry, type EntryInHand } from "./use_entry.ts";
import { inWords } from "./words.ts";

interface Props {
  patientId: string;
  /** Whether the reader is the person themself. */
  own: boolean;
  onward: ComponentChildren;
  /** To be told when the API says that there is nobody here to record for. */
  onRefused?: () => void;
}

export function RecordForm({ patientId, own, onward, onRefused }: Props) {
  const api = useApi();
  const catalogue = useCatalogue();
  const form = useEntry({
    begin: EMPTY,
    faultsOf,
    deliver: async (sign, attempt, confirmed) => {
      const sent = await sendReading(api, patientId, sign, attempt, confirmed);
      if (sent.result === "refused" && sent.nobody) onRefused?.();
      return sent;
    },
  });
  const { entry, sign } = form;
  if (catalogue.size === 0) return <Loading what="the form" />;
  if (sign === undefined || entry.stage.at === "form") return <Form form={form} />;
  const words = inWords(entry.draft, sign, "just now");
  if (entry.stage.at === "recorded") {
    return <Recorded patientId={patientId} stands={entry.stage.stands} words={words} own={own} again={form.again} onward={onward} />;
  }
  return (
    <Confirm
      draft={entry.draft}
      sign={sign}
      words={words}
      hint={entry.stage.hint}
      own={own}
      busy={form.busy}
      onTake={form.take}
      onYes={() => form.send(true)}
      onNo={form.reopen}
    />
  );
}

function Form({ form }: { form: EntryInHand }) {
  const catalogue = useCatalogue();
  const { entry, sign, busy, change } = form;
  const { draft, errors, offer } = entry;
  const entered = [...catalogue.values()].filter(({ derived }) => !derived).map(({ key }) => key);
  const choices = [{ value: "", words: "Choose" }, ...inChartOrder(entered).map((key) => ({ value: key, words: signWords(key).name }))];
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    form.send(false);
  };
  return (
    <div class="tw-form">
      <ErrorSummary errors={errors} reference={entry.reference} />
      <UnitTaken entry={entry} />
      <form onSubmit={submit} noValidate>
        <SelectField
          id="sign"
          label="What was measured?"
          value={draft.sign}
          onValue={(key) => change({ sign: key, unit: "", code: "" })}
          choices={choices}
          error={errorOf(errors, "sign")}
        />
        {sign !== undefined && (
          <>
            <ValueFields draft={draft} sign={sign} errors={errors} offer={offer} onChange={change} onTake={form.take} />
            <WhenFields draft={draft} errors={errors} onChange={change} />
          </>
        )}
        <button class="nhsuk-button" type="submit" aria-disabled={busy}>
          {busy ? "Recording…" : "Record"}
        </button>
      </form>
    </div>
  );
}
