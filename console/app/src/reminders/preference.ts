/** What somebody chooses to be told of, as the form holds it and as the API takes it. Pure. */
import type { NoticeChannel, NoticePreference, NoticePreferenceBody } from "#console/api/types.ts";

export interface Choice {
  readonly chosen: NoticePreference["chosen"];
  readonly isQuiet: boolean;
  readonly from: string;
  readonly until: string;
  readonly language: NoticePreference["language"];
}

/** Offered to whoever turns quiet hours on; until then they have none. */
const NIGHT = { from: "21:00", until: "08:00" } as const;

/** `language`: of the app, for whoever has chosen nothing yet. */
export function choiceOf(told: NoticePreference, language: Choice["language"]): Choice {
  const isNew = told.chosen.every(({ channels }) => channels.length === 0) && told.quiet_from === null;
  return {
    chosen: told.chosen,
    isQuiet: told.quiet_from !== null,
    from: told.quiet_from ?? NIGHT.from,
    until: told.quiet_until ?? NIGHT.until,
    language: isNew ? language : told.language,
  };
}

/** The choice with other ways of one kind. Ways that are not offered here (now) are left as they were. */
export function withWays(choice: Choice, kind: Choice["chosen"][number]["kind"], offered: readonly NoticeChannel[], ways: readonly string[]): Choice {
  const changed = (before: readonly NoticeChannel[]): NoticeChannel[] => [
    ...before.filter((way) => !offered.includes(way)),
    ...offered.filter((way) => ways.includes(way)),
  ];
  return { ...choice, chosen: choice.chosen.map((one) => (one.kind === kind ? { kind, channels: changed(one.channels) } : one)) };
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The body to send; null where the hours are none. */
export function bodyOf(choice: Choice): NoticePreferenceBody | null {
  const { chosen, isQuiet, from, until, language } = choice;
  if (isQuiet && (!CLOCK.test(from) || !CLOCK.test(until) || from === until)) return null;
  return { chosen, quiet_from: isQuiet ? from : null, quiet_until: isQuiet ? until : null, language };
}

/** The ways that were chosen though there is nowhere yet to send by them. */
export function nowhereBy(choice: Choice, confirmed: readonly NoticeChannel[], offered: readonly NoticeChannel[]): NoticeChannel[] {
  return offered.filter((way) => !confirmed.includes(way) && choice.chosen.some(({ channels }) => channels.includes(way)));
}
