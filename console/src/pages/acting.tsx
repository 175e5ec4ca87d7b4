/** For whom one acts: choosing whose record to open, taking up a code that somebody handed over, and giving it up. */
import { useDeed } from "../api/deeds.ts";
import { Refused } from "../api/http.ts";
import { useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import type { OwnDelegation } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { Fact } from "../components/fact.tsx";
import { TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel, Section } from "../components/section.tsx";
import { useDone } from "../components/use_done.ts";
import { firstTabOf, takenUpInWords } from "../format/acting.ts";
import { plainName } from "../format/people.ts";
import { errorsOf, isRefusal } from "../format/refusals.ts";
import { scopesInWords, spanInWords } from "../format/sharing.ts";
import { useApi, useServices } from "../services.ts";

export function ActingPage() {
  const { api, session } = useServices();
  const loaded = useLoaded("delegations", (signal) => api.get("/v1/me/delegations", {}, signal));
  const [done, say] = useDone();
  const reload = useLoadedOnReturn(loaded);
  const changed = (words: string): void => {
    reload?.();
    // Whether one acts for anybody is part of who is signed in: the menu follows.
    void session.renew().catch(() => undefined);
    say(words);
  };
  return (
    <>
      <PageHeading title="People I act for" />
      {done !== null && <Done {...done} />}
      {loaded.status === "loading" && <Loading what="the people you act for" />}
      {loaded.status === "failed" && <LoadFailed what="The people you act for" error={loaded.error} retry={loaded.retry} />}
      {loaded.status === "ready" && loaded.value.items.length === 0 && <p>You act for nobody at present.</p>}
      {loaded.status === "ready" &&
        loaded.value.items.map((each) => <ActingFor key={each.id} delegation={each} onLeft={changed} />)}
      <AcceptForm onAccepted={changed} />
    </>
  );
}

function ActingFor({ delegation, onLeft }: { delegation: OwnDelegation; onLeft: (words: string) => void }) {
  const api = useApi();
  const deed = useDeed();
  const name = plainName(delegation);
  const begun = Date.parse(delegation.from_at) <= Date.now();
  const leave = async (): Promise<void> => {
    const path = { delegation_id: delegation.id };
    if ((await deed.run(path, () => api.remove("/v1/me/delegations/{delegation_id}", { path }))) !== undefined) onLeft(`You act for ${name} no longer.`);
  };
  const first = firstTabOf(delegation.scopes);
  return (
    <Panel id={`acting-${delegation.id}`} title={begun && first !== null ? <Link to={{ page: "acting_for", id: delegation.patient_id, tab: first }}>{name}</Link> : name}>
      <dl class="tw-facts">
        <Fact name="You may" value={scopesInWords(delegation.scopes)} />
        <Fact
          name="When"
          value={
            <>
              {spanInWords(delegation)} {!begun && <strong class="nhsuk-tag nhsuk-tag--blue">Begins later</strong>}
            </>
          }
        />
      </dl>
      <AskingFirst words="Give it up" about={`for ${name}`} question={`Act for ${name} no longer?`} yes="Yes, give it up" deed={deed} onYes={() => void leave()}>
        <p>You lose access at once. Only a new code gives it back.</p>
      </AskingFirst>
    </Panel>
  );
}

function AcceptForm({ onAccepted }: { onAccepted: (words: string) => void }) {
  const api = useApi();
  const form = useDeedForm({ empty: { code: "" }, faultsOf: codeFaults, refusal: codeErrors });
  const accept = async (): Promise<void> => {
    const body = { code: form.draft.code.trim() };
    const done = await form.run(body, (key) => api.post("/v1/me/delegations", { body }, { key }));
    if (done === undefined) return;
    onAccepted(takenUpInWords(done.value, Date.now()));
  };
  return (
    <Section id="accept" title="Use a code">
      <DeedFormView form={form} onSend={accept} words="Act for them" busyWords="One moment…">
        <TextField
          id="code"
          label="Code"
          hint="28 letters and digits, from the person you are to act for, or from their practice. Large or small letters, with or without hyphens."
          width="20"
          autocomplete="off"
          value={form.draft.code}
          onValue={(code) => form.change({ code })}
          error={errorOf(form.errors, "code")}
        />
      </DeedFormView>
    </Section>
  );
}

/** A code's own letters and digits. */
const CODE_LENGTH = 28;

function codeFaults({ code }: { code: string }): FieldError[] {
  const letters = code.replaceAll(/[\s–-]/g, "");
  if (letters === "") return [{ field: "code", message: "Enter the code" }];
  return letters.length === CODE_LENGTH ? [] : [{ field: "code", message: `A code has ${CODE_LENGTH} letters and digits; this has ${letters.length}` }];
}

function isOwnCode(error: unknown): boolean {
  return error instanceof Refused && error.problem?.errors?.some(({ code }) => code === "own_code") === true;
}

/** A wrong, a spent and an old code look the same on purpose. */
function codeErrors(error: unknown): FieldError[] {
  if (isOwnCode(error)) {
    return [
      {
        field: "code",
        message: "This code opens your own record. Give it to whoever is to act for you: they type it in here, signed in with an account of their own",
      },
    ];
  }
  if (!isRefusal(error)) return errorsOf(error, { "/code": "code" });
  return [{ field: "code", message: "This code is not good. It may be mistyped, used, taken back, or older than 7 days. Ask for another one." }];
}
