/** A password chosen with the link of a letter: the form, what the API says of it, and what comes then. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { ErrorSummary, type FieldError } from "../../components/error_summary.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import { NewPasswordForm, useNewPassword, type AskedBeside } from "../../components/new_password_form.tsx";
import { useServices } from "../../services.ts";

interface Props {
  title: string;
  intro: string;
  /** What is to be read before anything is given. */
  before?: ComponentChildren;
  /** Where the API's faults point. */
  pointer: string;
  send: (password: string) => Promise<unknown>;
  done: { title: string; words: string };
  /** What is asked beside the password. */
  also?: (AskedBeside & { fields: (errors: readonly FieldError[]) => ComponentChildren }) | undefined;
  /** Another way than a password, shown before it. */
  instead?: (onRefused: (errors: readonly FieldError[]) => void) => ComponentChildren;
  /** What is shown when the link turns out to be worthless. */
  dead: ComponentChildren;
}

export function ChoosePassword({ title, intro, before, pointer, send, done, also, instead, dead }: Props) {
  const [stage, use] = useLink(send);
  const chosen = useNewPassword({ send: use, pointer, beside: also });
  if (stage === "dead") return <>{dead}</>;
  if (stage === "done") return <Chosen {...done} />;
  return (
    <>
      <ErrorSummary errors={chosen.form.errors} />
      <PageHeading title={title} />
      {before}
      {instead?.(chosen.form.tell)}
      <p>{intro}</p>
      <NewPasswordForm chosen={chosen} words="Save the password">
        {also?.fields(chosen.form.errors)}
      </NewPasswordForm>
    </>
  );
}

/** What has become of the letter's link, and using it, which it takes once. */
function useLink(send: Props["send"]): ["good" | "done" | "dead", Props["send"]] {
  const { letter } = useServices();
  const [stage, setStage] = useState<"good" | "done" | "dead">("good");
  const use = async (password: string): Promise<void> => {
    try {
      await send(password);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) setStage("dead");
      throw error;
    }
    letter.forget();
    setStage("done");
  };
  return [stage, use];
}

function Chosen({ title, words }: Props["done"]) {
  return (
    <>
      <PageHeading title={title} takesFocus />
      <p>{words}</p>
      <p>
        <Link to={{ page: "sign_in" }} class="nhsuk-button">
          Sign in
        </Link>
      </p>
    </>
  );
}
