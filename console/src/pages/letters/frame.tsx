/**
 * A page that a letter's link leads to: reads the link's token once more when another link is opened in the same tab, and asks
 * what has become of the link before anybody types, or signs out, for one that is worthless.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { useLoaded } from "../../api/loading.ts";
import { Link } from "../../components/link.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { LoadFailed, Loading } from "../../components/problem.tsx";
import { useServices, useSessionState } from "../../services.ts";

/** The token of the link, or null without one. */
export function useLetterToken(): string | null {
  const { letter } = useServices();
  const [token, setToken] = useState(letter.token());
  useEffect(() => letter.onOpened(() => setToken(letter.token())), [letter]);
  return token;
}

/** What the API says of a link that it refuses: nothing, but that it is not good. */
export type Unknown = "unknown";

/** What the API answers to a link; "unknown" where it refuses it. */
export async function orUnknown<Answer>(asked: Promise<Answer>): Promise<Answer | Unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return "unknown";
    throw error;
  }
}

interface Props {
  title: string;
  /** What the letter was: "invitation". */
  what: string;
  token: string | null;
  /** Asks what has become of the link: what to say of one that is worthless; null for one that can be used. */
  lookUp: (token: string) => Promise<ComponentChildren>;
  children: ComponentChildren;
}

export function LetterPage({ title, what, token, lookUp, children }: Props) {
  if (token === null) return <NoLink title={title} what={what} />;
  return (
    <div class="tw-sign-in">
      <LookedUp key={token} what={what} token={token} lookUp={lookUp}>
        <SignedOut title={title}>{children}</SignedOut>
      </LookedUp>
    </div>
  );
}

function LookedUp({ what, token, lookUp, children }: Omit<Props, "title" | "token"> & { token: string }) {
  const dead = useLoaded("link", () => lookUp(token));
  if (dead.status === "loading") return <Loading what={`your ${what}`} />;
  if (dead.status === "failed") return <LoadFailed what={`Your ${what}`} error={dead.error} retry={dead.retry} />;
  return <>{dead.value ?? children}</>;
}

function SignedOut({ title, children }: Pick<Props, "title" | "children">) {
  const { attendance } = useServices();
  const state = useSessionState();
  if (state.status !== "signed_in") return <>{children}</>;
  return (
    <>
      <PageHeading title={title} />
      <p>
        You are signed in as <strong>{state.account.display_name}</strong>. Sign out first to use the link of this letter, so that
        it is not used for somebody else's account.
      </p>
      <button type="button" class="nhsuk-button" onClick={() => void attendance.signOut()}>
        Sign out and go on
      </button>
    </>
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

/** The link can be used no longer. */
export function DeadLink({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <PageHeading title={title} takesFocus />
      {children}
    </>
  );
}
