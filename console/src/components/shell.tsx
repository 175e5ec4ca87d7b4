/** What surrounds every page: skip link, header with the pages one's roles allow, account, footer. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useRef } from "preact/hooks";
import type { Account } from "../api/types.ts";
import { pagesFor, roleInWords, sectionOf } from "../session/roles.ts";
import { useRoute, useServices, useSessionState } from "../services.ts";
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
      <Footer />
      {account !== null && <TimeoutWarning />}
    </>
  );
}

function Header({ account, settled }: { account: Account | null; settled: boolean }) {
  return (
    <header class="nhsuk-header">
      <div class="nhsuk-header__container nhsuk-width-container">
        <div class="nhsuk-header__service tw-brand">
          <Mark />
          <Link to={{ page: "home" }} class="nhsuk-header__service-name">
            Tendwell
          </Link>
        </div>
        {account !== null && <AccountMenu account={account} settled={settled} />}
      </div>
      {account !== null && settled && <Navigation account={account} />}
    </header>
  );
}

/** Tendwell's own mark: a trace that steadies. The NHS logo is for NHS services only. */
function Mark() {
  return (
    <svg class="tw-mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="6" fill="#fff" />
      <path d="M4 18h6l3-9 5 15 3-6h7" fill="none" stroke="#005eb8" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

function AccountMenu({ account, settled }: { account: Account; settled: boolean }) {
  const { attendance, router } = useServices();
  const route = useRoute();
  const signOut = (): void => {
    void attendance.signOut();
    router.go({ page: "sign_in" });
  };
  return (
    <nav class="nhsuk-header__account" aria-label="Account">
      <ul class="nhsuk-header__account-list">
        <li class="nhsuk-header__account-item tw-account">
          <span>
            {account.display_name}
            <span class="tw-account__role">{roleInWords(account)}</span>
          </span>
        </li>
        {settled && (
          <li class="nhsuk-header__account-item">
            <Link
              to={{ page: "account", part: "overview" }}
              class="nhsuk-header__account-link"
              current={route.page === "account" && route.part === "overview"}
            >
              Your account
            </Link>
          </li>
        )}
        <li class="nhsuk-header__account-item">
          <button type="button" class="nhsuk-header__account-button" onClick={signOut}>
            Sign out
          </button>
        </li>
      </ul>
    </nav>
  );
}

function Navigation({ account }: { account: Account }) {
  const route = useRoute();
  const pages = pagesFor(account);
  if (pages.length === 0) return null;
  return (
    <nav class="nhsuk-header__navigation" aria-label="Menu">
      <div class="nhsuk-header__navigation-container nhsuk-width-container">
        <ul class="nhsuk-header__navigation-list">
          {pages.map((page) => (
            <li class="nhsuk-header__navigation-item" key={page.name}>
              <Link to={page.route} class="nhsuk-header__navigation-link" current={sectionOf(route) === page.route.page}>
                {page.name}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}

function Footer() {
  return (
    <footer class="nhsuk-footer tw-footer" role="contentinfo">
      <div class="nhsuk-width-container">
        <p class="nhsuk-body-s">
          Tendwell shows readings as they were sent, in one unit for each sign. Nobody is told when a reading comes in. It does
          not decide care and does not call for help: in an emergency call 999.
        </p>
      </div>
    </footer>
  );
}
