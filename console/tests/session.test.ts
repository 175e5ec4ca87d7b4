import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientFor } from "../src/api/client.ts";
import { Refused, Unreachable } from "../src/api/http.ts";
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
  body: { access_token: `a${number}`, token_type: "Bearer", expires_in: 600, refresh_token: `r${number}`, account: { id: "me", roles: [] } },
});
const refuse = (status: number): Answer => ({
  status,
  body: { type: "/problems/x", title: "No", status, detail: "No.", request_id: "q" },
});

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
  const session = new Session(keeping);
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
    const session = new Session(memory());
    await session.restore();
    give(refuse(401));
    await expect(session.signIn("x", "y")).rejects.toBeInstanceOf(Refused);
    expect(session.state.status).toBe("signed_out");
  });

  test("the token is renewed by itself before it runs out", async () => {
    const { session } = await signedIn();
    give(tokens(2));
    await vi.advanceTimersByTimeAsync(450_001);
    expect(asked.at(-1)).toMatchObject({ path: "/v1/sessions/refresh", body: { refresh_token: "r1" } });
    expect(await session.accessToken()).toBe("a2");
  });

  test("a network that fails is not a sign-out: it tries again", async () => {
    const { session } = await signedIn();
    give("no network", refuse(503), tokens(2));
    await vi.advanceTimersByTimeAsync(450_001);
    expect(session.state.status).toBe("signed_in");
    await vi.advanceTimersByTimeAsync(10_001);
    expect(await session.accessToken()).toBe("a2");
  });

  test("a refused refresh token ends the session and says that it ran out", async () => {
    const { session, keeping } = await signedIn();
    give(refuse(401));
    await vi.advanceTimersByTimeAsync(450_001);
    expect(session.state).toEqual({ status: "signed_out", reason: "expired" });
    expect(keeping.get()).toBeNull();
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
    expect(session.state.status).toBe("signed_out");
    expect(keeping.get()).toBeNull();
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
    const session = new Session(memory("r0"));
    give("no network", tokens(1));
    await session.restore();
    expect(session.state.status).toBe("restoring");
    await vi.advanceTimersByTimeAsync(5_001);
    expect(session.state.status).toBe("signed_in");
  });

  test("a reload without a session asks nothing", async () => {
    const session = new Session(memory());
    await session.restore();
    expect(asked).toEqual([]);
    expect(session.state).toEqual({ status: "signed_out", reason: "none" });
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
