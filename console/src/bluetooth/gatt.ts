/** As much of Web Bluetooth as is used here: what a browser gives, and what a test can stand in for. */

export interface ValueEvent {
  readonly target: { readonly value?: DataView | undefined } | EventTarget | null;
}

export interface Characteristic {
  startNotifications(): Promise<unknown>;
  writeValueWithResponse(bytes: Uint8Array): Promise<void>;
  addEventListener(type: "characteristicvaluechanged", listener: (event: ValueEvent) => void): void;
  removeEventListener(type: "characteristicvaluechanged", listener: (event: ValueEvent) => void): void;
}

export interface Service {
  getCharacteristic(uuid: number): Promise<Characteristic>;
}

export interface Server {
  connect(): Promise<Server>;
  disconnect(): void;
  getPrimaryService(uuid: number): Promise<Service>;
}

export interface Device {
  readonly id: string;
  readonly name?: string | undefined;
  readonly gatt?: Server | undefined;
  addEventListener(type: "gattserverdisconnected", listener: () => void): void;
  removeEventListener(type: "gattserverdisconnected", listener: () => void): void;
}

export interface Bluetooth {
  requestDevice(asked: { filters: { services: number[] }[] }): Promise<Device>;
}

/** The browser's Bluetooth, where it has it: not in Safari and Firefox, and nowhere without TLS. */
export function browserBluetooth(): Bluetooth | null {
  return (navigator as { bluetooth?: Bluetooth }).bluetooth ?? null;
}
