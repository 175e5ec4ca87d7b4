/** Whoever has come back from the identity provider: signed in, asked for a second step, or told what to do instead. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { isPassing } from "../../api/retrying.ts";
import type { SignInStep } from "../../api/types.ts";
import { PageHeading } from "../../components/heading.tsx";
import { Loading } from "../../components/problem.tsx";
import { refusalInWords } from "../../format/refusals.ts";
import { useServices } from "../../services.ts";
import type { CameBack } from "../../session/provider.ts";
import { ProviderButton } from "./provider_button.tsx";

interface Props {
  back: CameBack;
  onStep: (step: SignInStep) => void;
  /** To the door, and its other ways in. */
  onOther: () => void;
}

/** An answer that nobody left for from here. */
const NOT_FROM_HERE = new Refused(401, null);

export function CameBackPage({ back, onStep, onOther }: Props) {
  const { session, provider } = useServices();
  const [failure, setFailure] = useState<unknown>(back.answer === null ? NOT_FROM_HERE : null);
  const bring = useCallback(async (): Promise<void> => {
    if (back.answer === null) return;
    setFailure(null);
    try {
      const step = await session.signInWithProvider(back.answer);
      provider.forget();
      if (step !== null) onStep(step);
    } catch (error) {
      setFailure(error);
    }
  }, [back, session, provider, onStep]);
  useEffect(() => void bring(), [bring]);

  if (failure === null) return <Loading what={`your sign-in with ${back.name}`} />;
  if (back.invited && !isPassing(failure)) return <InvitedRefusal error={failure} name={back.name} onOther={onOther} />;
  return <Refusal error={failure} name={back.name} bring={bring} onOther={onOther} />;
}

/** The link in the letter is still good, and the only way on: whoever leaves from here comes back without an invitation. */
function InvitedRefusal({ error, name, onOther }: Omit<RefusalProps, "bring">) {
  const title = isNotShared(error) ? titleOf(error, name) : `Your invitation was not accepted with ${name}`;
  return (
    <div class="tw-sign-in">
      <PageHeading title={title} takesFocus />
      {isNotShared(error) ? <p>Without it Tendwell cannot tell who you are.</p> : <WhyNotAccepted error={error} name={name} />}
      <p>
        <strong>To try again, open the link in your letter again.</strong> There you can also choose a password instead. If it does not
        work, ask your practice.
      </p>
      <p>
        <button type="button" class="tw-as-link" onClick={onOther}>
          I have an account already: sign in
        </button>
      </p>
      <IfUrgent />
    </div>
  );
}

function WhyNotAccepted({ error, name }: { error: unknown; name: string }) {
  if (!(error instanceof Refused) || error.status !== 401) return <p>{refusalInWords(error)}</p>;
  return (
    <>
      <p>Nothing is wrong with your {name}. You can accept this way when:</p>
      <ul>
        <Conditions name={name} />
      </ul>
    </>
  );
}

interface RefusalProps {
  error: unknown;
  name: string;
  bring: () => Promise<void>;
  onOther: () => void;
}

function Refusal({ error, name, bring, onOther }: RefusalProps) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const passes = isPassing(error);
  return (
    <div class="tw-sign-in">
      <PageHeading title={titleOf(error, name)} takesFocus />
      <WhatNow error={error} name={name} />
      {trouble !== null && <p role="alert">{trouble}</p>}
      <p>
        {passes ? (
          <button type="button" class="nhsuk-button" onClick={() => void bring()}>
            Try again
          </button>
        ) : (
          <ProviderButton name={name} onRefused={(errors) => setTrouble(errors[0]?.message ?? null)} />
        )}
      </p>
      <p>
        <button type="button" class="tw-as-link" onClick={onOther}>
          Sign in another way
        </button>
      </p>
      <IfUrgent />
    </div>
  );
}

function IfUrgent() {
  return (
    <p>
      If you need medical help now, use <a href="https://111.nhs.uk/">111.nhs.uk</a> or call <a href="tel:111">111</a>. In an
      emergency call <a href="tel:999">999</a>.
    </p>
  );
}

const TOO_MANY = 429;

function titleOf(error: unknown, name: string): string {
  if (error instanceof Refused && error.status === TOO_MANY) return "Wait before you try again";
  if (isNotShared(error)) return `You did not share your ${name} information`;
  return isPassing(error) ? `${name} cannot be reached just now` : `You could not be signed in with ${name}`;
}

function WhatNow({ error, name }: { error: unknown; name: string }) {
  if (isNotShared(error)) return <p>Without it Tendwell cannot tell who you are. Go back and share it, or sign in another way.</p>;
  if (!(error instanceof Refused) || error.status !== 401) return <p>{refusalInWords(error)}</p>;
  return (
    <>
      <p>Nothing is wrong with your {name}. Tendwell lets you in this way when:</p>
      <ul>
        <li>your practice has invited you to Tendwell, and you have accepted: if not yet, open the link in its letter again</li>
        <Conditions name={name} />
      </ul>
      <p>Try again, or ask your practice.</p>
    </>
  );
}

function Conditions({ name }: { name: string }) {
  return (
    <>
      <li>{name} has checked your identity with a photograph</li>
      <li>your NHS number, date of birth and family name are the same here and there</li>
      <li>you came back within 10 minutes, in the browser tab that you left from</li>
    </>
  );
}

function isNotShared(error: unknown): boolean {
  return error instanceof Refused && error.problem?.type.endsWith("/consent-not-given") === true;
}
