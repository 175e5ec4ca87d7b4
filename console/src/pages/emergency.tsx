/** Opening one record in an emergency: what will happen said first, then who, why and for how long; and what is open now. */
import { Refused } from "../api/http.ts";
import { useLoaded } from "../api/loading.ts";
import type { BreakGlass } from "../api/types.ts";
import { DateField, RadiosField } from "../components/choice_fields.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField, TextArea, TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { EMPTY, FIELDS, faultsOf, leftInWords, MOST_HOURS, MOST_REASON, REASONS, toSend, type Draft } from "../format/emergency.ts";
import { errorsOf, refusalInWords } from "../format/refusals.ts";
import { minuteOfDay } from "../format/times.ts";
import { useMillisecondsLeft } from "../live/use_time_over.ts";
import { useApi, useServices } from "../services.ts";

export function EmergencyPage() {
  const api = useApi();
  const open = useLoaded("break-glass", (signal) => api.read("/v1/break-glass", {}, signal));
  return (
    <>
      <PageHeading title="Emergency access" />
      {open.status === "loading" && <Loading what="what you have open" />}
      {open.status === "failed" && <LoadFailed what="What you have open" error={open.error} retry={open.retry} />}
      {open.status === "ready" && open.value.value.items.length > 0 && <OpenNow items={open.value.value.items} serverTime={open.value.serverTime} />}
      <div class="nhsuk-warning-callout tw-prose">
        <h2 class="nhsuk-warning-callout__label">Only when you need one person's record now</h2>
        <p>Use this for somebody you are caring for whose record you cannot see. When you open it:</p>
        <ul class="nhsuk-list nhsuk-list--bullet">
          <li>
            <strong>privacy officers are alerted at once</strong>, with your name and what you type here, and look into it
          </li>
          <li>
            <strong>the person sees it</strong>: your name, when, and your reason
          </li>
          <li>you can read this one record, and change nothing in it</li>
          <li>it closes by itself after the time you choose, at most {MOST_HOURS} hours; close it sooner when you are done</li>
        </ul>
      </div>
      <BreakGlassForm onConflict={open.reload} />
    </>
  );
}

function OpenNow({ items, serverTime }: { items: readonly BreakGlass[]; serverTime: number }) {
  return (
    <Section id="open-now" title="What you have open now">
      <ul class="nhsuk-list">
        {items.map((each) => (
          <OpenItem key={each.id} item={each} serverTime={serverTime} />
        ))}
      </ul>
    </Section>
  );
}

function OpenItem({ item, serverTime }: { item: BreakGlass; serverTime: number }) {
  const left = useMillisecondsLeft(item.until_at, serverTime) ?? 0;
  if (left <= 0) return null;
  return (
    <li>
      <Link to={{ page: "patient", id: item.patient_id, tab: "overview" }}>Go to the record open until {minuteOfDay(Date.parse(item.until_at))}</Link>{" "}
      <span class="tw-muted">({leftInWords(left)})</span>
    </li>
  );
}

function BreakGlassForm({ onConflict }: { onConflict: () => void }) {
  const { api, router } = useServices();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: refusalOf });
  const open = async (): Promise<void> => {
    const body = toSend(form.draft);
    if (body === null) return;
    const done = await form.run(body, () => api.post("/v1/break-glass", { body }));
    if (done !== undefined) router.go({ page: "patient", id: done.value.patient_id, tab: "overview" });
    // It may be open already: by a press whose answer was lost.
    else onConflict();
  };
  return (
    <DeedFormView form={form} onSend={open} words="Open the record and alert the privacy officers" busyWords="Opening…" button="nhsuk-button--warning">
      <h2 class="nhsuk-heading-m">Open a record</h2>
      <WhoFields draft={form.draft} errors={form.errors} onChange={form.change} />
      <WhyFields draft={form.draft} errors={form.errors} onChange={form.change} />
    </DeedFormView>
  );
}

interface FieldsProps {
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

function WhoFields({ draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <TextField
        id="nhs-number"
        label="NHS number"
        hint="10 digits, such as 999 000 0018"
        width="10"
        inputMode="numeric"
        autocomplete="off"
        value={draft.nhsNumber}
        onValue={(nhsNumber) => onChange({ nhsNumber })}
        error={errorOf(errors, "nhs-number")}
      />
      <DateField
        id="born"
        legend="Date of birth"
        hint="For example, 29 2 1940"
        value={draft.born}
        onValue={(born) => onChange({ born })}
        error={errorOf(errors, "born")}
      />
    </>
  );
}

function WhyFields({ draft, errors, onChange }: FieldsProps) {
  const hours = Array.from({ length: MOST_HOURS }, (_, number) => number + 1);
  return (
    <>
      <RadiosField
        id="reason-code"
        legend="Why do you need it?"
        value={draft.reasonCode}
        onValue={(reasonCode) => onChange({ reasonCode })}
        choices={REASONS}
        error={errorOf(errors, "reason-code")}
      />
      <TextArea
        id="reason"
        label="In your own words"
        hint="The person and the privacy officers will read this. Say why you need the record now; leave out names and clinical details."
        value={draft.reason}
        onValue={(reason) => onChange({ reason })}
        maxLength={MOST_REASON}
        error={errorOf(errors, "reason")}
      />
      <SelectField
        id="hours"
        label="For how long?"
        value={String(draft.hours)}
        onValue={(value) => onChange({ hours: Number(value) })}
        choices={hours.map((each) => ({ value: String(each), words: each === 1 ? "1 hour" : `${each} hours` }))}
        error={errorOf(errors, "hours")}
      />
    </>
  );
}

/** That the two are not one person's says no more: whether the number is anybody's is not told. */
function refusalOf(error: unknown): FieldError[] {
  if (error instanceof Refused && error.status === 404) {
    return [
      {
        field: "nhs-number",
        message: "No record has this NHS number with this date of birth. Check both. After five wrong tries in an hour you must wait.",
      },
    ];
  }
  if (error instanceof Refused && error.status === 429) {
    return [{ field: null, message: `${refusalInWords(error)} If it cannot wait, telephone the person's practice.` }];
  }
  return errorsOf(error, FIELDS);
}
