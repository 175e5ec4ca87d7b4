/**
 * What the standard measurements of Bluetooth's health devices say: blood pressure (2A35), oximetry (2A5E, 2A5F), temperature
 * (2A1C), weight (2A9D), glucose (2A18), heart rate (2A37). Pure. By the Bluetooth SIG's GATT Specification Supplement; bits that
 * are reserved for future use are not looked at, as it asks. Not glucose's context (2A34), nor a sensor's glucose (2A9F, 2AA7),
 * which has no time but since a session began.
 */
import { decoded, type Cursor, type Result } from "./bytes.ts";
import { dateTime, minutesOn, type LocalTime, type NoTime } from "./device_time.ts";
import { float, mmHgOfKpa, sfloat, timesTenTo, type Figure } from "./figures.ts";

interface Timed {
  readonly time: LocalTime | NoTime;
}

export interface BloodPressure extends Timed {
  readonly kind: "blood_pressure";
  /** In mmHg, whatever the cuff told it in. */
  readonly systolic: Figure;
  readonly diastolic: Figure;
  readonly meanArterial: Figure;
  readonly toldIn: "mmHg" | "kPa";
  /** Beats a minute. */
  readonly pulse: Figure | null;
  readonly userId: number | null;
  readonly bodyMoved: boolean;
  readonly cuffLoose: boolean;
  readonly pulseIrregular: boolean;
  readonly positionImproper: boolean;
}

export interface Oximetry extends Timed {
  readonly kind: "oximetry";
  /** Per cent. */
  readonly saturation: Figure;
  /** Beats a minute. */
  readonly pulse: Figure;
  /** Whether this is one of many a minute, rather than the one result. */
  readonly continuous: boolean;
}

export interface Temperature extends Timed {
  readonly kind: "temperature";
  readonly value: Figure;
  readonly unit: "Cel" | "[degF]";
  /** Where it was measured, by the specification's number. */
  readonly site: number | null;
}

export interface Weight extends Timed {
  readonly kind: "weight";
  readonly value: Figure;
  readonly unit: "kg" | "[lb_av]";
  readonly userId: number | null;
  readonly bmi: Figure | null;
  /** In metres, or inches with pounds. */
  readonly height: Figure | null;
}

export interface Glucose extends Timed {
  readonly kind: "glucose";
  readonly sequence: number;
  /** Null when the record is only a place in the order. */
  readonly value: Figure | null;
  readonly unit: "mmol/L" | "mg/dL";
  readonly isControlSolution: boolean;
  /** Beyond what the meter can tell: above or below. */
  readonly beyond: ">" | "<" | null;
  /** The meter says that this one is not to be trusted. */
  readonly failed: boolean;
  readonly contextFollows: boolean;
}

export interface HeartRate extends Timed {
  readonly kind: "heart_rate";
  readonly rate: number;
  readonly contact: boolean | null;
  /** kJ. */
  readonly energy: number | null;
  /** In 1/1024 s. */
  readonly intervals: readonly number[];
}

export type Measurement = BloodPressure | Oximetry | Temperature | Weight | Glucose | HeartRate;

const BIT = (bits: number, place: number): boolean => ((bits >> place) & 1) === 1;

/** 2A35; and 2A36, in which the cuff's present pressure stands as the systolic, and nothing as the others. */
export function bloodPressure(view: DataView): Result<BloodPressure> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const inKpa = BIT(flags, 0);
    const pressure = (): Figure => (inKpa ? mmHgOfKpa(sfloat(cursor.u16())) : sfloat(cursor.u16()));
    const [systolic, diastolic, meanArterial] = [pressure(), pressure(), pressure()];
    const time = BIT(flags, 1) ? dateTime(cursor) : "absent";
    const pulse = BIT(flags, 2) ? sfloat(cursor.u16()) : null;
    const userId = BIT(flags, 3) ? cursor.u8() : null;
    const status = BIT(flags, 4) ? cursor.u16() : 0;
    return {
      kind: "blood_pressure",
      ...{ systolic, diastolic, meanArterial, time, pulse, userId },
      toldIn: inKpa ? "kPa" : "mmHg",
      bodyMoved: BIT(status, 0),
      cuffLoose: BIT(status, 1),
      pulseIrregular: BIT(status, 2),
      positionImproper: BIT(status, 5),
    };
  });
}

/** 2A5E: one result. A device whose clock was never set says so, and its time is then no time. */
export function spotOximetry(view: DataView): Result<Oximetry> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const [saturation, pulse] = [sfloat(cursor.u16()), sfloat(cursor.u16())];
    const time = BIT(flags, 0) ? dateTime(cursor) : "absent";
    if (BIT(flags, 1)) cursor.u16();
    if (BIT(flags, 2)) cursor.u24();
    if (BIT(flags, 3)) cursor.u16();
    return { kind: "oximetry", saturation, pulse, continuous: false, time: BIT(flags, 4) ? "unknown" : time };
  });
}

/** 2A5F: one of many, as it goes. The usual figures; the fast and the slow ones are read over. */
export function continuousOximetry(view: DataView): Result<Oximetry> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const [saturation, pulse] = [sfloat(cursor.u16()), sfloat(cursor.u16())];
    if (BIT(flags, 0)) cursor.u32();
    if (BIT(flags, 1)) cursor.u32();
    if (BIT(flags, 2)) cursor.u16();
    if (BIT(flags, 3)) cursor.u24();
    if (BIT(flags, 4)) cursor.u16();
    return { kind: "oximetry", saturation, pulse, continuous: true, time: "absent" };
  });
}

/** 2A1C. */
export function temperature(view: DataView): Result<Temperature> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const value = float(cursor.u32());
    const time = BIT(flags, 1) ? dateTime(cursor) : "absent";
    const site = BIT(flags, 2) ? cursor.u8() : null;
    return { kind: "temperature", value, unit: BIT(flags, 0) ? "[degF]" : "Cel", time, site };
  });
}

/** What a scale sends when it has no weight. */
const NO_WEIGHT = 0xffff;
/** Every user, or an unknown one. */
const NO_USER = 0xff;

/** 2A9D: steps of 5 g, or of a hundredth of a pound. */
export function weight(view: DataView): Result<Weight> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const inPounds = BIT(flags, 0);
    const steps = cursor.u16();
    const time = BIT(flags, 1) ? dateTime(cursor) : "absent";
    const user = BIT(flags, 2) ? cursor.u8() : NO_USER;
    const [bmi, height] = BIT(flags, 3) ? [steppedBy(1, -1, cursor), steppedBy(1, inPounds ? -1 : -3, cursor)] : [null, null];
    const [mantissa, exponent] = inPounds ? [steps, -2] : [5 * steps, -3];
    return {
      kind: "weight",
      value: steps === NO_WEIGHT ? "nan" : { mantissa, exponent },
      unit: inPounds ? "[lb_av]" : "kg",
      userId: user === NO_USER ? null : user,
      ...{ time, bmi, height },
    };
  });
}

function steppedBy(step: number, exponent: number, cursor: Cursor): Figure {
  return { mantissa: step * cursor.u16(), exponent };
}

/** 2A18's sample types and places that are not of a person. */
const CONTROL_SOLUTION_TYPE = 10;
const CONTROL_SOLUTION_PLACE = 4;
/** Of 2A18's status: malfunction, too small a sample, the strip (two), too hot, too cold, pulled out, a general fault. */
const FAILED = 0b0111_1001_1110;
const [TOO_HIGH, TOO_LOW] = [5, 6];
/** kg/L in mg/dL, and mol/L in mmol/L: powers of ten. */
const [MG_DL_OF_KG_L, MMOL_L_OF_MOL_L] = [5, 3];

/** 2A18. */
export function glucose(view: DataView): Result<Glucose> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const inMoles = BIT(flags, 2);
    const sequence = cursor.u16();
    const base = dateTime(cursor);
    const time = BIT(flags, 0) ? minutesOn(base, cursor.s16()) : base;
    const value = BIT(flags, 1) ? timesTenTo(inMoles ? MMOL_L_OF_MOL_L : MG_DL_OF_KG_L, sfloat(cursor.u16())) : null;
    const sample = BIT(flags, 1) ? cursor.u8() : 0;
    const status = BIT(flags, 3) ? cursor.u16() : 0;
    return {
      kind: "glucose",
      ...{ sequence, time, value },
      unit: inMoles ? "mmol/L" : "mg/dL",
      isControlSolution: (sample & 0x0f) === CONTROL_SOLUTION_TYPE || sample >> 4 === CONTROL_SOLUTION_PLACE,
      beyond: BIT(status, TOO_HIGH) ? ">" : BIT(status, TOO_LOW) ? "<" : null,
      failed: (status & FAILED) !== 0,
      contextFollows: BIT(flags, 4),
    };
  });
}

/** 2A37. */
export function heartRate(view: DataView): Result<HeartRate> {
  return decoded(view, (cursor) => {
    const flags = cursor.u8();
    const rate = BIT(flags, 0) ? cursor.u16() : cursor.u8();
    const energy = BIT(flags, 3) ? cursor.u16() : null;
    const intervals: number[] = [];
    while (BIT(flags, 4) && cursor.left > 0) intervals.push(cursor.u16());
    return { kind: "heart_rate", rate, contact: BIT(flags, 2) ? BIT(flags, 1) : null, energy, intervals, time: "absent" };
  });
}
