/** Reading a packet byte by byte, little-endian as the Bluetooth specification has it. What is not there is a refusal. Pure. */

/** Why a packet, or a measurement in it, cannot be used. */
export type RefusalReason =
  | "truncated" // shorter than its own flags say
  | "no_number" // the device says that it has no value
  | "unreasonable_number" // beyond what the API takes of anything
  | "control_solution" // a test of the meter, not of a person
  | "measurement_failed"; // the device says that it does not stand for the person

export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
}

export interface Decoded<Found> {
  readonly ok: true;
  readonly found: Found;
}

export type Result<Found> = Decoded<Found> | Refusal;

class Refused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}

/** Leave the decoding with a reason; `decoded` makes it a result. */
export function refuse(reason: RefusalReason): never {
  throw new Refused(reason);
}

/** What a packet says, or why nothing: never an error of another kind. */
export function decoded<Found>(view: DataView, read: (cursor: Cursor) => Found): Result<Found> {
  try {
    return { ok: true, found: read(new Cursor(view)) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.reason };
    throw error;
  }
}

export class Cursor {
  private at = 0;

  constructor(private readonly view: DataView) {}

  /** How many bytes are left. */
  get left(): number {
    return this.view.byteLength - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.next(1));
  }

  u16(): number {
    return this.view.getUint16(this.next(2), true);
  }

  s16(): number {
    return this.view.getInt16(this.next(2), true);
  }

  u24(): number {
    return this.u16() | (this.u8() << 16);
  }

  u32(): number {
    return this.view.getUint32(this.next(4), true);
  }

  private next(length: number): number {
    if (this.left < length) refuse("truncated");
    const at = this.at;
    this.at += length;
    return at;
  }
}
