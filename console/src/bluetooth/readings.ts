/** A device's measurement as the readings that the API takes: in a unit that it takes, or a reason why there are none. Pure. */
import type { Reading } from "../api/types.ts";
import { decoded, refuse, type Result } from "./bytes.ts";
import type { BloodPressure, Glucose, HeartRate, Measurement, Oximetry, Temperature, Weight } from "./characteristics.ts";
import { numberOf, required, type Figure } from "./figures.ts";

/** A reading that has no id yet: whoever sends it gives it one. */
export type DeviceReading = Omit<Reading, "client_id" | "confirmed"> & { readonly source: string };

interface Circumstances {
  /** RFC 3339, with an offset. */
  readonly at: string;
  /** The device, as the API names sources. */
  readonly source: string;
}

const NOTHING = new DataView(new ArrayBuffer(0));

/** The readings of a measurement: one or two, or why none. A pulse that is missing takes no blood pressure with it. */
export function readingsOf(measurement: Measurement, circumstances: Circumstances): Result<DeviceReading[]> {
  return decoded(NOTHING, () => readings(measurement).map((reading) => ({ ...reading, effective_at: circumstances.at, source: circumstances.source })));
}

type Bare = Omit<DeviceReading, "effective_at" | "source">;

function readings(measurement: Measurement): Bare[] {
  switch (measurement.kind) {
    case "blood_pressure":
      return ofPressure(measurement);
    case "oximetry":
      return ofOximetry(measurement);
    case "temperature":
      return [ofTemperature(measurement)];
    case "weight":
      return [ofWeight(measurement)];
    case "glucose":
      return [ofGlucose(measurement)];
    case "heart_rate":
      return ofHeartRate(measurement);
  }
}

function ofPressure({ systolic, diastolic, pulse, bodyMoved, cuffLoose, positionImproper }: BloodPressure): Bare[] {
  if (bodyMoved || cuffLoose || positionImproper) return refuse("measurement_failed");
  const pair: Bare = { sign: "blood_pressure", systolic: required(systolic), diastolic: required(diastolic), unit: "mm[Hg]" };
  return [pair, ...pulseOf(pulse)];
}

/** A pulse of 0 is a sensor that felt none: what stops is not measured by a cuff. */
function pulseOf(figure: Figure | null): Bare[] {
  const rate = figure === null ? null : numberOf(figure);
  return rate === null || rate <= 0 ? [] : [{ sign: "heart_rate", value: rate, unit: "/min" }];
}

function ofOximetry({ saturation, pulse }: Oximetry): Bare[] {
  return [{ sign: "oxygen_saturation", value: required(saturation), unit: "%" }, ...pulseOf(pulse)];
}

function ofTemperature({ value, unit }: Temperature): Bare {
  return { sign: "body_temperature", value: required(value), unit };
}

function ofWeight({ value, unit }: Weight): Bare {
  return { sign: "body_weight", value: required(value), unit };
}

/** A meter's "high" and "low" without a number cannot be sent: the limit is not told by it, and none is made up here. */
function ofGlucose({ value, unit, isControlSolution, failed, beyond }: Glucose): Bare {
  if (isControlSolution) return refuse("control_solution");
  if (failed) return refuse("measurement_failed");
  const told = required(value ?? "nan");
  return { sign: "blood_glucose", value: told, unit, ...(beyond === null ? {} : { comparator: beyond }) };
}

function ofHeartRate({ rate, contact }: HeartRate): Bare[] {
  if (contact === false) return refuse("measurement_failed");
  return rate > 0 ? [{ sign: "heart_rate", value: rate, unit: "/min" }] : refuse("no_number");
}
