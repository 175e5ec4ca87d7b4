/** A goal's target, standing and progress in words. Says what the readings show; judges nothing the API has not judged. */
import type { Progress, Target } from "../api/types.ts";
import { average, number, signWords, unitInWords } from "./signs.ts";
import { calendarDate, dayInWords } from "./times.ts";

const SIDES: Record<string, string> = { "<": "below", "<=": "at or below", ">": "above", ">=": "at or above" };

/** "Blood pressure (systolic) below 135 mmHg by 1 June 2026". */
export function targetInWords(target: Target): string {
  const part = target.part === null ? "" : ` (${target.part})`;
  const side = SIDES[target.comparator] ?? target.comparator;
  return `${signWords(target.sign).name}${part} ${side} ${measured(target, target.value)} by ${calendarDate(target.due_on)}`;
}

/** A number in the target's unit: "135 mmHg". */
export function measured(target: Target, value: number): string {
  return `${number(target.sign, value)} ${unitInWords(target.sign, target.unit)}`.trim();
}

/** A mean in the target's unit, with one decimal more than a reading has: "133.3 mmHg". */
export function averaged(target: Target, mean: number): string {
  return `${average(target.sign, mean)} ${unitInWords(target.sign, target.unit)}`.trim();
}

const LIFECYCLE: Record<string, string> = {
  proposed: "Proposed",
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
  "not-attainable": "Cannot be achieved",
};

export function lifecycleInWords(status: string): string {
  return LIFECYCLE[status] ?? status;
}

export function achievementInWords(status: string): string {
  return ACHIEVEMENT[status] ?? status;
}

/** Why there is no percentage, when there is none; null when the readings can carry one. */
export function whyNoFigure(progress: Progress): string | null {
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
  const { within, judged, complete, baseline, as_of } = progress;
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

/** What the readings suggest of the goal, or why they suggest nothing. Never a status: a person decides that. */
export function suggestionInWords(progress: Progress): string | null {
  const why = whyNoFigure(progress);
  if (why !== null) return `Not enough data: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
  return progress.suggestion === null ? null : (SUGGESTIONS[progress.suggestion] ?? achievementInWords(progress.suggestion));
}
