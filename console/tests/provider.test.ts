import { describe, expect, test } from "vitest";
import { providerOf } from "../src/session/provider.ts";

const BACK = "/console/signed-in";

function page(pathname: string, search = "", kept: Record<string, string> = {}) {
  const shown: string[] = [];
  const opened: string[] = [];
  const store = new Map(Object.entries(kept));
  const window = {
    location: { pathname, search, assign: (address: string) => void opened.push(address), replace: (address: string) => void opened.push(address) },
    history: { replaceState: (_state: unknown, _title: string, address: string) => void shown.push(address) },
    sessionStorage: {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, value: string) => void store.set(key, value),
      removeItem: (key: string) => void store.delete(key),
    },
  };
  return { window: window as unknown as Window, shown, opened, store };
}

/** What the tab keeps for somebody who has left from here. */
function leftFrom(pathname: string): Record<string, string> {
  const { window, store } = page(pathname);
  providerOf(window).leave("https://auth.test/authorize?x=1", "the-secret", "NHS login");
  return Object.fromEntries(store);
}

describe("the way to the identity provider and back", () => {
  test("the secret stays in the tab, and the address opened is the API's", () => {
    const { window, opened, store } = page("/console/my-health");
    providerOf(window).leave("https://auth.test/authorize?x=1", "the-secret", "NHS login");
    expect(opened).toEqual(["https://auth.test/authorize?x=1"]);
    expect([...store.values()].join()).toContain("the-secret");
    expect(opened.join()).not.toContain("the-secret");
  });

  test("who left from a letter's page comes back to the door: its link was used, or is in the letter alone", () => {
    const { window, shown } = page(BACK, "?code=a-code&state=a-state", leftFrom("/console/invitation/record"));
    const answer = { secret: "the-secret", state: "a-state", code: "a-code" };
    expect(providerOf(window).cameBack()).toEqual({ name: "NHS login", answer, invited: true });
    expect(shown).toEqual(["/console/sign-in"]);
  });

  test("who left from the patient's app comes back to the address that the provider knows, and is led on with what they bring", () => {
    const { window, store } = page("/app/plan");
    providerOf(window, "/app/").leave("https://auth.test/authorize", "the-secret", "NHS login");
    const kept = Object.fromEntries(store);
    const atConsole = page(BACK, "?code=a-code&state=a-state", kept);
    expect(providerOf(atConsole.window).cameBack()).toBeNull();
    expect(atConsole.opened).toEqual(["/app/signed-in?code=a-code&state=a-state"]);
    const atApp = page("/app/signed-in", "?code=a-code&state=a-state", Object.fromEntries(atConsole.store));
    const answer = { secret: "the-secret", state: "a-state", code: "a-code" };
    expect(providerOf(atApp.window, "/app/").cameBack()).toEqual({ name: "NHS login", answer, invited: false });
    expect(atApp.shown).toEqual(["/app/plan"]);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "/console/", "https:auth.test", ""])("%j is not opened", (address) => {
    const { window, opened, store } = page("/console/");
    expect(() => providerOf(window).leave(address, "the-secret", "x")).toThrow("not a web address");
    expect([opened, store.size]).toEqual([[], 0]);
  });

  test("what came back is taken out of the address, which is again the one that somebody came for", () => {
    const { window, shown, store } = page(BACK, "?code=a-code&state=a-state&iss=https%3A%2F%2Fauth.test", leftFrom("/console/my-health/goals"));
    const provider = providerOf(window);
    const answer = { secret: "the-secret", state: "a-state", code: "a-code", iss: "https://auth.test" };
    expect(provider.cameBack()).toEqual({ name: "NHS login", answer, invited: false });
    expect(shown).toEqual(["/console/my-health/goals"]);
    expect(store.size).toBe(0);
    provider.forget();
    expect(provider.cameBack()).toBeNull();
  });

  test("a refusal comes back as one", () => {
    const { window } = page(BACK, "?error=access_denied&error_description=ConsentNotGiven&state=s", leftFrom("/console/"));
    expect(providerOf(window).cameBack()?.answer).toEqual({ secret: "the-secret", state: "s", error: "access_denied" });
  });

  test.each(["", "?code=c", "?state=s", "?state=s&code="])("%j is no answer", (search) => {
    const { window, shown } = page(BACK, search, leftFrom("/console/patients"));
    expect(providerOf(window).cameBack()?.answer).toBeNull();
    expect(shown).toEqual(["/console/patients"]);
  });

  test.each([{}, { "tendwell.provider": "{" }, { "tendwell.provider": '{"secret": 7}' }])(
    "what somebody else sent this browser (kept: %j) is not brought to the API",
    (kept) => {
      const { window, shown } = page(BACK, "?code=of-an-attacker&state=s", kept as Record<string, string>);
      expect(providerOf(window).cameBack()?.answer).toBeNull();
      expect(shown).toEqual(["/console/sign-in"]);
    },
  );

  test.each(["https://evil.test/", "//evil.test", "/elsewhere", BACK])("nobody is led back to %j", (from) => {
    const kept = { "tendwell.provider": JSON.stringify({ secret: "s", name: "n", from }) };
    const { window, shown } = page(BACK, "?code=c&state=s", kept);
    providerOf(window);
    expect(shown).toEqual(["/console/sign-in"]);
  });

  test("at any other address nobody has come back, whatever it says", () => {
    const { window, shown } = page("/console/sign-in", "?code=c&state=s", leftFrom("/console/"));
    expect(providerOf(window).cameBack()).toBeNull();
    expect(shown).toEqual([]);
  });
});
