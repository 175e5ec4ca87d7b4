/** What surrounds every page: skip link, header, footer. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useRef } from "preact/hooks";
import { useSessionState } from "../services.ts";
import { Header } from "./header.tsx";
import { Link } from "./link.tsx";
import { TimeoutWarning } from "./timeout_warning.tsx";

export function Shell({ children }: { children: ComponentChildren }) {
  const state = useSessionState();
  const main = useRef<HTMLElement>(null);
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
          {children}
        </main>
      </div>
      <Footer leads={account === null || settled} />
      {account !== null && <TimeoutWarning />}
    </>
  );
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
