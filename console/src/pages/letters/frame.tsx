/** A page that a letter's link leads to: reads the link's token once more when another link is opened in the same tab. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "../../components/link.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { useServices, useSessionState } from "../../services.ts";

/** The token of the link, or null without one. */
export function useLetterToken(): string | null {
  const { letter } = useServices();
  const [token, setToken] = useState(letter.token());
  useEffect(() => letter.onOpened(() => setToken(letter.token())), [letter]);
  return token;
}

interface Props {
  title: string;
  /** What the letter was: "invitation". */
  what: string;
  token: string | null;
  children: ComponentChildren;
}

export function LetterPage({ title, what, token, children }: Props) {
  const { attendance } = useServices();
  const state = useSessionState();
  if (token === null) return <NoLink title={title} what={what} />;
  if (state.status !== "signed_in") return <div class="tw-sign-in">{children}</div>;
  return (
    <div class="tw-sign-in">
      <PageHeading title={title} />
      <p>
        You are signed in as <strong>{state.account.display_name}</strong>. Sign out first to use the link of this letter, so that
        it is not used for somebody else's account.
      </p>
      <button type="button" class="nhsuk-button" onClick={() => void attendance.signOut()}>
        Sign out and go on
      </button>
    </div>
  );
}

function NoLink({ title, what }: { title: string; what: string }) {
  return (
    <div class="tw-sign-in">
      <PageHeading title={title} />
      <p>This page needs the link of the letter. Open the {what} in your mailbox again and follow its link.</p>
      <p>
        <Link to={{ page: "sign_in" }}>Sign in</Link>
      </p>
    </div>
  );
}

/** The link was used, revoked, or is too old. */
export function DeadLink({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <PageHeading title={title} takesFocus />
      {children}
    </>
  );
}
