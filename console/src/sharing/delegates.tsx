/** Who acts for a person, will, or did: with what they may do, by what right and until when; and ending it at once. */
import { useDeed } from "../api/deeds.ts";
import type { Delegate } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { Fact } from "../components/fact.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel } from "../components/section.tsx";
import { calendarDate, dateAndTime } from "../format/times.ts";
import { endInWords, groundInWords, isOpen, RELATIONSHIPS, scopesInWords, spanInWords, STATES, type Whose } from "../format/sharing.ts";
import { useApi } from "../services.ts";
import { useDelegates, type KnownDelegates } from "./use_delegates.ts";

interface Props {
  patientId: string;
  whose: Whose;
  /** Whether the reader may end what stands here. */
  mayEnd: boolean;
  onEnded: (words: string) => void;
}

/** On a page that tells nothing else of them. */
export function LoadedDelegates(props: Props) {
  return <Delegates {...props} delegates={useDelegates(props.patientId)} />;
}

export function Delegates({ patientId, whose, mayEnd, onEnded, delegates }: Props & { delegates: KnownDelegates }) {
  const { all, failure, reload } = delegates;
  const ended = (words: string): void => {
    reload();
    onEnded(words);
  };
  const present = all?.filter(isOpen) ?? [];
  const past = all?.filter((each) => !isOpen(each)) ?? [];
  return (
    <>
      {present.map((each) => (
        <OneDelegate key={each.id} delegate={each} patientId={patientId} whose={whose} mayEnd={mayEnd} onEnded={ended} />
      ))}
      {all !== null && present.length === 0 && <p>Nobody acts for {whose.own ? "you" : whose.name} at present.</p>}
      {past.length > 0 && <Past past={past} />}
      {all === null && failure === null && <Loading what="who may act" />}
      {failure !== null && <LoadFailed what="Who may act" error={failure.error} retry={failure.retry} />}
    </>
  );
}

/** By what somebody is called: their account's name, or, before they have used the code, who they are to the person. */
function nameOf({ delegate, relationship }: Delegate): string {
  return delegate ?? RELATIONSHIPS[relationship];
}

interface OneProps {
  delegate: Delegate;
  patientId: string;
  whose: Whose;
  mayEnd: boolean;
  onEnded: (words: string) => void;
}

function OneDelegate({ delegate, patientId, whose, mayEnd, onEnded }: OneProps) {
  const name = nameOf(delegate);
  return (
    <Panel id={`delegate-${delegate.id}`} title={name} level={3} tag={STATES[delegate.state]}>
      <dl class="tw-facts">
        <Fact name="May" value={scopesInWords(delegate.scopes)} />
        <Fact name="When" value={spanInWords(delegate)} />
        {delegate.delegate !== null && <Fact name="Who they are" value={RELATIONSHIPS[delegate.relationship]} />}
        <Fact name="Why" value={groundInWords(delegate.ground, whose)} />
        {delegate.evidence !== null && <Fact name="Seen by the practice" value={delegate.evidence} />}
        {delegate.review_on !== null && <Fact name="To be reviewed by" value={calendarDate(delegate.review_on)} />}
        {delegate.accepted_at !== null && <Fact name="Used the code" value={dateAndTime(delegate.accepted_at)} />}
      </dl>
      {mayEnd && <Ending delegate={delegate} patientId={patientId} name={name} onEnded={onEnded} />}
    </Panel>
  );
}

interface EndingProps {
  delegate: Delegate;
  patientId: string;
  name: string;
  onEnded: (words: string) => void;
}

function Ending({ delegate, patientId, name, onEnded }: EndingProps) {
  const api = useApi();
  const deed = useDeed();
  const waiting = delegate.state === "offered";
  const end = async (): Promise<void> => {
    const path = { patient_id: patientId, delegation_id: delegate.id };
    const body = { reason: "no_longer_wanted" } as const;
    const done = await deed.run(path, (key) => api.post("/v1/patients/{patient_id}/delegates/{delegation_id}/end", { path, body }, { key }));
    if (done !== undefined) onEnded(waiting ? "The code no longer works." : `${name} no longer has access.`);
  };
  return (
    <AskingFirst
      words={waiting ? "Cancel the code" : "End access"}
      about={`of ${name}`}
      question={waiting ? "Cancel this code?" : `End the access of ${name}?`}
      yes={waiting ? "Yes, cancel it" : "Yes, end it now"}
      deed={deed}
      onYes={() => void end()}
    >
      <p>
        {waiting
          ? "Nobody can use it from then on."
          : "It ends at once, wherever they have the record open. They are not told why. They may remember what they have already read."}
      </p>
    </AskingFirst>
  );
}

function Past({ past }: { past: readonly Delegate[] }) {
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">Access that has ended ({past.length})</span>
      </summary>
      <div class="nhsuk-details__text">
        <ul class="nhsuk-list">
          {past.map((each) => (
            <li key={each.id}>
              <strong>{nameOf(each)}</strong>
              <br />
              {scopesInWords(each.scopes)}. {STATES[each.state].words}
              {endInWords(each) !== null && `: ${endInWords(each)}`}
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}
