/** A sign-in that has passed the password and waits: how long it may, how many wrong tries it takes, and what then. */
import { useEffect, useRef } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import type { SignInStep } from "../../api/types.ts";
import { lengthInWords } from "../../format/times.ts";

export interface StepProps {
  readonly step: SignInStep;
  /** Back to the door, with words saying why; null: the reader chose to. */
  readonly startAgain: (why: string | null) => void;
  /** What is needed next. */
  readonly onStep: (step: SignInStep) => void;
}

/** The API takes so many wrong codes (openapi.yaml, POST /v1/sessions/second-factor); then the token is dead. */
const MOST_ATTEMPTS = 5;
const NOT_AUTHENTICATED = 401;

const TOO_MANY_WRONG = "Five tries were not right, so this sign-in was stopped. Start again with your password.";

export function tookTooLong(step: SignInStep): string {
  return `That took longer than ${lengthInWords(step.expires_in * 1000)}, so for your safety you have to start again with your password.`;
}

/**
 * Begins again when the step's time is over. Returns what to call with each refusal: true when the reader was sent back to
 * the door. The API's 401 does not say whether the code was wrong or the token dead, so both are counted here.
 */
export function usePending({ step, startAgain }: StepProps): (error: unknown) => boolean {
  const attempts = useRef(0);
  const endsAt = useRef(Date.now() + step.expires_in * 1000);
  useEffect(() => {
    const timer = setTimeout(() => startAgain(tookTooLong(step)), step.expires_in * 1000);
    return () => clearTimeout(timer);
  }, [step, startAgain]);
  return (error) => {
    if (!(error instanceof Refused) || error.status !== NOT_AUTHENTICATED) return false;
    attempts.current += 1;
    // A machine that slept has not run the timer.
    const late = Date.now() >= endsAt.current;
    if (late || attempts.current >= MOST_ATTEMPTS) startAgain(late ? tookTooLong(step) : TOO_MANY_WRONG);
    return late || attempts.current >= MOST_ATTEMPTS;
  };
}
