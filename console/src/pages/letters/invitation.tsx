/** Accepting an invitation: an account comes about with a password that only its holder knows. */
import { Link } from "../../components/link.tsx";
import { addressOf } from "../../router/routes.ts";
import { useServices } from "../../services.ts";
import type { FieldError } from "../../components/error_summary.tsx";
import { ProviderButton, useProviderName } from "../sign_in/provider_button.tsx";
import { ChoosePassword } from "./choose_password.tsx";
import { DeadLink, LetterPage, useLetterToken } from "./frame.tsx";

const TITLE = "Accept your invitation";

export function InvitationPage() {
  const { door } = useServices();
  const token = useLetterToken();
  const provider = useProviderName();
  return (
    <LetterPage title={TITLE} what="invitation" token={token}>
      <ChoosePassword
        key={token}
        title={TITLE}
        intro="Choose a password for your Tendwell account. Then sign in with it and the address that the letter was sent to."
        before={<Notice />}
        pointer="/password"
        send={(password) => door.post("/v1/invitations/accept", { body: { token: token ?? "", password } })}
        instead={(onRefused) =>
          provider !== null && token !== null && <ByProvider name={provider} invitation={token} onRefused={onRefused} />
        }
        done={{ title: "Your account is ready", words: "Sign in with your email address and the password you have just chosen." }}
        dead={
          <DeadLink title="This invitation does not work">
            <p>It was used already, was taken back, or is older than 7 days.</p>
            <p>
              If you have accepted it before, <Link to={{ page: "sign_in" }}>sign in</Link>. Otherwise ask whoever invited you for
              another.
            </p>
          </DeadLink>
        }
      />
    </LetterPage>
  );
}

/** For patients; of whom a letter invites to work here the API says that they choose a password. */
function ByProvider({ name, ...more }: { name: string; invitation: string; onRefused: (errors: FieldError[]) => void }) {
  return (
    <>
      <p>
        If you are a patient, you can accept with your {name}. You then need no password: your NHS number, date of birth and family
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
