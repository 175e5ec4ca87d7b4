/** What can be chosen on this phone: language, whether the record is kept here, the home screen; who is signed in. */
import type { ComponentChildren } from "preact";
import { PageHeading } from "#console/components/heading.tsx";
import type { PageProps } from "../pages/page.ts";
import { RemindersPage } from "../reminders/reminders_page.tsx";
import { RestsPage } from "../rests/rests_page.tsx";
import { To } from "../router/to.tsx";
import { useOpened } from "../services.ts";
import { useCopy } from "../store/hooks.ts";
import { choose, useLanguage, type Language } from "../words/language.ts";
import { InstallHint } from "./install.tsx";
import { SignOut } from "./signing_out.tsx";
import { useWords as usePageWords } from "../words/use_words.ts";
import { useWords } from "./words.ts";

/** The build names this file by a digest of what is in it. */
const EDITION = /index-([\w-]+)\.js$/.exec(import.meta.url)?.[1] ?? "–";

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["en", "English"],
  ["cy", "Cymraeg"],
];

/** The parts of settings that have addresses of their own. */
const REMINDERS = "reminders";
const RESTS = "rests";

export function SettingsPage({ rest: [part] }: PageProps) {
  if (part === REMINDERS) return <RemindersPage />;
  return part === RESTS ? <RestsPage /> : <AllSettings />;
}

function AllSettings() {
  const words = useWords();
  const { say } = usePageWords();
  return (
    <>
      <PageHeading title={words.settings} />
      <LanguageChoice />
      <PartLink part={REMINDERS} title={say("reminders.title")}>
        {say("reminders.settings")}
      </PartLink>
      <PartLink part={RESTS} title={say("rests.title")}>
        {say("rests.settings")}
      </PartLink>
      <Kept />
      <InstallHint />
      <Facts />
      <SignOut name={words.signOut} />
    </>
  );
}

function PartLink({ part, title, children }: { part: string; title: string; children: ComponentChildren }) {
  return (
    <section class="ta-setting">
      <h2 class="nhsuk-heading-s">{title}</h2>
      <p>
        <To page="settings" rest={[part]}>
          {children}
        </To>
      </p>
    </section>
  );
}

function LanguageChoice() {
  const words = useWords();
  const chosen = useLanguage();
  return (
    <fieldset class="nhsuk-fieldset ta-setting">
      <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{words.language}</legend>
      <div class="nhsuk-radios nhsuk-radios--inline">
        {LANGUAGES.map(([language, name]) => (
          <div class="nhsuk-radios__item" key={language}>
            <input
              class="nhsuk-radios__input"
              id={`language-${language}`}
              name="language"
              type="radio"
              checked={language === chosen}
              onChange={() => choose(language)}
            />
            <label class="nhsuk-label nhsuk-radios__label" for={`language-${language}`} lang={language}>
              {name}
            </label>
          </div>
        ))}
      </div>
    </fieldset>
  );
}

function Kept() {
  const words = useWords();
  const opened = useOpened();
  const isHeld = opened.status === "open" && opened.isHeld;
  return (
    <section class="ta-setting">
      <h2 class="nhsuk-heading-s">{words.keptHere}</h2>
      <p>{isHeld ? words.keptYes : words.keptNo}</p>
      {isHeld ? <SignOut name={words.forgetIt} /> : <SignOut name={words.keepIt} isOwnNext />}
    </section>
  );
}

function Facts() {
  const words = useWords();
  const opened = useOpened();
  const copy = useCopy();
  return (
    <>
      <dl class="nhsuk-summary-list">
        <Row name={words.who} value={opened.status === "open" ? opened.person.display_name : "–"} />
        <Row name={words.timeZone} value={copy?.timeZone ?? "–"} />
        <Row name={words.version} value={EDITION} />
      </dl>
      <p class="nhsuk-hint">{words.textSize}</p>
    </>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key">{name}</dt>
      <dd class="nhsuk-summary-list__value">{value}</dd>
    </div>
  );
}
