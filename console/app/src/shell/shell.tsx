/** What surrounds every page: the header, how old the record is, the page, the tabs at the foot. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useRef } from "preact/hooks";
import { TAB_OF, TABS, type Tab } from "../pages/table.ts";
import { UntoldNotice } from "../questions/crisis.tsx";
import { useWhere } from "../router/context.ts";
import { To } from "../router/to.tsx";
import { choose, useLanguage } from "../words/language.ts";
import { Bar } from "./bar.tsx";
import { EditionNotice, SafetyNotice } from "./notices.tsx";
import { TabIcon } from "./tab_icon.tsx";
import { useWords } from "./words.ts";

interface Props {
  children: ComponentChildren;
  /** Whether somebody's record is open: without one there are no tabs. */
  isOpen: boolean;
}

export function Shell({ children, isOpen }: Props) {
  const words = useWords();
  const main = useRef<HTMLElement>(null);
  const skip = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a class="nhsuk-skip-link" href="#main" onClick={skip}>
        {words.skip}
      </a>
      <Header />
      {isOpen && <Bar />}
      <div class="nhsuk-width-container">
        <main class="nhsuk-main-wrapper tw-main ta-main" id="main" tabIndex={-1} ref={main}>
          {isOpen && <UntoldNotice />}
          {isOpen && <SafetyNotice />}
          <EditionNotice />
          {children}
        </main>
      </div>
      {isOpen && <Tabs />}
    </>
  );
}

function Header() {
  const other = useLanguage() === "en" ? "cy" : "en";
  const words = useWords();
  return (
    <header class="nhsuk-header ta-header">
      <div class="nhsuk-width-container ta-header__line">
        <To page="today" class="ta-brand">
          <svg class="tw-mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="6" fill="#fff" />
            <path d="M4 18h6l3-9 5 15 3-6h7" fill="none" stroke="#005eb8" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
          </svg>
          Tendwell
        </To>
        <button type="button" class="ta-header__language" lang={other} onClick={() => choose(other)}>
          {words.otherLanguage}
        </button>
      </div>
    </header>
  );
}

function Tabs() {
  const words = useWords();
  const { page } = useWhere();
  const current: Tab | null = page === "unknown" ? null : TAB_OF[page];
  return (
    <nav class="ta-tabs" aria-label={words.tabs}>
      <ul class="ta-tabs__list">
        {TABS.map((tab) => (
          <li key={tab}>
            <To page={tab} class="ta-tab" current={tab === current}>
              <TabIcon tab={tab} />
              {words[tab]}
            </To>
          </li>
        ))}
      </ul>
    </nav>
  );
}
