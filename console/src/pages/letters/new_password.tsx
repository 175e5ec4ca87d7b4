/** Replacing a forgotten password with the link of a letter. */
import { Link } from "../../components/link.tsx";
import { useServices } from "../../services.ts";
import { ChoosePassword } from "./choose_password.tsx";
import { DeadLink, LetterPage, orUnknown, useLetterToken } from "./frame.tsx";

const TITLE = "Choose a new password";

export function NewPasswordPage() {
  const { door, session, checking } = useServices();
  const token = useLetterToken();
  const lookUp = async (asked: string) =>
    (await orUnknown(door.post("/v1/password-resets/look-up", { body: { token: asked } }))) === "unknown" ? <Dead /> : null;
  return (
    <LetterPage title={TITLE} what="letter" token={token} lookUp={lookUp}>
      <ChoosePassword
        key={token}
        title={TITLE}
        intro="When you save it you are signed out everywhere. Your second step, if you have one, stays as it is."
        pointer="/new_password"
        send={async (password) => {
          const body = { token: token ?? "", new_password: password };
          session.knownNextBy((await door.post("/v1/password-resets/complete", { body })).device_token);
          checking.endedOthers();
        }}
        done={{ title: "Your password is changed", words: "You are signed out everywhere. Sign in with your new password." }}
        dead={<Dead />}
      />
    </LetterPage>
  );
}

/** The API keeps no link that was used or replaced, so it cannot tell which of these it was. */
function Dead() {
  return (
    <DeadLink title="This link no longer works">
      <p>It has been used, is older than 30 minutes, or you have asked for a newer one.</p>
      <p>
        <Link to={{ page: "forgotten_password" }}>Ask for a new link</Link>
      </p>
    </DeadLink>
  );
}
