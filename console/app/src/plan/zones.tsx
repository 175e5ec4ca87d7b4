/** The zones of a plan: in which one is now, and why; and of each when it holds, what to do then, and whom to turn to. */
import type { ActionPlan } from "../store/things.ts";
import { useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { telOf } from "./contacts.ts";
import { zoneNow, type Contact, type OwnDay, type Zone, type ZoneNow as Now } from "./zone_now.ts";
import { ZoneTag } from "./zone_tag.tsx";
import { criterionInWords, missingInWords, seenInWords } from "./zone_words.ts";

interface NowProps {
  plan: ActionPlan;
  day: OwnDay;
  now: number;
}

/** In which zone of the plan one is now, or that it is not known, and why; what to do then. */
export function ZoneNow({ plan, day, now }: NowProps) {
  const { say } = useWords();
  const found = zoneNow(plan, day, useUnsent(), now);
  const zone = plan.zones.find(({ colour }) => colour === found.colour);
  return (
    <div class={`ta-card ta-zone ta-zone--${found.colour ?? "unknown"}`} data-zone-now={plan.title}>
      <p>
        <ZoneTag colour={found.colour} />
      </p>
      {found.why !== null && (
        <p>
          {say(`zone.why.${found.why}`)} {found.why !== "asking" && <strong>{say("zone.unknown_words")}</strong>}
        </p>
      )}
      {zone !== undefined && <WhatToDo zone={zone} />}
      {found.isPartial && found.colour !== null && <p>{say("zone.partly")}</p>}
      <Why found={found} day={day} now={now} />
    </div>
  );
}

function Why({ found: { colour, reasons, asOf }, day, now }: { found: Now; day: OwnDay; now: number }) {
  const words = useWords();
  const { say } = words;
  const lines =
    colour === null
      ? day.heard === null
        ? []
        : missingInWords(reasons, day.heard.told, words)
      : reasons.map((reason) => [criterionInWords(reason.criterion, words), seenInWords(reason, words, now)].filter((part) => part !== null).join(". "));
  return (
    <>
      {lines.length > 0 && (
        <>
          <p class="ta-zone__why">{say(colour === null ? "zone.missing" : "zone.reasons")}</p>
          <ul class="nhsuk-list nhsuk-list--bullet">
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
      {asOf !== null && <p class="ta-note">{say("zone.as_of", { when: words.lately(asOf, now) })}</p>}
    </>
  );
}

/** Each zone as it stands in the copy: there without a network too. */
export function ZoneTexts({ plan }: { plan: ActionPlan }) {
  return (
    <ul class="ta-cards">
      {plan.zones.map((zone) => (
        <li key={zone.colour} class={`ta-card ta-zone ta-zone--${zone.colour}`}>
          <h4 class="nhsuk-heading-xs">
            <ZoneTag colour={zone.colour} />
          </h4>
          <When zone={zone} />
          <WhatToDo zone={zone} />
        </li>
      ))}
    </ul>
  );
}

function When({ zone }: { zone: Zone }) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      <p class="ta-zone__why">{say(zone.any_of.length > 1 ? "zone.when_any" : "zone.when")}</p>
      <ul class="nhsuk-list nhsuk-list--bullet">
        {zone.any_of.map(({ all_of }, place) => {
          const lines = all_of.map((criterion) => criterionInWords(criterion, words));
          return (
            <li key={place}>
              {lines.length === 1 ? (
                lines[0]
              ) : (
                <>
                  {say("zone.when_all")}
                  <ul>
                    {lines.map((line) => (
                      <li key={line}>{line}</li>
                    ))}
                  </ul>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function WhatToDo({ zone: { instructions, contact } }: { zone: Zone }) {
  const { say } = useWords();
  return (
    <>
      <p>
        <strong>{say("zone.do")}</strong> {instructions}
      </p>
      {contact !== null && <Call contact={contact} />}
    </>
  );
}

/** Whom to turn to, as a link that calls, and when they are there. */
export function Call({ contact: { name, phone, hours } }: { contact: Contact }) {
  const { say } = useWords();
  const tel = phone === null ? null : telOf(phone);
  return (
    <p>
      {tel === null || phone === null ? [name, phone].filter(Boolean).join(": ") : <a href={tel}>{say("crisis.call", { name, number: phone })}</a>}
      {hours !== null && <span class="ta-zone__hours">{hours}</span>}
    </p>
  );
}
