import decodeQR from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { drawnQr, type Drawing } from "../src/factors/qr.ts";
import { asCode, codeFault, codesLeft, inGroups, recoveryFault } from "../src/factors/words.ts";

const URI = "otpauth://totp/Tendwell:asha%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tendwell";
const PIXELS = 8;

/** What a camera sees of the drawing: its path filled in, module by module. */
function seen({ size, path }: Drawing): { width: number; height: number; data: Uint8Array } {
  const side = size * PIXELS;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * PIXELS; row < (Number(y) + 1) * PIXELS; row += 1) {
      for (let column = Number(x) * PIXELS; column < (Number(x) + Number(length)) * PIXELS; column += 1) {
        data.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
  }
  return { width: side, height: side, data };
}

describe("the QR code", () => {
  test("a camera reads from what is drawn exactly what it should hold", () => {
    expect(decodeQR(seen(drawnQr(URI)))).toBe(URI);
  });

  test("a quiet zone of four modules stands around it", () => {
    const { size, path } = drawnQr(URI);
    for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(4);
      expect(Number(y)).toBeGreaterThanOrEqual(4);
      expect(Number(x) + Number(length)).toBeLessThanOrEqual(size - 4);
      expect(Number(y)).toBeLessThan(size - 4);
    }
  });
});

describe("codes as they are typed", () => {
  test("a secret is shown in groups of four", () => {
    expect(inGroups("JBSWY3DPEHPK3PXP")).toBe("JBSW Y3DP EHPK 3PXP");
    expect(inGroups("")).toBe("");
  });

  test.each(["123456", "123 456", " 123456 "])("%j is a code", (typed) => {
    expect(codeFault(typed)).toBeNull();
    expect(asCode(typed)).toBe("123456");
  });

  test.each(["12345", "1234567", "12345a", "A1B2-C3D4-E5F6-G7H8"])("%j is none, and says what one is", (typed) => {
    expect(codeFault(typed)).toMatch(/6 digits/);
  });

  test("nothing typed is told as such", () => {
    expect(codeFault(" ")).toBe("Enter the 6-digit code");
    expect(recoveryFault("-")).toBe("Enter a recovery code");
  });

  test.each(["A1B2-C3D4-E5F6-G7H8", "a1b2 c3d4 e5f6 g7h8", "A1B2C3D4E5F6G7H8"])("%j is a recovery code", (typed) => {
    expect(recoveryFault(typed)).toBeNull();
  });

  test("half of one is not sent", () => {
    expect(recoveryFault("A1B2-C3D4")).toMatch(/the whole of it/);
  });

  test.each([
    [0, "no recovery codes left"],
    [1, "1 recovery code left"],
    [8, "8 recovery codes left"],
  ])("%i are told in words", (left, words) => {
    expect(codesLeft(left)).toBe(words);
  });
});
