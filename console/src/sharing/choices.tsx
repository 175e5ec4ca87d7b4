/** What a person has decided about their record: each purpose with its words, saying yes or no, and every decision before. */
import { useState } from "preact/hooks";
import { useDeed, type Deed } from "../api/deeds.ts";
import { everyItem, useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import type { Client } from "../api/client.ts";
import type { Consent, ConsentText } from "../api/types.ts";
import { AskingFirst, DeedProblem } from "../components/asking_first.tsx";
import { DateField } from "../components/choice_fields.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { TextField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel } from "../components/section.tsx";
import {
  aboutOthers,
  authorityInWords,
  chosenOf,
  decisionInWords,
  inForce,
  latestText,
  PURPOSES,
  tagOf,
  textOf,
  wordsOf,
  type Chosen,
  type Provision,
  type Purpose,
} from "../format/choices.ts";
import { asksForDay, NOT_TOLD, toldBody, toldFaults, type Told } from "../format/noted_decision.ts";
import type { Whose } from "../format/sharing.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { useDelegates, type KnownDelegates } from "./use_delegates.ts";

const PAGE = 200;

interface Props {
  patientId: string;
  whose: Whose;
  /** Who decides here: the person or who stands in their place; their practice, which notes how they said it; nobody. */
  by?: Decider;
  onDecided: (words: string) => void;
}

type Decider = "person" | "practice" | "nobody";

/** On a page that tells nothing else of who acts for them. */
export function LoadedChoices(props: Props) {
  return <Choices {...props} delegates={useDelegates(props.patientId)} />;
}

export function Choices({ patientId, whose, by = "person", onDecided, delegates }: Props & { delegates: KnownDelegates }) {
  const loaded = useChoices(patientId);
  const failed = loaded.status === "failed" ? loaded : delegates.all === null ? delegates.failure : null;
  if (failed !== null) return <LoadFailed what="The choices" error={failed.error} retry={failed.retry} />;
  if (loaded.status !== "ready" || delegates.all === null) return <Loading what="the choices" />;
  const { texts, decisions } = loaded.value;
  const chosen = chosenOf(delegates.all);
  const decided = (words: string): void => {
    loaded.reload();
    // Who may not let anybody act any more has nobody who does.
    delegates.reload();
    onDecided(words);
  };
  return (
    <>
      {PURPOSES.map((purpose) => {
        const text = latestText(texts, purpose);
        const history = decisions.filter((each) => each.purpose === purpose);
        return text === undefined ? null : (
          <OnePurpose
            key={purpose}
            patientId={patientId}
            whose={whose}
            by={by}
            text={text}
            texts={texts}
            history={history}
            chosen={chosen}
            onDecided={decided}
          />
        );
      })}
    </>
  );
}

/** The words in use, and every decision. */
function useChoices(patientId: string) {
  const api = useApi();
  const loaded = useLoaded(`choices ${patientId}`, async (signal) => {
    const [texts, decisions] = await Promise.all([api.get("/v1/consent-texts", {}, signal), allDecisions(api, patientId, signal)]);
    return { texts: texts.items, decisions };
  });
  // Something may have been decided while one looked elsewhere.
  useLoadedOnReturn(loaded);
  return loaded;
}

/** Every page: a decision in force may stand behind many that are over. */
function allDecisions(api: Client, patientId: string, signal: AbortSignal): Promise<Consent[]> {
  const path = { patient_id: patientId };
  return everyItem((cursor) => api.get("/v1/patients/{patient_id}/consents", { path, query: { limit: PAGE, cursor } }, signal));
}

interface PurposeProps {
  patientId: string;
  whose: Whose;
  by: Decider;
  text: ConsentText;
  texts: readonly ConsentText[];
  history: readonly Consent[];
  chosen: Chosen;
  onDecided: (words: string) => void;
}

function OnePurpose({ patientId, whose, by, text, texts, history, chosen, onDecided }: PurposeProps) {
  const now = inForce(history).get(text.purpose);
  const stands: Provision | "undecided" = now?.provision ?? "undecided";
  const { title, about } = whose.own ? { title: text.title, about: text.text } : aboutOthers(text.purpose, whose.name);
  return (
    <Panel id={`purpose-${text.purpose}`} title={title} data-purpose={text.purpose} tag={tagOf(text.purpose, stands, whose, chosen)}>
      <p class="tw-prose">{about}</p>
      {!whose.own && <AsPatientsRead text={text} />}
      {now !== undefined && now.text_version !== text.version && (
        <p>
          <strong>The words have changed</strong> since this was decided. The decision holds; read the new ones and decide again if you like.
        </p>
      )}
      {by !== "nobody" && <Deciding patientId={patientId} whose={whose} by={by} text={text} stands={stands} onDecided={onDecided} />}
      {history.length > 0 && <History history={history} about={title} texts={texts} whose={whose} />}
    </Panel>
  );
}

/** To the letter what they decide by: for reading it out. */
function AsPatientsRead({ text }: { text: ConsentText }) {
  return (
    <details class="nhsuk-details tw-quoted">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          The words that patients decide by<span class="nhsuk-u-visually-hidden">: {text.title}</span>
        </span>
      </summary>
      <blockquote class="nhsuk-details__text">
        <p>{text.text}</p>
        <p>Before saying no: {text.on_withdrawal}</p>
        <p class="tw-muted tw-small">Version {text.version}</p>
      </blockquote>
    </details>
  );
}

interface DecidingProps {
  patientId: string;
  whose: Whose;
  by: Decider;
  text: ConsentText;
  stands: Provision | "undecided";
  onDecided: (words: string) => void;
}

function Deciding(props: DecidingProps) {
  const { whose, by, text, stands } = props;
  const { deed, draft, faults, asksDay, change, decide } = useDeciding(props);
  const words = wordsOf(text.purpose, whose);
  const act = stands === "deny" ? words.give : words.withdraw;
  // To give again takes nothing from anybody: it is done at once, unless it has to be said how the person told it.
  if (stands === "deny" && by === "person") return <GivenAtOnce words={act} deed={deed} onGive={() => void decide()} />;
  const yes = `Yes: ${act.charAt(0).toLocaleLowerCase("en-GB")}${act.slice(1)}`;
  return (
    <AskingFirst key={stands} words={act} question={`${act}?`} yes={yes} deed={deed} onYes={() => void decide()}>
      {stands !== "deny" && <p>{whose.own ? text.on_withdrawal : aboutOthers(text.purpose, whose.name).afterNo}</p>}
      {by === "practice" && <HowTold purpose={text.purpose} draft={draft} faults={faults} asksDay={asksDay} onChange={change} />}
    </AskingFirst>
  );
}

/** What a practice says of how it was told; the day on which it told the person, once the API asks for that. */
function useDeciding({ patientId, by, text, stands, onDecided }: DecidingProps) {
  const api = useApi();
  const deed = useDeed();
  const [draft, setDraft] = useState<Told>(NOT_TOLD);
  const [faults, setFaults] = useState<readonly FieldError[]>([]);
  const [asksDay, setAsksDay] = useState(false);
  const provision: Provision = stands === "deny" ? "permit" : "deny";
  const decide = async (): Promise<void> => {
    const found = by === "practice" ? toldFaults(draft, text.purpose, asksDay) : [];
    setFaults(found);
    if (found.length > 0) return;
    const said = by === "practice" ? toldBody(draft, asksDay) : { note: null };
    const where = { path: { patient_id: patientId }, body: { purpose: text.purpose, text_version: text.version, ...said } };
    const done = await deed.run({ ...where, provision }, async (key) => {
      try {
        return await (provision === "permit"
          ? api.post("/v1/patients/{patient_id}/consents", where, { key })
          : api.post("/v1/patients/{patient_id}/consents/withdrawal", where, { key }));
      } catch (error) {
        if (asksForDay(error)) setAsksDay(true);
        throw error;
      }
    });
    if (done !== undefined) onDecided(AFTERWARDS[text.purpose][provision]);
  };
  const change = (changed: Partial<Told>): void => setDraft((before) => ({ ...before, ...changed }));
  return { deed, draft, faults, asksDay, change, decide };
}

interface HowToldProps {
  purpose: Purpose;
  draft: Told;
  faults: readonly FieldError[];
  asksDay: boolean;
  onChange: (changed: Partial<Told>) => void;
}

function HowTold({ purpose, draft, faults, asksDay, onChange }: HowToldProps) {
  return (
    <>
      <TextField
        id={`note-${purpose}`}
        label="How and when did they say it?"
        autocomplete="off"
        value={draft.note}
        onValue={(note) => onChange({ note })}
        error={errorOf(faults, `note-${purpose}`)}
      />
      {asksDay && (
        <DateField
          id={`informed-${purpose}`}
          legend="When did you tell them that the restriction ends?"
          hint="They must know before it is lifted. For example, 27 3 2026"
          value={draft.informed}
          onValue={(informed) => onChange({ informed })}
          error={errorOf(faults, `informed-${purpose}`)}
        />
      )}
    </>
  );
}

function GivenAtOnce({ words, deed, onGive }: { words: string; deed: Deed; onGive: () => void }) {
  return (
    <div>
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small tw-opener" aria-disabled={deed.busy} onClick={onGive}>
        {deed.busy ? "One moment…" : words}
      </button>
      <DeedProblem deed={deed} />
    </div>
  );
}

const AFTERWARDS: Record<Purpose, Record<Provision, string>> = {
  care_sharing: { permit: "The record is shared again.", deny: "The record is not shared beyond the practice, from this moment." },
  delegate: { permit: "Somebody can be chosen to act again. Make a code for them.", deny: "Nobody who was chosen can act any more, from this moment." },
  research: { permit: "The record is counted again.", deny: "The record is not counted from now on." },
  national_data_opt_out: { permit: "No opt-out is recorded here any more.", deny: "The opt-out is recorded." },
};

interface HistoryProps {
  history: readonly Consent[];
  /** Which choice it is. */
  about: string;
  texts: readonly ConsentText[];
  whose: Whose;
}

function History({ history, about, texts, whose }: HistoryProps) {
  return (
    <details class="nhsuk-details tw-history">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Every decision ({history.length})<span class="nhsuk-u-visually-hidden">: {about}</span>
        </span>
      </summary>
      <div class="nhsuk-details__text">
        <ol class="nhsuk-list tw-decisions">
          {history.map((each) => (
            <Decided key={each.id} decision={each} text={textOf(texts, each)} whose={whose} />
          ))}
        </ol>
      </div>
    </details>
  );
}

function Decided({ decision, text, whose }: { decision: Consent; text: ConsentText | undefined; whose: Whose }) {
  return (
    <li>
      <strong>{decisionInWords(decision)}</strong> on {dateAndTime(decision.date_time)}
      {decision.ended_at !== null && `, until ${dateAndTime(decision.ended_at)}`}
      <br />
      Decided by: {authorityInWords(decision.authority, whose)}
      {decision.note !== null && (
        <>
          <br />
          Noted then: {decision.note}
        </>
      )}
      <br />
      <span class="tw-muted tw-small">
        Version {decision.text_version} of the words{text !== undefined && !text.is_latest && `: “${text.text}”`}
      </span>
    </li>
  );
}

