/** What pages are made of: panels, what was just done, whom to call, and what must be said where a part cannot work. */
import type { ComponentChildren } from "preact";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { useKept, useNetwork } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

interface PanelProps {
  title: string;
  children: ComponentChildren;
  class?: string;
}

/** A part of a page under its own heading. */
export function Part({ title, children, class: extra = "" }: PanelProps) {
  return (
    <section class={`ta-part ${extra}`} aria-label={title}>
      <h2 class="nhsuk-heading-m">{title}</h2>
      {children}
    </section>
  );
}

/** What was just done: takes the focus, so that it is read aloud where the button was. */
export function DonePanel({ title, children }: PanelProps) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-notification-banner nhsuk-notification-banner--success" role="region" aria-labelledby="done">
      <div class="nhsuk-notification-banner__header">
        <h2 class="nhsuk-notification-banner__title" id="done" tabIndex={-1} ref={heading}>
          {title}
        </h2>
      </div>
      <div class="nhsuk-notification-banner__content">{children}</div>
    </div>
  );
}

/** Where what was just done is: in the record, or on this phone while anything waits to be sent. */
export function KeptWhere() {
  const { say } = useWords();
  return <p>{say(useKept().unsent.length > 0 ? "common.kept" : "common.recorded")}</p>;
}

/** Said in one line, politely. */
export function Told({ words }: { words: string | null }) {
  return (
    <p class={words === null ? "nhsuk-u-visually-hidden" : "ta-told"} role="status">
      {words}
    </p>
  );
}

/** Nobody watches the app: where to turn instead. */
export function WhereToTurn() {
  const { say } = useWords();
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">{say("help.title")}</span>
      </summary>
      <div class="nhsuk-details__text">
        <p>{say("help.nobody")}</p>
        <p>{say("help.emergency")}</p>
        <p class="ta-calls">
          <a class="nhsuk-button nhsuk-button--warning" href="tel:999">
            {say("help.call_999")}
          </a>
          <a class="nhsuk-button nhsuk-button--secondary" href="tel:111">
            {say("help.call_111")}
          </a>
        </p>
      </div>
    </details>
  );
}

/** A part that only the API can show: without a network it says so, and is there again when there is one. */
export function OnlineOnly({ children }: { children: ComponentChildren }) {
  const { say } = useWords();
  const { online } = useNetwork();
  if (!online) return <p class="ta-told">{say("common.needs_network")}</p>;
  return <>{children}</>;
}

/** A part that is in English whatever the app speaks: said, and marked for whoever reads it aloud. */
export function EnglishPart({ children }: { children: ComponentChildren }) {
  const { lang, say } = useWords();
  return (
    <>
      {lang !== "en" && <p class="nhsuk-inset-text">{say("common.in_english")}</p>}
      <div lang="en">{children}</div>
    </>
  );
}

/** That something waits on this phone. */
export function NotSent() {
  const { say } = useWords();
  return <strong class="nhsuk-tag nhsuk-tag--white">{say("common.not_sent")}</strong>;
}
