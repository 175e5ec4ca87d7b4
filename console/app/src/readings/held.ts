/** The readings of the copy and those that were kept on this phone since, as one list. Pure. */
import type { Observation, Unsent } from "../store/things.ts";
import type { Shown } from "./show.ts";

export interface HeldReading extends Shown {
  readonly id: string;
  /** Under which its sender knows it. */
  readonly clientId: string;
  readonly at: string;
  /** Null for one that is not sent yet. */
  readonly stands: Observation | null;
}

const STANDING: ReadonlySet<string> = new Set(["final", "corrected"]);

/** Every reading that counts, the newest first. One that was sent and told back is the record's alone. */
export function heldReadings(observations: ReadonlyMap<string, Observation>, unsent: readonly Unsent[]): HeldReading[] {
  const standing = [...observations.values()].filter(({ status }) => STANDING.has(status));
  const known = new Set(standing.map(({ client_id }) => client_id));
  const told = standing.map((stands) => ({ ...stands, clientId: stands.client_id, at: stands.effective_at, stands }));
  const waiting = unsent.flatMap((one): HeldReading[] =>
    one.kind === "reading" && one.state !== "refused" && !known.has(one.body.client_id)
      ? [{ ...one.body, id: one.item, clientId: one.body.client_id, at: one.body.effective_at, stands: null }]
      : [],
  );
  return [...told, ...waiting].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** The newest reading of each sign. */
export function newestOfEach(readings: readonly HeldReading[]): Map<string, HeldReading> {
  const found = new Map<string, HeldReading>();
  for (const reading of readings) if (!found.has(reading.sign)) found.set(reading.sign, reading);
  return found;
}
