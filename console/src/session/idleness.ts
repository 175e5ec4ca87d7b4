/**
 * When a session that nobody uses, or that has lasted long enough, is over: NHS login's session rules, with the lengths that
 * the API tells. Pure: knows no timer and no page. Time that has passed is the longer of two clocks' answers, so that a
 * machine that slept, or whose clock was set back, does not keep a session alive.
 */
import { elapsed, type Clocks } from "../live/clocks.ts";
import type { Limits } from "./session.ts";

/** How long before the end the reader is warned. */
export const WARNED_MS = 2 * 60_000;

/** One session's use. What counts is what the API counts: a request somebody caused, and an open live connection. */
export interface Use {
  readonly usedAt: Clocks;
  /** When the limits were told; the life that was left then. */
  readonly toldAt: Clocks;
  readonly limits: Limits;
}

export type Why = "idle" | "too_long";
export type Standing = { is: "in_use" } | { is: "ending"; why: Why; leftMs: number } | { is: "over"; why: Why };

export function begun(limits: Limits, now: Clocks): Use {
  return { usedAt: now, toldAt: now, limits };
}

/** The same session with what the API told at a renewal. Its life only ever gets shorter, whatever is told. */
export function told(use: Use, limits: Limits, now: Clocks): Use {
  return { ...use, toldAt: now, limits: { ...limits, lifeMs: Math.min(limits.lifeMs, lifeLeft(use, now)) } };
}

export function usedNow(use: Use, now: Clocks): Use {
  return { ...use, usedAt: now };
}

export function standing(use: Use, now: Clocks): Standing {
  const life = { why: "too_long" as const, leftMs: lifeLeft(use, now) };
  const idleMs = use.limits.idleMs;
  const idle = { why: "idle" as const, leftMs: idleMs === null ? Infinity : idleMs - elapsed(use.usedAt, now) };
  const next = idle.leftMs < life.leftMs ? idle : life;
  if (next.leftMs <= 0) return { is: "over", why: next.why };
  return next.leftMs <= WARNED_MS ? { is: "ending", ...next } : { is: "in_use" };
}

function lifeLeft(use: Use, now: Clocks): number {
  return use.limits.lifeMs - elapsed(use.toldAt, now);
}

const STEPS = [
  { upToMs: 10_000, words: "10 seconds" },
  { upToMs: 30_000, words: "30 seconds" },
  { upToMs: 60_000, words: "1 minute" },
] as const;

/** What is left, in few steps: an announcement at each second would drown everything else. */
export function leftInWords(leftMs: number): string {
  return STEPS.find(({ upToMs }) => leftMs <= upToMs)?.words ?? "2 minutes";
}
