/** What is shown between signing in and the first page, because it cannot wait: new recovery codes, or that one is spent. */
import { useEffect, useRef, useState } from "preact/hooks";
import { errorsOf } from "../format/refusals.ts";
import { useLoaded } from "../api/loading.ts";
import { ErrorSummary, type FieldError } from "../components/error_summary.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { RecoveryCodes } from "../components/recovery_codes.tsx";
import { codesLeft } from "../factors/words.ts";
import { useServices } from "../services.ts";

/** After an app was set up at the door. */
export function KeepCodesPage() {
  const { api, session } = useServices();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const make = async (): Promise<void> => {
    setErrors([]);
    try {
      setCodes((await api.post("/v1/me/recovery-codes", {})).codes);
    } catch (error) {
      setErrors(errorsOf(error));
    }
  };
  const asked = useRef(false);
  useEffect(() => {
    // Once: new codes end those before them.
    if (!asked.current) void make();
    asked.current = true;
  }, []);
  return (
    <div class="tw-narrow">
      <ErrorSummary errors={errors} />
      <PageHeading title="Keep your recovery codes" takesFocus />
      <p>Your app is set up. From now on Tendwell asks for its code after your password.</p>
      {codes !== null && <RecoveryCodes codes={codes} onKept={() => session.settle()} />}
      {codes === null && errors.length === 0 && <Loading what="your recovery codes" />}
      {errors.length > 0 && (
        <div class="tw-buttons">
          <button type="button" class="nhsuk-button" onClick={() => void make()}>
            Try again
          </button>
          <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => session.settle()}>
            Make them later, under "Your account"
          </button>
        </div>
      )}
    </div>
  );
}

/** After signing in with a recovery code. */
export function CodeSpentPage() {
  const { api, session, router } = useServices();
  const factors = useLoaded("factors", (signal) => api.get("/v1/me/factors", {}, signal));
  const toSecondStep = (): void => {
    session.settle();
    router.go({ page: "account", part: "second-step" });
  };
  return (
    <div class="tw-narrow">
      <PageHeading title="You used a recovery code" takesFocus />
      {factors.status === "loading" && <Loading what="how many are left" />}
      {factors.status === "failed" && <LoadFailed what="How many are left" error={factors.error} retry={factors.retry} />}
      {factors.status === "ready" && (
        <p>
          That code does not work again. You have <strong>{codesLeft(factors.value.recovery_codes_left)}</strong>.
        </p>
      )}
      <p>If you no longer have the phone with your authenticator app, set up another app now, so that the old one no longer works.</p>
      <div class="tw-buttons">
        <button type="button" class="nhsuk-button" onClick={() => session.settle()}>
          Continue
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={toSecondStep}>
          Change your second step
        </button>
      </div>
    </div>
  );
}
