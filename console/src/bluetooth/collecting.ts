/**
 * Reading a device once: ask for one, listen to what it sends, stop when it has nothing more to say. Never throws: whatever the
 * radio, the browser or the device does, there is an outcome with all that was heard until then, and nothing stays connected.
 */
import type { RefusalReason } from "./bytes.ts";
import type { Measurement } from "./characteristics.ts";
import { taken, type OffsetAt, type Taken } from "./device_time.ts";
import type { Bluetooth, Characteristic, Device, Server, Service, ValueEvent } from "./gatt.ts";
import { PROFILES, RECORDS_REPORTED, REPORT_ALL_RECORDS, type DeviceKind, type Packets, type Profile } from "./profiles.ts";
import { readingsOf, type DeviceReading } from "./readings.ts";

/** Clocks and waiting, so that a test does not wait. `after` returns how to call it off. */
export interface Surroundings {
  readonly bluetooth: Bluetooth;
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => () => void;
  readonly offsetAt: OffsetAt;
}

export interface Patience {
  /** As long as it may take to connect, and then to hear something: a cuff takes a minute. */
  readonly firstMs: number;
  /** As long as the device may be silent between two of what it keeps. */
  readonly quietMs: number;
  /** As long as it may go on: a continuous oximeter never ends. */
  readonly wholeMs: number;
}

export const PATIENCE: Patience = { firstMs: 90_000, quietMs: 3_000, wholeMs: 180_000 };

/** One packet that was understood: what it says, when that was, and what of it can be sent. */
export interface Heard {
  readonly measurement: Measurement;
  readonly taken: Taken;
  readonly readings: readonly DeviceReading[];
  /** Why nothing of it can be sent. */
  readonly refused: RefusalReason | Exclude<Taken, { at: string }>["why"] | null;
}

export interface Unread {
  readonly hex: string;
  readonly reason: RefusalReason;
}

export type Ending =
  | "told_all" // the device said so, or fell silent
  | "disconnected"
  | "nothing_heard" // in all the time that was given
  | "time_over"
  | "called_off" // by the person, in the browser's own list of devices or by the signal
  | "no_such_measurement" // the device has no characteristic of its kind
  | "failed";

export interface Outcome {
  readonly ending: Ending;
  readonly device: string | null;
  readonly heard: readonly Heard[];
  readonly unread: readonly Unread[];
}

/** What the person's device of a kind says. `signal` calls it off. */
export async function collect(kind: DeviceKind, around: Surroundings, patience = PATIENCE, signal?: AbortSignal): Promise<Outcome> {
  const profile = PROFILES[kind];
  let device: Device;
  try {
    device = await around.bluetooth.requestDevice({ filters: [{ services: [profile.service] }] });
  } catch (error) {
    return { ending: nameOf(error) === "NotFoundError" ? "called_off" : "failed", device: null, heard: [], unread: [] };
  }
  return new Collecting(device, profile, around, patience).outcome(signal);
}

class Collecting {
  private readonly heard: Heard[] = [];
  private readonly unread: Unread[] = [];
  private readonly undo: (() => void)[] = [];
  private callOffQuiet: () => void = () => undefined;
  private over = false;
  private end: (ending: Ending) => void = () => undefined;

  constructor(
    private readonly device: Device,
    private readonly profile: Profile,
    private readonly around: Surroundings,
    private readonly patience: Patience,
  ) {}

  async outcome(signal: AbortSignal | undefined): Promise<Outcome> {
    const ended = new Promise<Ending>((resolve) => (this.end = resolve));
    this.watch(signal);
    this.listen().catch((error: unknown) => this.end(error instanceof Missing ? "no_such_measurement" : "failed"));
    const ending = await ended;
    this.leave();
    return { ending, device: this.device.name ?? null, heard: [...this.heard], unread: [...this.unread] };
  }

  private watch(signal: AbortSignal | undefined): void {
    const gone = (): void => this.end("disconnected");
    const callOff = (): void => this.end("called_off");
    this.device.addEventListener("gattserverdisconnected", gone);
    signal?.addEventListener("abort", callOff);
    if (signal?.aborted === true) callOff();
    this.undo.push(
      () => this.device.removeEventListener("gattserverdisconnected", gone),
      () => signal?.removeEventListener("abort", callOff),
      this.around.after(this.patience.firstMs, () => this.nothingYet() && this.end("nothing_heard")),
      this.around.after(this.patience.wholeMs, () => this.end("time_over")),
      () => this.callOffQuiet(),
    );
  }

  private nothingYet(): boolean {
    return this.heard.length + this.unread.length === 0;
  }

  private async listen(): Promise<void> {
    const server = await this.connected();
    const service = await server.getPrimaryService(this.profile.service);
    const found = await Promise.all(this.profile.packets.map((packets) => this.subscribe(service, packets)));
    if (!found.includes(true)) throw new Missing();
    if (this.profile.records !== undefined) await this.askForRecords(service, this.profile.records);
  }

  private async connected(): Promise<Server> {
    if (this.device.gatt === undefined) throw new Missing();
    const server = await this.device.gatt.connect();
    if (!this.over) return server;
    server.disconnect(); // called off while it was connecting
    throw new Over();
  }

  /** Whether the device has this characteristic, which is then listened to. */
  private async subscribe(service: Service, { characteristic, decode }: Packets): Promise<boolean> {
    let source: Characteristic;
    try {
      source = await service.getCharacteristic(characteristic);
    } catch (error) {
      if (nameOf(error) === "NotFoundError") return false;
      throw error;
    }
    if (this.over) throw new Over();
    // Heard before it is asked for: some devices send at once.
    this.hear(source, (view) => this.take(view, decode));
    await source.startNotifications();
    return true;
  }

  private hear(source: Characteristic, act: (view: DataView) => void): void {
    const listener = (event: ValueEvent): void => {
      const view = event.target !== null && "value" in event.target ? event.target.value : undefined;
      if (view !== undefined && !this.over) act(view);
    };
    source.addEventListener("characteristicvaluechanged", listener);
    this.undo.push(() => source.removeEventListener("characteristicvaluechanged", listener));
  }

  private async askForRecords(service: Service, records: number): Promise<void> {
    const point = await service.getCharacteristic(records);
    if (this.over) throw new Over();
    this.hear(point, (view) => {
      if (view.byteLength > 0 && view.getUint8(0) === RECORDS_REPORTED) this.end("told_all");
    });
    await point.startNotifications();
    await point.writeValueWithResponse(REPORT_ALL_RECORDS);
  }

  private take(view: DataView, decode: Packets["decode"]): void {
    const result = decode(view);
    if (result.ok) this.heard.push(this.understood(result.found));
    else this.unread.push({ hex: hexOf(view), reason: result.reason });
    this.callOffQuiet();
    this.callOffQuiet = this.around.after(this.patience.quietMs, () => this.end("told_all"));
  }

  private understood(measurement: Measurement): Heard {
    const when = taken(measurement.time, this.around.now(), this.around.offsetAt);
    if (when.at === null) return { measurement, taken: when, readings: [], refused: when.why };
    const made = readingsOf(measurement, { at: when.at, source: sourceOf(this.device) });
    return made.ok
      ? { measurement, taken: when, readings: made.found, refused: null }
      : { measurement, taken: when, readings: [], refused: made.reason };
  }

  /** Called once: whatever comes later is not heard any more. */
  private leave(): void {
    this.over = true;
    for (const undo of this.undo) undo();
    try {
      this.device.gatt?.disconnect();
    } catch {
      // It is gone already, which is what was wanted.
    }
  }
}

/** The device has nothing of its kind. */
class Missing extends Error {}

/** It has ended already: there is nobody to tell. */
class Over extends Error {}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}

function hexOf(view: DataView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The API's tokens are visible ASCII without spaces, 64 at the most; two devices of a kind are told apart by the browser's id. */
export function sourceOf(device: Pick<Device, "id" | "name">): string {
  const named = `${device.name ?? "device"}/${device.id}`;
  return named.replace(/[^!-~]+/g, "_").slice(0, 64);
}
