/** Which page is shown: signing in at whatever address one came for, then the page of that address. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ConfirmingProvider } from "#console/components/confirming.tsx";
import { PageHeading } from "#console/components/heading.tsx";
import { onReturn } from "#console/live/ticking.ts";
import { CodeSpentPage, KeepCodesPage } from "#console/pages/owed.tsx";
import { useServices, useSessionState } from "#console/services.ts";
import { dayIn, HOME, zoneOf } from "./days/instants.ts";
import { PAGES } from "./pages/table.ts";
import { forgetDrafts } from "./pieces/draft_kept.ts";
import { useNow } from "./pieces/use_now.ts";
import { useWhere } from "./router/context.ts";
import { To } from "./router/to.tsx";
import { useOpened } from "./services.ts";
import { DoorPage } from "./shell/door.tsx";
import { Shell } from "./shell/shell.tsx";
import { useWords } from "./shell/words.ts";
import { StoreProvider, useCopy } from "./store/hooks.ts";
import type { Store } from "./store/store.ts";
import { ZoneProvider } from "./words/use_words.ts";

export function App() {
  const session = useSessionState();
  const opened = useOpened();
  const words = useWords();
  useFocusOnTurn(opened.status);
  const isOut = opened.status === "door" && session.status === "signed_out";
  useEffect(() => {
    if (isOut) forgetDrafts();
  }, [isOut]);
  // A phone of one's own shows what it keeps while nobody could yet be asked whether the session stands.
  const owed = session.status === "signed_in" ? session.owed : null;
  if (owed !== null) {
    return (
      <Shell isOpen={false}>
        <div lang="en-GB">{owed === "recovery_codes" ? <KeepCodesPage /> : <CodeSpentPage />}</div>
      </Shell>
    );
  }
  if (isOut) return <Shell isOpen={false}>{<DoorPage />}</Shell>;
  if (opened.status !== "open") {
    return (
      <Shell isOpen={false}>
        <p class="tw-loading" role="status">
          {words.loading}
        </p>
      </Shell>
    );
  }
  if (session.status === "signed_in" && session.account.patient_id === null) return <Shell isOpen={false}>{<NoRecord />}</Shell>;
  return <OpenRecord key={opened.person.id} store={opened.store} />;
}

function OpenRecord({ store }: { store: Store }) {
  useEffect(() => onReturn(() => void store.syncNow()), [store]);
  return (
    <StoreProvider value={store}>
      <ConfirmingProvider>
        <InOwnZone>
          <Shell isOpen>
            <CurrentPage />
          </Shell>
        </InOwnZone>
      </ConfirmingProvider>
    </StoreProvider>
  );
}

/** Times are those of the zone in which the person's today is reckoned, wherever the phone is. */
function InOwnZone({ children }: { children: ComponentChildren }) {
  const copy = useCopy();
  const now = useNow();
  return <ZoneProvider value={copy === undefined ? HOME : zoneOf(copy, dayIn(copy, now))}>{children}</ZoneProvider>;
}

/** Signing in and out turn the page at one address; not the browser's own first showing. */
function useFocusOnTurn(status: string): void {
  const { router } = useServices();
  const before = useRef(status);
  if (before.current !== status && before.current !== "opening") router.turned();
  before.current = status;
}

function CurrentPage() {
  const { page, rest } = useWhere();
  if (page === "unknown") return <NotFound />;
  const Page = PAGES[page === "sign_in" ? "today" : page];
  return <Page key={page} rest={rest} />;
}

function NotFound() {
  const words = useWords();
  return (
    <>
      <PageHeading title={words.notFound} />
      <p>{words.notFoundMore}</p>
      <p>
        <To page="today">{words.toToday}</To>
      </p>
    </>
  );
}

/** Whoever is no patient: the app is not theirs. */
function NoRecord() {
  const words = useWords();
  const { attendance } = useServices();
  return (
    <>
      <PageHeading title={words.noRecord} />
      <p>
        <a href="/console/">{words.toConsole}</a>
      </p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void attendance.signOut()}>
        {words.signOut}
      </button>
    </>
  );
}
