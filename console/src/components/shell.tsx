/** What surrounds every page: skip link, header, footer. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useServices, useSessionState } from "../services.ts";
import { Header } from "./header.tsx";
import { Link } from "./link.tsx";
import { TimeoutWarning } from "./timeout_warning.tsx";

export function Shell({ children }: { children: ComponentChildren }) {
  const state = useSessionState();
  const main = useRef<HTMLElement>(null);
  const covered = useCovered();
  const account = state.status === "signed_in" ? state.account : null;
  // What is owed comes first: until then no link leads anywhere.
  const settled = state.status === "signed_in" && state.owed === null;
  const skip = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a class="nhsuk-skip-link" href="#main" onClick={skip}>
        Skip to main content
      </a>
      <Header account={account} settled={settled} />
      <div class="nhsuk-width-container">
        <main class="nhsuk-main-wrapper tw-main" id="main" tabIndex={-1} ref={main}>
          {covered && (
            <p class="tw-loading" role="status">
              Checking that you are still signed in…
            </p>
          )}
          <div hidden={covered}>{children}</div>
        </main>
      </div>
      <Footer leads={account === null || settled} />
      {account !== null && <TimeoutWarning />}
    </>
  );
}

/** Hidden, not taken away: what was typed is there again once it is known that the session stands. */
function useCovered(): boolean {
  const { checking } = useServices();
  const [covered, setCovered] = useState(checking.covered);
  useEffect(() => {
    setCovered(checking.covered);
    return checking.subscribe(() => setCovered(checking.covered));
  }, [checking]);
  return covered;
}

/** Links lead nowhere as long as something is owed. */
function Footer({ leads }: { leads: boolean }) {
  return (
    <footer class="nhsuk-footer tw-footer" role="contentinfo">
      <div class="nhsuk-width-container">
        <p class="nhsuk-body-s">
          Tendwell shows readings as they were sent, in one unit for each sign. Nobody is told when a reading comes in. It does
          not decide care and does not call for help: in an emergency call 999.
        </p>
        {leads && (
          <p class="nhsuk-body-s">
            <Link to={{ page: "privacy" }}>How your data are used</Link>
          </p>
        )}
      </div>
    </footer>
  );
}
