/** A goal's target, standing and progress in words. Says what the readings show; judges nothing the API has not judged. */
import type { Progress, Tally, Target } from "../api/types.ts";
import { average, number, signWords, unitInWords } from "./signs.ts";
import { calendarDate, dayInWords } from "./times.ts";

/** Of the days or weeks before this one, as many as stand in a line. */
const MOST_PERIODS = 7;
const SIDES: Record<string, string> = { "<": "below", "<=": "at or below", ">": "above", ">=": "at or above" };

const TIMES: Record<string, string> = { "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least" };
const PER: Record<string, string> = { "/d": " a day", "/wk": " a week", "1": " in all" };

/** "Blood pressure (systolic) below 135 mmHg by 1 June 2026", or "Done at least 3 times a week by 1 June 2026". */
export function targetInWords(target: Target): string {
  const by = `by ${calendarDate(target.due_on)}`;
  if (target.sign === null) {
    const times = target.value === 1 ? "once" : `${target.value} times`;
    return `Done ${TIMES[target.comparator] ?? target.comparator} ${times}${PER[target.unit] ?? ""} ${by}`;
  }
  const part = target.part === null ? "" : ` (${target.part})`;
  const side = SIDES[target.comparator] ?? target.comparator;
  return `${signWords(target.sign).name}${part} ${side} ${measured(target, target.value)} ${by}`;
}

/** A number in the target's unit: "135 mmHg". */
export function measured(target: Target, value: number): string {
  if (target.sign === null) return String(value);
  return `${number(target.sign, value)} ${unitInWords(target.sign, target.unit)}`.trim();
}

/** A mean in the target's unit, with one decimal more than a reading has: "133.3 mmHg". */
export function averaged(target: Target, mean: number): string {
  if (target.sign === null) return String(mean);
  return `${average(target.sign, mean)} ${unitInWords(target.sign, target.unit)}`.trim();
}

/** "This week so far: 1. The weeks before: 3, 3, 2." Null where all is counted together. */
export function periodsInWords(target: Target, tally: Tally): string | null {
  const now = tally.periods.at(-1);
  if (now === undefined) return null;
  const before = tally.periods.slice(0, -1).slice(-MOST_PERIODS).map(({ done }) => done);
  const [period, periods] = target.unit === "/d" ? ["Today", "days"] : ["This week", "weeks"];
  return `${period} so far: ${now.done}.${before.length === 0 ? "" : ` The ${periods} before: ${before.join(", ")}.`}`;
}

const LIFECYCLE: Record<string, string> = {
  proposed: "Proposed",
  planned: "Planned, not accepted yet",
  accepted: "Accepted",
  active: "Active",
  "on-hold": "On hold",
  completed: "Completed",
  cancelled: "Cancelled",
  rejected: "Declined",
  "entered-in-error": "Entered in error",
};

const ACHIEVEMENT: Record<string, string> = {
  "in-progress": "In progress",
  improving: "Improving",
  worsening: "Worsening",
  "no-change": "No change",
  achieved: "Achieved",
  sustaining: "Achieved and kept",
  "not-achieved": "Not achieved",
  "no-progress": "No progress",
  "not-attainable": "Cannot be achieved",
};

export function lifecycleInWords(status: string): string {
  return LIFECYCLE[status] ?? status;
}

export function achievementInWords(status: string): string {
  return ACHIEVEMENT[status] ?? status;
}

const WHY_NO_COUNT = {
  none: "Nothing was noted since the goal began.",
  not_enough: "Too little time has passed yet to say how it goes.",
  stale: "What was noted last is too long ago to say how it goes.",
};

/** Why there is no percentage, when there is none; null when the readings can carry one. */
export function whyNoFigure(progress: Progress): string | null {
  if (progress.tally !== null) return progress.data === "enough" ? null : WHY_NO_COUNT[progress.data];
  switch (progress.data) {
    case "none":
      return "No readings since the goal began.";
    case "not_enough":
      return "Too few readings yet to say how it goes.";
    case "stale":
      return "The latest reading is too old to say how it goes.";
    case "enough":
      // Without a percentage (the target was met from the start, say) the averages and the share speak for themselves.
      return null;
  }
}

/** "67 of 119 readings since 23 September were within the target."; of the newest ones only, when there are more than were looked at. */
export function shareInWords(progress: Progress): string | null {
  if (progress.data !== "enough" || progress.judged === 0) return null;
  const { within, judged, complete, baseline, as_of, tally } = progress;
  if (tally !== null) return `${within} of the ${complete ? "" : "latest "}${judged} ${wholePeriods(tally)} were within the target.`;
  if (!complete) return `${within} of the latest ${judged} readings were within the target.`;
  const since = baseline === null ? "" : ` since ${dayInWords(baseline.from_at, as_of)}`;
  return `${within} of ${judged} readings${since} were within the target.`;
}

const SUGGESTIONS: Record<string, string> = {
  improving: "Improving: the readings are moving towards the target.",
  worsening: "Worsening: the readings are moving away from the target.",
  "no-change": "No change: the readings stay about where they were at the start.",
  achieved: "The readings of the last 7 days meet the target.",
  sustaining: "The readings still meet the target.",
  "not-achieved": "The day of the target is over, and the readings do not meet it.",
};

/** "whole weeks": over how long each period goes. */
function wholePeriods({ periods }: Tally): string {
  return periods.some(({ from_on, until_on }) => from_on !== until_on) ? "whole weeks" : "whole days";
}

const COUNT_SUGGESTIONS: Record<string, string> = {
  "in-progress": "Under way.",
  improving: "Improving: more was done lately as the target wants it.",
  worsening: "Worsening: what was done lately is further from the target.",
  "no-change": "No change: about as often as before.",
  achieved: "What was done meets the target.",
  sustaining: "What was done still meets the target.",
  "not-achieved": "The day of the target is over, or it was gone beyond, and the target is not met.",
};

/** What the readings suggest of the goal, or why they suggest nothing. Never a status: a person decides that. */
export function suggestionInWords(progress: Progress): string | null {
  const why = whyNoFigure(progress);
  if (why !== null) return `Not enough data: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
  if (progress.suggestion === null) return null;
  if (progress.tally !== null) return COUNT_SUGGESTIONS[progress.suggestion] ?? achievementInWords(progress.suggestion);
  return SUGGESTIONS[progress.suggestion] ?? achievementInWords(progress.suggestion);
}
