/** A QR code as one path to draw: pure, drawn here in the browser, so that the secret in it is sent to nobody. */
import encodeQR from "qr";

/** Light modules that must stand around it (ISO/IEC 18004, 9.1). */
const QUIET = 4;

export interface Drawing {
  /** Modules a side, the quiet zone included. */
  readonly size: number;
  /** Of the dark modules, in modules. */
  readonly path: string;
}

export function drawnQr(text: string): Drawing {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const path = rows.map((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`).join("")).join("");
  return { size: rows.length, path };
}

/** Where each run of dark modules begins, and how long it is. */
function runs(row: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = found.at(-1);
    if (!dark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else found.push([x, 1]);
  });
  return found;
}
