import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KEPT_FOR_MS, saveAs } from "../src/components/saving.ts";

let links: { href: string; download: string }[] = [];
let clicked: { inDocument: boolean; download: string }[] = [];
const good = new Set<string>();

beforeEach(() => {
  vi.useFakeTimers();
  links = [];
  clicked = [];
  const createElement = () => {
    const link = {
      href: "",
      download: "",
      click: () => void clicked.push({ inDocument: links.includes(link), download: link.download }),
      remove: () => void (links = links.filter((each) => each !== link)),
    };
    return link;
  };
  vi.stubGlobal("document", { createElement, body: { append: (link: { href: string; download: string }) => void links.push(link) } });
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    good.add("blob:one");
    return "blob:one";
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((address) => void good.delete(address));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a file's address stays good for as long as a slow browser may take to read it, and no longer", () => {
  saveAs(new Blob(["{}"]), "your-record.zip");
  expect(clicked).toEqual([{ inDocument: true, download: "your-record.zip" }]);
  vi.advanceTimersByTime(KEPT_FOR_MS - 1);
  expect(good.has("blob:one")).toBe(true);
  expect(links).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(good.has("blob:one")).toBe(false);
  expect(links).toHaveLength(0);
});
