/** Accepting an invitation: an account comes about with a password that only its holder knows. */
import { useState } from "preact/hooks";
import { Link } from "../../components/link.tsx";
import { addressOf } from "../../router/routes.ts";
import { useServices } from "../../services.ts";
import { DateField } from "../../components/choice_fields.tsx";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { dateFault, isoDate, NO_DATE, type TypedDate } from "../../format/date_entry.ts";
import { ProviderButton, useProviderName } from "../sign_in/provider_button.tsx";
import { ChoosePassword } from "./choose_password.tsx";
import type { Invitation } from "../../api/types.ts";
import { DeadLink, LetterPage, orUnknown, useLetterToken, type Unknown } from "./frame.tsx";

const TITLE = "Accept your invitation";

/** `to`: a role at work, or one's own record, for which the date of birth is asked as well. */
export function InvitationPage({ to }: { to: "role" | "record" }) {
  const { door, session } = useServices();
  const token = useLetterToken();
  const provider = useProviderName();
  const [born, setBorn] = useState(NO_DATE);
  const lookUp = async (asked: string) => {
    const found = await orUnknown(door.post("/v1/invitations/look-up", { body: { token: asked } }));
    const state = found === "unknown" ? found : found.state;
    return state === "open" ? null : <Dead state={state} to={to} />;
  };
  return (
    <LetterPage title={TITLE} what="invitation" token={token} lookUp={lookUp}>
      <ChoosePassword
        key={token}
        title={TITLE}
        intro="Choose a password for your Tendwell account. Then sign in with it and the address that the letter was sent to."
        before={<Notice />}
        pointer="/password"
        also={to === "record" ? birthDate(born, setBorn) : undefined}
        send={async (password) => {
          const body = { token: token ?? "", password, born_on: isoDate(born) };
          session.knownNextBy((await door.post("/v1/invitations/accept", { body })).device_token);
        }}
        instead={(onRefused) =>
          to === "record" &&
          provider !== null && token !== null && <ByProvider name={provider} invitation={token} onRefused={onRefused} />
        }
        done={{ title: "Your account is ready", words: "Sign in with your email address and the password you have just chosen." }}
        dead={<Dead state="unknown" to={to} />}
      />
    </LetterPage>
  );
}

interface DeadProps {
  /** What became of it; "unknown" where the API does not say. */
  state: Exclude<Invitation["state"], "open"> | Unknown;
  to: "role" | "record";
}

/** What has become of the invitation, and the way on from there. */
function Dead({ state, to }: DeadProps) {
  const whoever = to === "record" ? "your practice" : "whoever invited you";
  switch (state) {
    case "accepted":
      return (
        <DeadLink title="This invitation has already been accepted">
          <p>
            If it was you, <Link to={{ page: "sign_in" }}>sign in</Link>. If it was not, tell {whoever} straight away.
          </p>
        </DeadLink>
      );
    case "revoked":
      return (
        <DeadLink title="This invitation was withdrawn">
          <p>Ask {whoever} if you do not know why.</p>
        </DeadLink>
      );
    case "lapsed":
      return (
        <DeadLink title="This invitation has expired">
          <p>An invitation is good for 7 days. Ask {whoever} for another.</p>
        </DeadLink>
      );
    case "unknown":
      return (
        <DeadLink title="This invitation does not work">
          <p>It has been used or withdrawn, or it is more than 7 days old.</p>
          <p>
            If you have accepted it before, <Link to={{ page: "sign_in" }}>sign in</Link>. Otherwise ask {whoever} for another.
          </p>
        </DeadLink>
      );
  }
}

/** A letter may reach somebody else; who it is for knows when they were born. */
function birthDate(born: TypedDate, onBorn: (born: TypedDate) => void) {
  return {
    fields: (errors: readonly FieldError[]) => (
      <DateField
        id="born"
        legend="Your date of birth"
        hint="As your practice has it. For example, 29 2 1940"
        value={born}
        onValue={onBorn}
        error={errorOf(errors, "born")}
      />
    ),
    faults: () => dateFault("born", born, "Enter your date of birth, such as 29 2 1940"),
    pointers: { "/born_on": "born" },
  };
}

/** For patients alone: what proves somebody a patient says nothing of who works here. */
function ByProvider({ name, ...more }: { name: string; invitation: string; onRefused: (errors: readonly FieldError[]) => void }) {
  return (
    <>
      <p>
        You can accept with your {name}. You then need no password: your NHS number, date of birth and family
        name must be the same there and at your practice.
      </p>
      <p>
        <ProviderButton name={name} {...more} />
      </p>
      <h2 class="nhsuk-heading-m">Or choose a password</h2>
    </>
  );
}

/** In a tab of its own: what was typed here would be gone. */
function Notice() {
  return (
    <p>
      Before you accept:{" "}
      <a href={addressOf({ page: "privacy" })} target="_blank" rel="noopener">
        how your data are used (opens in a new tab)
      </a>
      .
    </p>
  );
}
