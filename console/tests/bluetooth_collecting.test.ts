/** Reading a device, against one that is made up: it connects, sends, falls silent, breaks off, or is not there at all. */
import { describe, expect, test } from "vitest";
import { collect, PATIENCE, sourceOf, type Outcome, type Surroundings } from "../src/bluetooth/collecting.ts";
import type { Bluetooth, Characteristic, Device, Server, Service, ValueEvent } from "../src/bluetooth/gatt.ts";

const NOW = Date.UTC(2026, 10, 23, 8, 0, 0);
const CUFF = [4, 0x76, 0, 0x4c, 0, 0xff, 0x07, 0x48, 0];
const OVER = [6, 0, 1, 1];

class Named extends Error {
  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

class FakeCharacteristic implements Characteristic {
  readonly written: number[][] = [];
  private readonly listeners = new Set<(event: ValueEvent) => void>();

  constructor(private readonly begun: (self: FakeCharacteristic) => void = () => undefined) {}

  startNotifications(): Promise<unknown> {
    this.begun(this);
    return Promise.resolve(this);
  }
  writeValueWithResponse(bytes: Uint8Array): Promise<void> {
    this.written.push([...bytes]);
    return Promise.resolve();
  }
  addEventListener(_: "characteristicvaluechanged", listener: (event: ValueEvent) => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_: "characteristicvaluechanged", listener: (event: ValueEvent) => void): void {
    this.listeners.delete(listener);
  }
  send(...bytes: number[]): void {
    for (const listener of [...this.listeners]) listener({ target: { value: new DataView(Uint8Array.from(bytes).buffer) } });
  }
  get heardBy(): number {
    return this.listeners.size;
  }
}

class FakeDevice implements Device, Server, Service {
  readonly id = "kX2+/a b";
  readonly name = "Upper arm 3";
  readonly gatt = this;
  connections = 0;
  connecting: Promise<void> = Promise.resolve();
  fault: Error | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(readonly characteristics: Record<number, FakeCharacteristic>) {}

  async connect(): Promise<Server> {
    await this.connecting;
    if (this.fault !== null) throw this.fault;
    this.connections += 1;
    return this;
  }
  disconnect(): void {
    if (this.connections > 0) this.connections -= 1;
  }
  getPrimaryService(): Promise<Service> {
    return Promise.resolve(this);
  }
  getCharacteristic(uuid: number): Promise<Characteristic> {
    const found = this.characteristics[uuid];
    return found === undefined ? Promise.reject(new Named("NotFoundError")) : Promise.resolve(found);
  }
  addEventListener(_: "gattserverdisconnected", listener: () => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_: "gattserverdisconnected", listener: () => void): void {
    this.listeners.delete(listener);
  }
  breakOff(): void {
    for (const listener of [...this.listeners]) listener();
  }
  get heardBy(): number {
    return this.listeners.size;
  }
}

/** Time that goes on only when it is told to. */
class FakeTime {
  now = NOW;
  private waiting: { readonly at: number; readonly act: () => void }[] = [];

  readonly after = (ms: number, act: () => void): (() => void) => {
    const entry = { at: this.now + ms, act };
    this.waiting.push(entry);
    return () => (this.waiting = this.waiting.filter((each) => each !== entry));
  };
  async pass(ms: number): Promise<void> {
    await settled();
    this.now += ms;
    for (const entry of this.waiting.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at)) {
      if (!this.waiting.includes(entry)) continue;
      this.waiting = this.waiting.filter((each) => each !== entry);
      entry.act();
    }
    await settled();
  }
  get left(): number {
    return this.waiting.length;
  }
}

/** When all that was promised by now has come about. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function around(time: FakeTime, bluetooth: Bluetooth): Surroundings {
  return { bluetooth, now: () => time.now, after: time.after, offsetAt: () => 0 };
}

function offering(device: Device): Bluetooth {
  return { requestDevice: () => Promise.resolve(device) };
}

function nothingIsLeft(device: FakeDevice, time: FakeTime): void {
  const listening = Object.values(device.characteristics).map((each) => each.heardBy);
  expect([device.connections, device.heardBy, time.left, ...listening.filter((number) => number > 0)]).toEqual([0, 0, 0]);
}

async function cuff(act: (device: FakeDevice, time: FakeTime, pressure: FakeCharacteristic) => Promise<void>): Promise<Outcome> {
  const [time, pressure] = [new FakeTime(), new FakeCharacteristic()];
  const device = new FakeDevice({ 0x2a35: pressure });
  const outcome = collect("blood_pressure", around(time, offering(device)));
  await settled();
  await act(device, time, pressure);
  const ended = await outcome;
  nothingIsLeft(device, time);
  return ended;
}

describe("a device is read once and then left alone", () => {
  test("a cuff that sends one reading and falls silent has told all", async () => {
    const outcome = await cuff(async (_, time, pressure) => {
      pressure.send(...CUFF);
      await time.pass(PATIENCE.quietMs);
    });
    expect([outcome.ending, outcome.device, outcome.unread]).toEqual(["told_all", "Upper arm 3", []]);
    expect(outcome.heard[0]?.readings).toEqual([
      { sign: "blood_pressure", systolic: 118, diastolic: 76, unit: "mm[Hg]", effective_at: "2026-11-23T08:00:00+00:00", source: "Upper_arm_3/kX2+/a_b" },
      { sign: "heart_rate", value: 72, unit: "/min", effective_at: "2026-11-23T08:00:00+00:00", source: "Upper_arm_3/kX2+/a_b" },
    ]);
  });

  test("one that sends what it kept is heard to the end, though each comes late", async () => {
    const outcome = await cuff(async (_, time, pressure) => {
      for (let number = 0; number < 5; number += 1) {
        pressure.send(...CUFF);
        await time.pass(PATIENCE.quietMs - 1);
      }
      await time.pass(1);
    });
    expect([outcome.ending, outcome.heard.length]).toEqual(["told_all", 5]);
  });

  test("one that breaks off has told what it told until then", async () => {
    const outcome = await cuff(async (device, _, pressure) => {
      pressure.send(...CUFF);
      device.breakOff();
      await settled();
      pressure.send(...CUFF);
    });
    expect([outcome.ending, outcome.heard.length]).toEqual(["disconnected", 1]);
  });

  test("one that says nothing is not waited for for ever", async () => {
    expect((await cuff((_, time) => time.pass(PATIENCE.firstMs))).ending).toBe("nothing_heard");
  });

  test("what cannot be read is kept as it came, and what follows it is heard", async () => {
    const outcome = await cuff(async (_, time, pressure) => {
      pressure.send(0x1f, 0, 0x48);
      pressure.send(...CUFF);
      await time.pass(PATIENCE.quietMs);
    });
    expect(outcome.unread).toEqual([{ hex: "1f0048", reason: "truncated" }]);
    expect(outcome.heard).toHaveLength(1);
  });

  test("a reading of a clock that was never set is heard, and is no reading", async () => {
    const outcome = await cuff(async (_, time, pressure) => {
      pressure.send(2, 0x76, 0, 0x4c, 0, 0xff, 0x07, 0xef, 0x07, 1, 1, 0, 0, 0);
      await time.pass(PATIENCE.quietMs);
    });
    expect(outcome.heard[0]).toMatchObject({ refused: "clock_ahead", readings: [] });
  });
});

test("an oximeter that never ends is left when the time is over", async () => {
  const [time, continuous] = [new FakeTime(), new FakeCharacteristic()];
  const device = new FakeDevice({ 0x2a5f: continuous });
  const outcome = collect("oximeter", around(time, offering(device)));
  await settled();
  for (let second = 0; second < PATIENCE.wholeMs / 1000; second += 1) {
    continuous.send(0, 0x61, 0, 0x44, 0);
    await time.pass(1000);
  }
  const ended = await outcome;
  expect([ended.ending, ended.heard.length]).toEqual(["time_over", PATIENCE.wholeMs / 1000]);
  nothingIsLeft(device, time);
});

test("a glucose meter is asked for all it keeps, and ends when it says so", async () => {
  const [time, records] = [new FakeTime(), new FakeCharacteristic()];
  const values = new FakeCharacteristic((self) => self.send(0x06, 1, 0, 0xea, 0x07, 11, 22, 8, 0, 0, 0x38, 0xc0, 0x11));
  const device = new FakeDevice({ 0x2a18: values, 0x2a52: records });
  const outcome = collect("glucose_meter", around(time, offering(device)));
  await settled();
  expect(records.written).toEqual([[1, 1]]);
  values.send(0x06, 2, 0, 0xea, 0x07, 11, 23, 7, 0, 0, 0x40, 0xc0, 0x1a);
  records.send(...OVER);
  const ended = await outcome;
  expect([ended.ending, ended.heard.map((each) => each.refused)]).toEqual(["told_all", [null, "control_solution"]]);
  nothingIsLeft(device, time);
});

describe("whatever goes wrong is an outcome", () => {
  test("the person closes the browser's list of devices", async () => {
    const bluetooth: Bluetooth = { requestDevice: () => Promise.reject(new Named("NotFoundError")) };
    expect(await collect("scale", around(new FakeTime(), bluetooth))).toEqual({ ending: "called_off", device: null, heard: [], unread: [] });
  });

  test("the browser does not let it", async () => {
    const bluetooth: Bluetooth = { requestDevice: () => Promise.reject(new Named("SecurityError")) };
    expect((await collect("scale", around(new FakeTime(), bluetooth))).ending).toBe("failed");
  });

  test("the device has nothing of its kind", async () => {
    const [time, device] = [new FakeTime(), new FakeDevice({})];
    expect((await collect("scale", around(time, offering(device)))).ending).toBe("no_such_measurement");
    nothingIsLeft(device, time);
  });

  test("it cannot be connected with", async () => {
    const [time, device] = [new FakeTime(), new FakeDevice({})];
    device.fault = new Named("NetworkError");
    expect((await collect("scale", around(time, offering(device)))).ending).toBe("failed");
    nothingIsLeft(device, time);
  });

  test("it is called off while it connects, and the connection that comes late is closed", async () => {
    const [time, stop] = [new FakeTime(), new AbortController()];
    const device = new FakeDevice({ 0x2a9d: new FakeCharacteristic() });
    let connect: () => void = () => undefined;
    device.connecting = new Promise((resolve) => (connect = resolve));
    const outcome = collect("scale", around(time, offering(device)), PATIENCE, stop.signal);
    await settled();
    stop.abort();
    expect((await outcome).ending).toBe("called_off");
    connect();
    await settled();
    nothingIsLeft(device, time);
  });

  test("it was called off before it began", async () => {
    const device = new FakeDevice({ 0x2a9d: new FakeCharacteristic() });
    const time = new FakeTime();
    expect((await collect("scale", around(time, offering(device)), PATIENCE, AbortSignal.abort())).ending).toBe("called_off");
    await settled();
    nothingIsLeft(device, time);
  });
});

test("a source is a token that the API takes, and two devices of a make are two sources", () => {
  expect(sourceOf({ id: "a", name: "Waage für Ältere" })).toMatch(/^[!-~]{1,64}$/);
  expect(sourceOf({ id: "a" })).not.toBe(sourceOf({ id: "b" }));
});
