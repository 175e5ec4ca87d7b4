/** The kinds of device that can be read: by which service one is found, and what its packets are. Pure data. */
import type { Result } from "./bytes.ts";
import {
  bloodPressure,
  continuousOximetry,
  glucose,
  heartRate,
  spotOximetry,
  temperature,
  weight,
  type Measurement,
} from "./characteristics.ts";

export type DeviceKind = "blood_pressure" | "oximeter" | "thermometer" | "scale" | "glucose_meter" | "heart_rate";

export interface Packets {
  readonly characteristic: number;
  readonly decode: (view: DataView) => Result<Measurement>;
}

export interface Profile {
  readonly service: number;
  /** Any of these that the device has is listened to. */
  readonly packets: readonly Packets[];
  /** Where the device is asked for what it keeps, if it does not send that by itself. */
  readonly records?: number;
}

export const PROFILES: Readonly<Record<DeviceKind, Profile>> = {
  blood_pressure: { service: 0x1810, packets: [{ characteristic: 0x2a35, decode: bloodPressure }] },
  oximeter: {
    service: 0x1822,
    packets: [
      { characteristic: 0x2a5e, decode: spotOximetry },
      { characteristic: 0x2a5f, decode: continuousOximetry },
    ],
  },
  thermometer: { service: 0x1809, packets: [{ characteristic: 0x2a1c, decode: temperature }] },
  scale: { service: 0x181d, packets: [{ characteristic: 0x2a9d, decode: weight }] },
  glucose_meter: { service: 0x1808, packets: [{ characteristic: 0x2a18, decode: glucose }], records: 0x2a52 },
  heart_rate: { service: 0x180d, packets: [{ characteristic: 0x2a37, decode: heartRate }] },
};

/** To a record access control point: "report stored records", "all of them". */
export const REPORT_ALL_RECORDS = new Uint8Array([1, 1]);
/** Its answer: "response", whatever to. */
export const RECORDS_REPORTED = 6;
