/** A goal's target, standing and progress in words. Says what the readings show; judges nothing the API has not judged. */
import type { Progress, Target } from "../api/types.ts";
import { average, number, signWords, unitInWords } from "./signs.ts";
import { calendarDate } from "./times.ts";

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

/** "9 of 12 readings were within the target." */
export function shareInWords(progress: Progress): string | null {
  if (progress.data !== "enough" || progress.judged === 0) return null;
  return `${progress.within} of ${progress.judged} recent readings were within the target.`;
}
