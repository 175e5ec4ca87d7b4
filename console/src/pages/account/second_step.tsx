/** One's second step: setting an app up, putting another in its place, recovery codes, removing it where that is allowed. */
import { useMemo, useState } from "preact/hooks";
import { useDeed, type Deed } from "../../api/deeds.ts";
import { Refused } from "../../api/http.ts";
import { useLoaded } from "../../api/loading.ts";
import type { Factors, NewTotp } from "../../api/types.ts";
import { AskingFirst } from "../../components/asking_first.tsx";
import { useConfirmed } from "../../components/confirming.tsx";
import type { FieldError } from "../../components/error_summary.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { LoadFailed, Loading } from "../../components/problem.tsx";
import { RecoveryCodes } from "../../components/recovery_codes.tsx";
import { TotpSetup } from "../../components/totp_setup.tsx";
import { useDone } from "../../components/use_done.ts";
import { codesLeft, FEW_CODES, WRONG_FIRST_CODE } from "../../factors/words.ts";
import { errorsOf } from "../../format/refusals.ts";
import { calendarDate } from "../../format/times.ts";
import { useApi } from "../../services.ts";
import { AccountFrame } from "./frame.tsx";

const TITLE = "Second step of signing in";
const SET_UP = "Your second step is set up, and you have your recovery codes";

type Stage = { at: "factors" } | { at: "setting_up"; totp: NewTotp } | { at: "codes"; codes: readonly string[]; replacing: boolean };

export function SecondStepPage() {
  const step = useSecondStep();
  const { stage, errors, deed, back } = step;
  if (stage.at === "codes") return <Codes codes={stage.codes} replacing={stage.replacing} onKept={() => step.told(SET_UP)} />;
  if (stage.at === "factors") return <FactorsPage step={step} />;
  return (
    <AccountFrame title="Set up an authenticator app" errors={errors}>
      <TotpSetup totp={stage.totp} errors={errors} busy={deed.busy} onFault={step.onFault} onCode={(code) => void step.confirm(code)} />
      <button type="button" class="tw-as-link" onClick={back}>
        Cancel
      </button>
    </AccountFrame>
  );
}

/** One's factors as they are now, and what was just done to them. */
function useFactors() {
  const api = useApi();
  const [done, say, forget] = useDone();
  const factors = useLoaded("factors", (signal) => api.get("/v1/me/factors", {}, signal));
  const { reload } = factors;
  return { factors, reload, done, say, forget };
}

/** What one can do about one's second step, and where one is in doing it. */
function useSecondStep() {
  const api = useApi();
  const confirmed = useConfirmed();
  const deed = useDeed();
  const { factors, reload, done, say, forget } = useFactors();
  const [stage, setStage] = useState<Stage>({ at: "factors" });
  const [faults, setFaults] = useState<FieldError[]>([]);
  const errors = useMemo(() => (faults.length > 0 ? faults : refusalOf(deed.error)), [faults, deed.error]);
  const back = (): void => setStage({ at: "factors" });
  const begin = async (): Promise<void> => {
    forget();
    setFaults([]);
    const begun = await deed.run("begin", () => confirmed(() => api.post("/v1/me/factors/totp", {})));
    if (begun !== undefined) setStage({ at: "setting_up", totp: begun.value });
  };
  const makeCodes = async (): Promise<void> => {
    forget();
    const replacing = factors.status === "ready" && factors.value.recovery_codes_left > 0;
    const made = await deed.run("codes", () => confirmed(() => api.post("/v1/me/recovery-codes", {})));
    setStage(made === undefined ? { at: "factors" } : { at: "codes", codes: made.value.codes, replacing });
    reload();
  };
  const confirm = async (code: string): Promise<void> => {
    const act = (): Promise<undefined> => confirmed(() => api.post("/v1/me/factors/totp/confirm", { body: { code } }));
    if ((await deed.run(code, act)) !== undefined) await makeCodes();
  };
  const told = (words: string): void => {
    back();
    say(words);
    reload();
  };
  return { stage, errors, done, deed, factors, back, begin, makeCodes, confirm, told, onFault: setFaults };
}

function FactorsPage({ step }: { step: ReturnType<typeof useSecondStep> }) {
  const { factors, deed } = step;
  return (
    <AccountFrame title={TITLE} errors={step.errors} done={step.done}>
      {factors.status === "loading" && <Loading what="your second step" />}
      {factors.status === "failed" && <LoadFailed what="Your second step" error={factors.error} retry={factors.retry} />}
      {factors.status === "ready" && <Summary factors={factors.value} busy={deed.busy} onBegin={() => void step.begin()} />}
      {factors.status === "ready" && factors.value.totp_since !== null && (
        <WithApp factors={factors.value} deed={deed} onCodes={() => void step.makeCodes()} onRemoved={() => step.told("The authenticator app is removed")} />
      )}
    </AccountFrame>
  );
}

function refusalOf(error: unknown): FieldError[] {
  const wrong = error instanceof Refused && error.problem?.errors?.some(({ code }) => code === "wrong_code") === true;
  return wrong ? [{ field: "code", message: WRONG_FIRST_CODE }] : errorsOf(error, { "/code": "code", "": "code" });
}

function Codes({ codes, replacing, onKept }: { codes: readonly string[]; replacing: boolean; onKept: () => void }) {
  return (
    <div class="tw-narrow">
      <PageHeading title="Keep your recovery codes" takesFocus />
      {replacing && <p>Those made before no longer work.</p>}
      <RecoveryCodes codes={codes} onKept={onKept} />
    </div>
  );
}

function Summary({ factors, busy, onBegin }: { factors: Factors; busy: boolean; onBegin: () => void }) {
  const since = factors.totp_since;
  return (
    <>
      {since === null ? (
        <p>
          With a second step a stolen password is not enough: after it Tendwell asks for a code from an app on your phone.
          {factors.required && " Because you hold a role you must have one, or a passkey."}
        </p>
      ) : (
        <p>
          You have had an authenticator app set up since <strong>{calendarDate(since)}</strong>, and have{" "}
          <strong>{codesLeft(factors.recovery_codes_left)}</strong>.
        </p>
      )}
      <button type="button" class={`nhsuk-button ${since === null ? "" : "nhsuk-button--secondary"}`} aria-disabled={busy} onClick={onBegin}>
        {since === null ? "Set up an authenticator app" : "Set up another app in its place"}
      </button>
    </>
  );
}

interface WithAppProps {
  factors: Factors;
  deed: Deed;
  onCodes: () => void;
  onRemoved: () => void;
}

function WithApp({ factors, deed, onCodes, onRemoved }: WithAppProps) {
  return (
    <>
      <h2 class="nhsuk-heading-m tw-next">Recovery codes</h2>
      {factors.recovery_codes_left <= FEW_CODES && (
        <p>
          <strong>You have {codesLeft(factors.recovery_codes_left)}.</strong> Make new ones, so that you can sign in if you lose
          your phone.
        </p>
      )}
      <AskingFirst
        words="Make new recovery codes"
        question="Make ten new recovery codes?"
        yes="Make new codes"
        deed={deed}
        onYes={onCodes}
      >
        <p>Those you have now no longer work from then on.</p>
      </AskingFirst>
      <h2 class="nhsuk-heading-m tw-next">Remove the app</h2>
      {factors.required && <p>Because you hold a role you can remove it only when you have a passkey.</p>}
      <RemoveApp onRemoved={onRemoved} />
    </>
  );
}

function RemoveApp({ onRemoved }: { onRemoved: () => void }) {
  const api = useApi();
  const confirmed = useConfirmed();
  const deed = useDeed();
  const remove = async (): Promise<void> => {
    if ((await deed.run("remove", () => confirmed(() => api.remove("/v1/me/factors/totp", {})))) !== undefined) onRemoved();
  };
  return (
    <AskingFirst words="Remove the authenticator app" question="Remove the authenticator app?" yes="Remove it" deed={deed} onYes={() => void remove()}>
      <p>Tendwell no longer asks for its code, and your recovery codes no longer work. A letter tells you that it was removed.</p>
    </AskingFirst>
  );
}
