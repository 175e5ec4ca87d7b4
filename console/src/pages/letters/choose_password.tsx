/** A password chosen with the link of a letter: the form, what the API says of it, and what comes then. */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import { ErrorSummary, errorOf, type FieldError } from "../../components/error_summary.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import { NewPasswordField, newPasswordFault } from "../../components/password_field.tsx";
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
  /** What is asked beside the password: its fields, what is missing in them, and where the API's faults with them point. */
  also?: {
    fields: (errors: readonly FieldError[]) => ComponentChildren;
    faults: () => FieldError[];
    pointers: Readonly<Record<string, string>>;
  } | undefined;
  /** Another way than a password, shown before it. */
  instead?: (onRefused: (errors: FieldError[]) => void) => ComponentChildren;
  /** What is shown when the link turns out to be worthless. */
  dead: ComponentChildren;
}

type Stage = "choosing" | "busy" | "done" | "dead";

export function ChoosePassword({ title, intro, before, pointer, send, done, also, instead, dead }: Props) {
  const { letter } = useServices();
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [stage, setStage] = useState<Stage>("choosing");

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (stage === "busy") return;
    const fault = newPasswordFault(password);
    const faults = [...(also?.faults() ?? []), ...(fault === null ? [] : [{ field: "new-password", message: fault }])];
    setErrors(faults);
    if (faults.length > 0) return;
    setStage("busy");
    try {
      await send(password);
      letter.forget();
      setStage("done");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return setStage("dead");
      setErrors(errorsOf(error, { ...also?.pointers, [pointer]: "new-password" }));
      setStage("choosing");
    }
  };

  if (stage === "dead") return <>{dead}</>;
  if (stage === "done") return <Chosen {...done} />;
  return (
    <>
      <ErrorSummary errors={errors} />
      <PageHeading title={title} />
      {before}
      {instead?.(setErrors)}
      <p>{intro}</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        {also?.fields(errors)}
        <NewPasswordField
          id="new-password"
          label="New password"
          value={password}
          onValue={setPassword}
          error={errorOf(errors, "new-password")}
        />
        <button class="nhsuk-button" type="submit" aria-disabled={stage === "busy"}>
          {stage === "busy" ? "Saving…" : "Save the password"}
        </button>
      </form>
    </>
  );
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
