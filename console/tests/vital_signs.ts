/** Vital signs as the API tells of them, for tests of what is typed. */
import type { VitalSign } from "../src/api/types.ts";

/** A heart rate, or what is said to be else. */
export const sign = (given: Partial<VitalSign>): VitalSign =>
  ({
    key: "heart_rate",
    shape: "quantity",
    units: [{ ucum: "/min", display: "beats/min", kept_as: "/min" }],
    canonical_unit: "/min",
    decimals: 0,
    limits: [{ unit: "/min", hard: { low: 10, high: 300 }, confirm: { low: 30, high: 200 } }],
    answers: [],
    parts: [],
    change_to_confirm: null,
    ...given,
  }) as VitalSign;
