import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Attendance, type Surroundings } from "../src/session/attendance.ts";
import { Session } from "../src/session/session.ts";
import type { Said, Tabs } from "../src/session/tabs.ts";

const MINUTE = 60_000;

/** One browser: its tabs hear one another, never themselves. */
class Browser {
  readonly #tabs: ((said: Said) => void)[][] = [];
  tab(): Tabs {
    const mine: ((said: Said) => void)[] = [];
    this.#tabs.push(mine);
    return {
      say: (what) => this.#tabs.filter((tab) => tab !== mine).forEach((tab) => tab.forEach((hear) => hear(what))),
      onHeard: (act) => void mine.push(act),
    };
  }
}

interface Tab {
  session: Session;
  attendance: Attendance;
  hand: () => void;
  wake: () => void;
}

let asked: string[] = [];

function tabOf(browser: Browser, tab = browser.tab()): Tab {
  let hand = (): void => undefined;
  let wake = (): void => undefined;
  const world: Surroundings = {
    clocks: () => ({ wall: Date.now(), steady: performance.now() }),
    onHands: (act) => ((hand = act), () => undefined),
    onTime: (act) => {
      wake = act;
      const timer = setInterval(act, 1000);
      return () => clearInterval(timer);
    },
    tabs: tab,
  };
  const session = new Session({ get: () => "r", set: () => undefined }, { tokenOf: () => null, keep: () => undefined, keepForNext: () => undefined });
  return { session, attendance: new Attendance(session, world), hand: () => hand(), wake: () => wake() };
}

async function signedIn(browser = new Browser(), email = "doris@example.org"): Promise<Tab> {
  const tab = tabOf(browser);
  await tab.session.signIn(email, "x");
  return tab;
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  let began = new Map<string, number>();
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    if (init.method === "DELETE") return Promise.resolve(new Response(null, { status: 204 }));
    const email = (JSON.parse(String(init.body)) as { email?: string }).email ?? "doris@example.org";
    if (path === "/v1/sessions") began = began.set(email, Date.now());
    const left = 12 * 60 * MINUTE - (Date.now() - (began.get(email) ?? Date.now()));
    const body = {
      access_token: "a",
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: "r",
      device_token: "d",
      session_expires_in: Math.floor(left / 1000),
      session_idle_limit: 1800,
      account: { id: email, email, roles: [] },
    };
    return Promise.resolve(new Response(JSON.stringify(body), { status: 200 }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a session that nobody uses", () => {
  test("is warned of at 28 minutes, and at 30 the reader is signed out here and on the server", async () => {
    const { session, attendance } = await signedIn();
    await pass(28 * MINUTE - 1);
    expect(attendance.standing.is).toBe("in_use");
    await pass(1000);
    expect(attendance.standing.is).toBe("ending");
    await pass(2 * MINUTE);
    expect(session.state).toEqual({ status: "signed_out", reason: "idle" });
    expect(asked.at(-1)).toBe("DELETE /v1/sessions/current");
    expect(attendance.standing.is).toBe("in_use");
  });

  test("while the warning stands a hand changes nothing; saying that one is there does, and asks the server", async () => {
    const { session, attendance, hand } = await signedIn();
    await pass(28 * MINUTE + 1000);
    hand();
    expect(attendance.standing.is).toBe("ending");
    await attendance.stay();
    expect(attendance.standing.is).toBe("in_use");
    expect(asked.at(-1)).toBe("POST /v1/sessions/refresh");
    await pass(27 * MINUTE);
    expect(session.state.status).toBe("signed_in");
  });

  test("asks nothing of the server by itself, so that the server counts as we do", async () => {
    await signedIn();
    await pass(29 * MINUTE);
    expect(asked).toEqual(["POST /v1/sessions"]);
  });

  test("a machine that slept through the end is signed out before the key that woke it counts", async () => {
    const { session, hand } = await signedIn();
    vi.setSystemTime(Date.now() + 31 * MINUTE);
    hand();
    expect(session.state).toEqual({ status: "signed_out", reason: "idle" });
  });

  test("and at once when the page wakes", async () => {
    const { session, wake } = await signedIn();
    vi.setSystemTime(Date.now() + 31 * MINUTE);
    wake();
    expect(session.state).toEqual({ status: "signed_out", reason: "idle" });
  });
});

describe("a session in use", () => {
  test("by hand goes on, and the server hears of it", async () => {
    const { session, hand } = await signedIn();
    for (let minutes = 0; minutes < 90; minutes += 10) {
      await pass(10 * MINUTE);
      hand();
    }
    expect(session.state.status).toBe("signed_in");
    expect(asked.filter((one) => one.endsWith("/refresh")).length).toBeGreaterThan(5);
  });

  test("by a live connection goes on without a hand, until twelve hours are over", async () => {
    const { session, attendance } = await signedIn();
    const live = setInterval(() => attendance.heldOpen(), 1000);
    await pass(12 * 60 * MINUTE - MINUTE);
    expect(session.state.status).toBe("signed_in");
    expect(attendance.standing).toMatchObject({ is: "ending", why: "too_long" });
    await pass(2 * MINUTE);
    clearInterval(live);
    expect(session.state).toEqual({ status: "signed_out", reason: "too_long" });
  });
});

describe("the tabs of one browser", () => {
  test("a hand in one keeps the others of the same account, and nobody else's", async () => {
    const browser = new Browser();
    const [here, there, another] = [await signedIn(browser), await signedIn(browser), await signedIn(browser, "sam@example.org")];
    await pass(20 * MINUTE);
    here.hand();
    await pass(15 * MINUTE);
    expect(here.session.state.status).toBe("signed_in");
    expect(there.session.state.status).toBe("signed_in");
    expect(another.session.state).toEqual({ status: "signed_out", reason: "idle" });
  });

  test("a live connection in one keeps no other tab's session: to the server that one is not used", async () => {
    const browser = new Browser();
    const [board, other] = [await signedIn(browser), await signedIn(browser)];
    const live = setInterval(() => board.attendance.heldOpen(), 1000);
    await pass(31 * MINUTE);
    clearInterval(live);
    expect(board.session.state.status).toBe("signed_in");
    expect(other.session.state).toEqual({ status: "signed_out", reason: "idle" });
  });

  test("who signs out in one is out in all of the same account, and told why", async () => {
    const browser = new Browser();
    const [here, there, another] = [await signedIn(browser), await signedIn(browser), await signedIn(browser, "sam@example.org")];
    await here.attendance.signOut();
    expect(here.session.state).toEqual({ status: "signed_out", reason: "none" });
    expect(there.session.state).toEqual({ status: "signed_out", reason: "elsewhere" });
    expect(another.session.state.status).toBe("signed_in");
    expect(asked.filter((one) => one.startsWith("DELETE"))).toHaveLength(2);
  });

  test("who stays in one warned tab stays in the other warned one", async () => {
    const browser = new Browser();
    const [here, there] = [await signedIn(browser), await signedIn(browser)];
    await pass(28 * MINUTE + 1000);
    expect(there.attendance.standing.is).toBe("ending");
    await here.attendance.stay();
    expect(there.attendance.standing.is).toBe("in_use");
  });

  test("a tab at the door hears of a tab where somebody is signed in, and of no other that stands at the door", async () => {
    const browser = new Browser();
    const [door, other] = [tabOf(browser), tabOf(browser)];
    const heard: boolean[] = [];
    const stop = door.attendance.askElsewhere((somebody) => heard.push(somebody));
    expect(heard).toEqual([]);
    await other.session.signIn("doris@example.org", "x");
    door.attendance.askElsewhere(() => undefined);
    expect(heard).toEqual([true]);
    stop();
    door.attendance.askElsewhere(() => undefined);
    expect(heard).toEqual([true]);
    expect(other.session.state.status).toBe("signed_in");
  });

  test("a tab at the door hears when that session ends, by hand or for want of use, and that another's has not", async () => {
    const browser = new Browser();
    const [doris, sam] = [await signedIn(browser), await signedIn(browser, "sam@example.org")];
    const door = tabOf(browser);
    let elsewhere = false;
    door.attendance.askElsewhere((somebody) => (elsewhere = somebody));
    expect(elsewhere).toBe(true);
    await doris.attendance.signOut();
    expect(elsewhere).toBe(true);
    await pass(31 * MINUTE);
    expect(sam.session.state).toEqual({ status: "signed_out", reason: "idle" });
    expect(elsewhere).toBe(false);
  });

  test("who signs in again in the same tab begins anew", async () => {
    const { session, attendance } = await signedIn();
    await pass(31 * MINUTE);
    expect(session.state.status).toBe("signed_out");
    await session.signIn("doris@example.org", "x");
    await pass(27 * MINUTE);
    expect(session.state.status).toBe("signed_in");
    expect(attendance.standing.is).toBe("in_use");
  });
});
