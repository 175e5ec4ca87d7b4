/**
 * The header: whose console this is, the pages that one's roles open, one's account, the way out. On a phone one line of it:
 * the pages and the account wait behind a button, signing out does not.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Account } from "../api/types.ts";
import { pagesFor, roleInWords, sectionOf } from "../session/roles.ts";
import { useRoute, useServices } from "../services.ts";
import { Link } from "./link.tsx";
import { useIsPhone } from "./use_is_phone.ts";

interface Props {
  /** Null when nobody is signed in. */
  account: Account | null;
  /** Nothing is owed: links lead somewhere. */
  settled: boolean;
}

export function Header({ account, settled }: Props) {
  const onPhone = useIsPhone();
  if (account !== null && onPhone) return <PhoneHeader account={account} settled={settled} />;
  return (
    <header class="nhsuk-header">
      <div class="nhsuk-header__container nhsuk-width-container tw-header">
        <Brand />
        {account !== null && <AccountMenu account={account} settled={settled} />}
      </div>
      {account !== null && settled && <Navigation account={account} />}
    </header>
  );
}

function Brand() {
  return (
    <div class="nhsuk-header__service tw-brand">
      <Mark />
      <Link to={{ page: "home" }} class="nhsuk-header__service-name">
        Tendwell
      </Link>
    </div>
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

const MENU = "phone-menu";

/**
 * Closed by Escape, with the focus back on its button, and by following one of its links. What the button opens comes next
 * for whoever tabs or listens, though it is drawn below the line.
 */
function PhoneHeader({ account, settled }: { account: Account; settled: boolean }) {
  const { router } = useServices();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  useEffect(() => router.subscribe(() => setOpen(false)), [router]);
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !open) return;
    setOpen(false);
    toggle.current?.focus();
  };
  return (
    <header class="nhsuk-header tw-header--phone" onKeyDown={leave}>
      <Brand />
      {settled && (
        <>
          <button
            type="button"
            class="nhsuk-header__navigation-link nhsuk-header__menu-toggle tw-header__deed"
            aria-expanded={open}
            aria-controls={MENU}
            ref={toggle}
            onClick={() => setOpen(!open)}
          >
            Menu
          </button>
          <div class="tw-menu" id={MENU} hidden={!open}>
            <PhoneMenu account={account} />
          </div>
        </>
      )}
      <SignOut class="nhsuk-header__navigation-link tw-header__deed tw-header__out" />
    </header>
  );
}

function PhoneMenu({ account }: { account: Account }) {
  const route = useRoute();
  return (
    <div class="nhsuk-width-container">
      <p class="tw-menu__who">
        Signed in as <strong>{account.display_name}</strong>
        <span class="tw-account__role">{roleInWords(account)}</span>
      </p>
      <nav aria-label="Menu">
        <ul class="tw-menu__pages">
          {pagesFor(account).map((page) => (
            <li key={page.name}>
              <Link to={page.route} class="nhsuk-header__navigation-link" current={sectionOf(route) === page.route.page}>
                {page.name}
              </Link>
            </li>
          ))}
          <li>
            <AccountLink class="nhsuk-header__navigation-link" />
          </li>
        </ul>
      </nav>
    </div>
  );
}

function AccountLink({ class: className }: { class: string }) {
  const route = useRoute();
  return (
    <Link to={{ page: "account", part: "overview" }} class={className} current={route.page === "account" && route.part === "overview"}>
      Your account
    </Link>
  );
}

function SignOut({ class: className }: { class: string }) {
  const { attendance, router } = useServices();
  const signOut = (): void => {
    void attendance.signOut();
    router.go({ page: "sign_in" });
  };
  return (
    <button type="button" class={className} onClick={signOut}>
      Sign out
    </button>
  );
}

function AccountMenu({ account, settled }: { account: Account; settled: boolean }) {
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
            <AccountLink class="nhsuk-header__account-link" />
          </li>
        )}
        <li class="nhsuk-header__account-item">
          <SignOut class="nhsuk-header__account-button" />
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
