/** Replacing a forgotten password with the link of a letter. */
import { Link } from "../../components/link.tsx";
import { useServices } from "../../services.ts";
import { ChoosePassword } from "./choose_password.tsx";
import { DeadLink, LetterPage, useLetterToken } from "./frame.tsx";

const TITLE = "Choose a new password";

export function NewPasswordPage() {
  const { door } = useServices();
  const token = useLetterToken();
  return (
    <LetterPage title={TITLE} what="letter" token={token}>
      <ChoosePassword
        key={token}
        title={TITLE}
        intro="When you save it you are signed out everywhere. Your second step, if you have one, stays as it is."
        pointer="/new_password"
        send={(password) => door.post("/v1/password-resets/complete", { body: { token: token ?? "", new_password: password } })}
        done={{ title: "Your password is changed", words: "You are signed out everywhere. Sign in with your new password." }}
        dead={
          <DeadLink title="This link does not work">
            <p>It was used already, is older than 30 minutes, or you have asked for a newer one.</p>
            <p>
              <Link to={{ page: "forgotten_password" }}>Ask for a new link</Link>
            </p>
          </DeadLink>
        }
      />
    </LetterPage>
  );
}
