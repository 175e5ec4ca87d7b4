import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientFor } from "../src/api/client.ts";
import { Refused, Unreachable } from "../src/api/http.ts";
import { keptDevices, type Devices } from "../src/session/devices.ts";
import { keepWhileAway, type Keeping } from "../src/session/keeping.ts";
import { Session } from "../src/session/session.ts";

type Answer = { status: number; body?: unknown } | "no network";

interface Asked {
  path: string;
  token: string | null;
  body: unknown;
}

let answers: ((asked: Asked) => Answer)[] = [];
let asked: Asked[] = [];

const tokens = (number: number) => ({
  status: 200,
  body: {
    access_token: `a${number}`,
    token_type: "Bearer",
    expires_in: 600,
    refresh_token: `r${number}`,
    device_token: `d${number}`,
    session_expires_in: 43_200,
    session_idle_limit: 1_800,
    account: { id: "me", email: "doris@example.org", roles: [] },
  },
});
const step = (state: string) => ({ status: 202, body: { state, sign_in_token: "s1", methods: ["totp"], expires_in: 300 } });
const refuse = (status: number): Answer => ({
  status,
  body: { type: "/problems/x", title: "No", status, detail: "No.", request_id: "q" },
});

function devices(first: Record<string, string> = {}): Devices & { kept: Record<string, string> } {
  const kept = { ...first };
  return { kept, tokenOf: (email) => kept[email] ?? null, keep: (email, token) => void (kept[email] = token), keepForNext: () => undefined };
}

function memory(first: string | null = null): Keeping {
  let held = first;
  return { get: () => held, set: (token) => void (held = token) };
}

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  asked = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    const request = {
      path,
      token: new Headers(init.headers).get("Authorization"),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
    };
    asked.push(request);
    const answer = answers.shift()?.(request) ?? "no network";
    if (answer === "no network") return Promise.reject(new TypeError("failed"));
    return Promise.resolve(new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const give = (...list: Answer[]): void => void answers.push(...list.map((one) => () => one));

async function signedIn(): Promise<{ session: Session; keeping: Keeping }> {
  const keeping = memory();
  const session = new Session(keeping, devices());
  give(tokens(1));
  await session.signIn("doris@example.org", "long enough");
  return { session, keeping };
}

describe("a session", () => {
  test("signing in keeps the access token in memory and hands over the refresh token to be kept", async () => {
    const { session, keeping } = await signedIn();
    expect(await session.accessToken()).toBe("a1");
    expect(keeping.get()).toBe("r1");
    expect(session.state.status).toBe("signed_in");
  });

  test("a wrong password leaves one signed out", async () => {
    const session = new Session(memory(), devices());
    await session.restore();
    give(refuse(401));
    await expect(session.signIn("x", "y")).rejects.toBeInstanceOf(Refused);
    expect(session.state.status).toBe("signed_out");
  });

  test("the token of a session in use is renewed by itself before it runs out", async () => {
    const { session } = await signedIn();
    give(tokens(2));
    session.used();
    await vi.advanceTimersByTimeAsync(450_001);
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/refresh", body: { refresh_token: "r1" } });
    expect(await session.accessToken()).toBe("a2");
  });

  test("a session that nobody uses is not renewed by itself, and so lapses on the server; whoever comes back in time renews it", async () => {
    const { session } = await signedIn();
    await vi.advanceTimersByTimeAsync(25 * 60_000);
    expect(asked).toHaveLength(1);
    give(tokens(2));
    session.used();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/refresh" });
    expect(await session.accessToken()).toBe("a2");
  });

  test("a network that fails is not a sign-out: it tries again", async () => {
    const { session } = await signedIn();
    give("no network", refuse(503), tokens(2));
    session.used();
    await vi.advanceTimersByTimeAsync(450_001);
    expect(session.state.status).toBe("signed_in");
    await vi.advanceTimersByTimeAsync(10_001);
    expect(await session.accessToken()).toBe("a2");
  });

  test("a refused refresh token ends the session and says that it was ended", async () => {
    const { session, keeping } = await signedIn();
    give(refuse(401));
    session.used();
    await vi.advanceTimersByTimeAsync(450_001);
    expect(session.state).toEqual({ status: "signed_out", reason: "closed" });
    expect(keeping.get()).toBeNull();
  });

  test("a page of a proxy's while the API is away is not a sign-out either", async () => {
    const { session, keeping } = await signedIn();
    give({ status: 403, body: {} }, { status: 401, body: {} }, tokens(2));
    session.used();
    await vi.advanceTimersByTimeAsync(450_001);
    expect([session.state.status, keeping.get()]).toEqual(["signed_in", "r1"]);
    expect(await session.check()).toBe(false);
    expect(session.state.status).toBe("signed_in");
    await vi.advanceTimersByTimeAsync(10_001);
    expect(await session.accessToken()).toBe("a2");
  });

  test("calls at the same time share one renewal: a refresh token works once", async () => {
    const { session } = await signedIn();
    give(tokens(2));
    const both = await Promise.all([session.renew(), session.renew()]);
    expect(both).toEqual(["a2", "a2"]);
    expect(asked.filter(({ path }) => path.endsWith("/refresh"))).toHaveLength(1);
  });

  test("a renewal that comes after signing out signs nobody in again", async () => {
    const { session, keeping } = await signedIn();
    give(tokens(2), { status: 204 });
    const renewal = session.renew();
    await session.signOut();
    await expect(renewal).rejects.toBeInstanceOf(Refused);
    expect(session.state).toEqual({ status: "signed_out", reason: "none" });
    expect(keeping.get()).toBeNull();
  });

  test("whoever has signed out by hand is not told that their session ended when something is asked later", async () => {
    const { session } = await signedIn();
    give({ status: 204 });
    await session.signOut();
    await expect(clientFor(session).get("/v1/me", {})).rejects.toMatchObject({ status: 401 });
    await expect(session.renew()).rejects.toMatchObject({ status: 401 });
    expect(session.state).toEqual({ status: "signed_out", reason: "none" });
  });

  test("signing out tells the server, and holds even when the server cannot be told", async () => {
    const { session } = await signedIn();
    give("no network");
    await session.signOut();
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/current", token: "Bearer a1" });
    expect(session.state).toEqual({ status: "signed_out", reason: "none" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a reload takes up the session again; a server that is away for a moment does not lose it", async () => {
    const session = new Session(memory("r0"), devices());
    give("no network", tokens(1));
    await session.restore();
    expect(session.state.status).toBe("restoring");
    await vi.advanceTimersByTimeAsync(5_001);
    expect(session.state.status).toBe("signed_in");
  });

  test("a reload without a session asks nothing", async () => {
    const session = new Session(memory(), devices());
    await session.restore();
    expect(asked).toEqual([]);
    expect(session.state).toEqual({ status: "signed_out", reason: "none" });
  });
});

describe("signing in by steps", () => {
  test("what is still needed after the password is handed on, and nobody is signed in by it", async () => {
    const session = new Session(memory(), devices());
    await session.restore();
    give(step("second_factor_required"));
    expect(await session.signIn("doris@example.org", "x")).toMatchObject({ state: "second_factor_required", sign_in_token: "s1" });
    expect(session.state.status).toBe("signed_out");
    give(tokens(1));
    await session.showSecondFactor("s1", { code: "123456" }, null);
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/second-factor", body: { sign_in_token: "s1", code: "123456" } });
    expect(session.state).toMatchObject({ status: "signed_in", owed: null });
  });

  test("after setting an app up the recovery codes are owed until they are shown, whatever is renewed meanwhile", async () => {
    const session = new Session(memory(), devices());
    give(tokens(1), tokens(2));
    await session.showSecondFactor("s1", { code: "123456" }, "recovery_codes");
    await session.renew();
    expect(session.state).toMatchObject({ status: "signed_in", owed: "recovery_codes" });
    session.settle();
    expect(session.state).toMatchObject({ status: "signed_in", owed: null });
  });

  test("a password of one's own may lead to a further step", async () => {
    const session = new Session(memory(), devices());
    give(step("enrolment_required"));
    expect(await session.setFirstPassword("s1", "three words of mine")).toMatchObject({ state: "enrolment_required" });
  });

  test("the device's token goes with the password, and the new one is kept for whose it is", async () => {
    const known = devices({ "doris@example.org": "d0" });
    const session = new Session(memory(), known);
    give(tokens(1));
    await session.signIn("doris@example.org", "x");
    expect(asked[0]?.body).toMatchObject({ device_token: "d0" });
    expect(known.kept).toEqual({ "doris@example.org": "d1" });
    session.knownBy("d9");
    expect(known.kept).toEqual({ "doris@example.org": "d9" });
  });

  test("a session that is ended for a reason says so, and the server is told", async () => {
    const { session } = await signedIn();
    give({ status: 204 });
    await session.end("idle");
    expect(session.state).toEqual({ status: "signed_out", reason: "idle" });
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/current", token: "Bearer a1" });
    expect(session.limits).toBeNull();
  });
});

describe("known devices", () => {
  function store(): { text: () => string; storage: () => Storage } {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    return { text: () => [...kept.values()].join(), storage: () => storage as Storage };
  }

  test("each address has its own token, however it is typed, and none stands there in the clear", () => {
    const { text, storage } = store();
    keptDevices(storage).keep("Doris@Example.org", "d1");
    keptDevices(storage).keep("sam@example.org", "d2");
    expect(keptDevices(storage).tokenOf(" doris@example.org ")).toBe("d1");
    expect(keptDevices(storage).tokenOf("sam@example.org")).toBe("d2");
    expect(keptDevices(storage).tokenOf("nobody@example.org")).toBeNull();
    expect(text()).not.toMatch(/example/i);
  });

  test("the token of a password chosen with a letter's link goes with whoever signs in next, and then under their address", () => {
    const { storage } = store();
    const kept = keptDevices(storage);
    kept.keep("doris@example.org", "of before");
    kept.keep("sam@example.org", "d2");
    kept.keepForNext("of the link");
    expect(kept.tokenOf("doris@example.org")).toBe("of the link");
    kept.keep("doris@example.org", "d3");
    expect(kept.tokenOf("doris@example.org")).toBe("d3");
    expect(kept.tokenOf("sam@example.org")).toBe("d2");
    expect(kept.tokenOf("nobody@example.org")).toBeNull();
  });

  test("of many the newest fifty stay", () => {
    const { storage } = store();
    const kept = keptDevices(storage);
    for (let number = 0; number < 51; number += 1) kept.keep(`${number}@example.org`, `d${number}`);
    expect(kept.tokenOf("0@example.org")).toBeNull();
    expect(kept.tokenOf("1@example.org")).toBe("d1");
    expect(kept.tokenOf("50@example.org")).toBe("d50");
  });

  test("a browser that keeps nothing, or something else, is only a device that is not known", () => {
    const forbidden = keptDevices(() => {
      throw new Error("SecurityError");
    });
    forbidden.keep("doris@example.org", "d1");
    expect(forbidden.tokenOf("doris@example.org")).toBeNull();
    const odd = keptDevices(() => ({ getItem: () => '{"a": 1}', setItem: () => undefined }) as unknown as Storage);
    expect(odd.tokenOf("doris@example.org")).toBeNull();
  });
});

describe("the client", () => {
  test("a request refused with 401 is sent once more with a new token, and only once", async () => {
    const { session } = await signedIn();
    give(refuse(401), tokens(2), refuse(401));
    await expect(clientFor(session).get("/v1/me", {})).rejects.toMatchObject({ status: 401 });
    expect(asked.slice(1).map(({ path, token }) => [path, token])).toEqual([
      ["/v1/me", "Bearer a1"],
      ["/v1/sessions/refresh", null],
      ["/v1/me", "Bearer a2"],
    ]);
  });

  for (const [end, name] of [
    [(session: Session) => session.signOut(), "has signed out"],
    [(session: Session) => session.end("elsewhere"), "was ended elsewhere"],
  ] as const) {
    test(`what somebody asked for who ${name} is not sent again as whoever signs in next`, async () => {
      const { session } = await signedIn();
      let answer: (late: Response) => void = () => undefined;
      const late = new Promise<Response>((resolve) => (answer = resolve));
      const soon = globalThis.fetch;
      const path = { patient_id: "rose" };
      const body = { purpose: "research", text_version: 1 } as const;
      vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
        const quick = soon(path, init);
        return path.endsWith("/withdrawal") && asked.at(-1)?.token === "Bearer a1" ? late : quick;
      });
      give({ status: 204 }, { status: 204 }, tokens(2), tokens(3), { status: 201, body: {} });
      const posting = clientFor(session).post("/v1/patients/{patient_id}/consents/withdrawal", { path, body });
      const refused = expect(posting).rejects.toMatchObject({ status: 401 });
      await vi.advanceTimersByTimeAsync(0);
      await end(session);
      await session.signIn("sam@example.org", "long enough");
      answer(new Response(null, { status: 401 }));
      await refused;
      expect(asked.map(({ path, token }) => [path.split("/").at(-1), token])).toEqual([
        ["sessions", null],
        ["withdrawal", "Bearer a1"],
        ["current", "Bearer a1"],
        ["sessions", null],
      ]);
      expect(await session.accessToken()).toBe("a2");
    });
  }

  test("an answer that is not JSON is still a refusal with its status", async () => {
    const { session } = await signedIn();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })));
    await expect(clientFor(session).get("/v1/me", {})).rejects.toMatchObject({ status: 502, problem: null });
  });

  test("no answer is told apart from a refusal", async () => {
    const { session } = await signedIn();
    await expect(clientFor(session).get("/v1/me", {})).rejects.toBeInstanceOf(Unreachable);
  });
});

describe("keeping the refresh token", () => {
  function page() {
    const stored = new Map<string, string>();
    const listeners = new Map<string, () => void>();
    const document = { visibilityState: "visible", addEventListener: (name: string, act: () => void) => void listeners.set(name, act) };
    const window = {
      sessionStorage: {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => void stored.set(key, value),
        removeItem: (key: string) => void stored.delete(key),
      },
      document,
      addEventListener: (name: string, act: () => void) => void listeners.set(name, act),
    };
    return { stored, window: window as unknown as Window, happen: (name: string) => listeners.get(name)?.(), document };
  }

  test("while the page is in view nothing is stored, so that a duplicated tab gets no copy", () => {
    const { stored, window } = page();
    keepWhileAway(window).set("r1");
    expect(stored.size).toBe(0);
  });

  test("a reload finds the token and takes it out of the store", () => {
    const { stored, window, happen } = page();
    keepWhileAway(window).set("r1");
    happen("pagehide");
    expect([...stored.values()]).toEqual(["r1"]);
    expect(keepWhileAway(window).get()).toBe("r1");
    expect(stored.size).toBe(0);
  });

  test("a token renewed while the tab is hidden replaces the one stored", () => {
    const { stored, window, happen, document } = page();
    const keeping = keepWhileAway(window);
    keeping.set("r1");
    document.visibilityState = "hidden";
    happen("visibilitychange");
    keeping.set("r2");
    expect([...stored.values()]).toEqual(["r2"]);
  });

  test("after signing out nothing is left, in view or not", () => {
    const { stored, window, happen } = page();
    const keeping = keepWhileAway(window);
    keeping.set("r1");
    happen("pagehide");
    keeping.set(null);
    expect(stored.size).toBe(0);
  });
});
