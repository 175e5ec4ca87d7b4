/**
 * What is said of a reading that was put right or taken back: by whom, when, why, and what it said before. Pure.
 * Names of staff are no part of a reading: who it was is told as far as the record tells it, by account and capacity.
 */
import type { Observation } from "../api/types.ts";
import { capital } from "../format/sharing.ts";
import { unitInWords, valueInWords } from "../format/signs.ts";
import { dateAndTime } from "../format/times.ts";

/** Who looks, and who the person themself is to them: "You", "The patient" or a name. */
export interface Seen {
  readonly reader: string;
  readonly self: string;
}

type Ended = Pick<Observation, "status" | "recorded_by" | "recorded_as" | "amended_by" | "amended_at" | "amendment_reason">;

/** The capacity in which a reading was recorded. */
const RECORDERS: Record<string, string> = { practice: "The practice", care_team: "Care team", care_home: "Care home", delegate: "Somebody acting for the person" };

/** `named`: whoever acts for the person, by account, as far as the reader may know them. */
export function recorderInWords({ recorded_as: capacity, recorded_by: account }: Pick<Observation, "recorded_as" | "recorded_by">, { reader, self }: Seen, named: ReadonlyMap<string, string>): string {
  if (capacity === "self") return self;
  const name = account === reader ? "you" : named.get(account);
  if (capacity === "delegate" && name !== undefined) return `${capital(name)}, acting for ${self === "You" ? "you" : "them"}`;
  return RECORDERS[capacity] ?? capacity;
}

/** "72 beats/min". */
export function valueWithUnit(observation: Parameters<typeof valueInWords>[0] & Pick<Observation, "unit">): string {
  return `${valueInWords(observation)} ${unitInWords(observation.sign, observation.unit)}`.trim();
}

/** "Entered in error by you, 3 Mar 2026, 10:12: Wrong person"; null for a reading that stands. */
export function endInWords(observation: Ended, seen: Seen): string | null {
  const { status, amended_at: at, amendment_reason: why } = observation;
  const what = status === "entered-in-error" ? "Entered in error" : status === "superseded" ? "Corrected since" : null;
  if (what === null) return null;
  // Told by a live event of what took its place only, and of nothing else: the list says it once it is loaded again.
  if (at === null) return what;
  return `${what} by ${whoEnded(observation, seen)}, ${dateAndTime(at)}${why === null ? "" : `: ${why}`}`;
}

/** Only staff put right or take back what somebody else has recorded. */
function whoEnded({ recorded_by, recorded_as, amended_by }: Ended, { reader, self }: Seen): string {
  if (amended_by === reader) return "you";
  if (amended_by !== recorded_by) return "a member of staff";
  if (recorded_as === "self") return self === "The patient" ? "the patient" : self;
  return recorded_as === "delegate" ? "the person acting for them who recorded it" : "the member of staff who recorded it";
}

/**
 * "Correction of an earlier reading, made 3 Mar 2026, 10:12: Typed wrongly. It said 720 beats/min"; null for a first version.
 * `before` is what it took the place of, where the list has it.
 */
export function correctionInWords({ supersedes, received_at, reason, status }: Observation, before: Observation | undefined): string | null {
  if (supersedes === null) return null;
  // Of one that was entered in error, the reason is why it was taken back.
  const why = reason === null || status === "entered-in-error" ? "" : `: ${reason}`;
  const said = before === undefined ? "" : `. The earlier one said ${valueWithUnit(before)}`;
  return `Correction of an earlier reading, made ${dateAndTime(received_at)}${why}${said}`;
}
