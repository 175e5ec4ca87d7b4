/** Signing in, from the door to the session: which step is shown, and why one has to begin again. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { SignInStep } from "../../api/types.ts";
import { useServices } from "../../services.ts";
import { CameBackPage } from "./came_back.tsx";
import { Door } from "./door.tsx";
import { EnrolmentStep } from "./enrolment.tsx";
import { FirstPasswordStep } from "./first_password.tsx";
import type { StepProps } from "./pending.ts";
import { SecondFactorStep } from "./second_factor.tsx";

const RELOADED = "For your safety, signing in begins again when the page is reloaded.";

export function SignInPage() {
  const { provider, underWay } = useServices();
  const [back, setBack] = useState(provider.cameBack());
  const [step, setStep] = useState<SignInStep | null>(null);
  const [why, setWhy] = useState(() => (underWay.takeBroken() ? RELOADED : null));
  useEffect(() => {
    underWay.set(step !== null);
    return () => underWay.set(false);
  }, [step, underWay]);
  const startAgain = useCallback((words: string | null): void => {
    setWhy(words);
    setStep(null);
  }, []);
  const goOn = useCallback((next: SignInStep): void => {
    setBack(null);
    setStep(next);
  }, []);
  const otherwise = useCallback((): void => {
    provider.forget();
    setBack(null);
  }, [provider]);
  if (back !== null) return <CameBackPage back={back} onStep={goOn} onOther={otherwise} />;
  if (step === null) return <Door why={why} onStep={setStep} />;
  return <Step key={step.sign_in_token} step={step} startAgain={startAgain} onStep={setStep} />;
}

function Step(props: StepProps) {
  switch (props.step.state) {
    case "second_factor_required":
      return <SecondFactorStep {...props} />;
    case "enrolment_required":
      return <EnrolmentStep {...props} />;
    case "new_password_required":
      return <FirstPasswordStep {...props} />;
  }
}
