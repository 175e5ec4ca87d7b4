/**
 * The words of the live protocol (docs/live-protocol.md), as the console says and hears them.
 * Knows nothing of sockets or of the page. What it cannot read it refuses, and the machine then reconnects.
 */
import type { Latest, Observation } from "../api/types.ts";

export const SUBPROTOCOL = "tendwell.v1";

export interface Cursor {
  epoch: string;
  number: number;
}

export type Watch = { patients: string[] } | { list: "mine" };

export interface Welcome {
  type: "welcome";
  epoch: string;
  number: number;
  server_time: string;
  heartbeat_seconds: number;
  patients: string[];
  resumed: boolean;
}

export interface Snapshot {
  type: "snapshot";
  patient_id: string;
  number: number;
  latest: Latest[];
}

export interface Resync {
  type: "resync";
  reason: string;
}

export interface LiveEvent {
  type: "event";
  number: number;
  previous: number;
  kind: string;
  patient_id: string | null;
  at: string;
  server_time: string;
  observations: (Observation & { age_seconds: number })[];
  subject_ids: string[];
}

export interface Heartbeat {
  type: "heartbeat";
  server_time: string;
  number: number;
  last: number;
}

export interface Unwatched {
  type: "unwatched";
  patient_id: string;
  reason: string;
}

/** The answer to a ping; comes after everything the server had to tell before it. */
export interface Pong {
  type: "pong";
  server_time: string;
}

export type Heard = Pong | Welcome | Snapshot | Resync | LiveEvent | Heartbeat | Unwatched | { type: "other" };

export type Said =
  | { type: "hello"; ticket: string; watch: Watch; cursor: Cursor | null }
  | { type: "watch"; patients: string[] }
  | { type: "ping" };

const KNOWN = new Set(["welcome", "snapshot", "resync", "event", "heartbeat", "unwatched", "pong"]);

/** The message in one frame; null when it is not an object with a type. Unknown types are "other": a newer server is no fault. */
export function heard(frame: unknown): Heard | null {
  if (typeof frame !== "string") return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("type" in parsed)) return null;
  const type = (parsed as { type: unknown }).type;
  if (typeof type !== "string") return null;
  return KNOWN.has(type) ? (parsed as Heard) : { type: "other" };
}

export const CLOSE = {
  ours: 1000,
  restarting: 1012,
  badMessage: 4400,
  notAuthenticated: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  tooMany: 4429,
} as const;
