import { describe, expect, test } from "vitest";
import { takenFrom } from "../src/session/letter.ts";

function page(hash: string) {
  const shown: string[] = [];
  const listeners = new Map<string, () => void>();
  const location = { hash, pathname: "/console/invitation", search: "" };
  const window = {
    location,
    history: {
      replaceState: (_state: unknown, _title: string, address: string) => {
        shown.push(address);
        location.hash = "";
      },
    },
    addEventListener: (name: string, act: () => void) => void listeners.set(name, act),
  };
  return { window: window as unknown as Window, shown, location, happen: (name: string) => listeners.get(name)?.() };
}

describe("the link of a letter", () => {
  test("its token leaves the address bar at once and is there for the page", () => {
    const { window, shown } = page("#token=abc-DEF_123");
    expect(takenFrom(window).token()).toBe("abc-DEF_123");
    expect(shown).toEqual(["/console/invitation"]);
  });

  test.each(["", "#", "#main", "#token=", "#token=a b", "#token=a&b=c", `#token=${"a".repeat(129)}`])("%j is no token", (hash) => {
    const { window, shown } = page(hash);
    expect(takenFrom(window).token()).toBeNull();
    expect(shown).toEqual([]);
  });

  test("another link opened in the same tab, which loads no page, takes the place of the first", () => {
    const { window, location, happen } = page("#token=first");
    const letter = takenFrom(window);
    let told = 0;
    letter.onOpened(() => (told += 1));
    location.hash = "#token=second";
    happen("hashchange");
    expect([letter.token(), told, location.hash]).toEqual(["second", 1, ""]);
  });

  test("once used it is forgotten", () => {
    const letter = takenFrom(page("#token=abc").window);
    letter.forget();
    expect(letter.token()).toBeNull();
  });
});
