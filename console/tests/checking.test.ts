import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ASK_AGAIN_MS, ASK_EVERY_MS, Checking, type Sight } from "../src/session/checking.ts";
import { Session } from "../src/session/session.ts";
import type { Said } from "../src/session/tabs.ts";

const ASKED = "POST /v1/sessions/standing";

const PROBLEM = { type: "/problems/x", title: "No", detail: "No.", request_id: "q" };

let asked: string[] = [];
/** What asking is answered; "silent": nothing answers. */
let standing: 204 | 401 | 503 | "silent" = 204;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  standing = 204;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    if (path === "/v1/sessions/standing") {
      asked.push(`${init.method} ${path}`);
      if (standing === "silent") return Promise.reject(new TypeError("failed"));
      return Promise.resolve(new Response(standing === 204 ? null : JSON.stringify({ ...PROBLEM, status: standing }), { status: standing }));
    }
    const account = { id: "doris", email: "doris@example.org", roles: [] };
    const limits = { session_expires_in: 43_200, session_idle_limit: 1800 };
    const body = { access_token: "a", token_type: "Bearer", expires_in: 600, refresh_token: "r", device_token: "d", ...limits, account };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function page() {
  const said: Said[] = [];
  const acts = { second: () => undefined as void, come: () => undefined as void, takenOut: () => undefined as void, hear: (_: Said) => undefined as void };
  const sight = { visible: true };
  const world: Sight = {
    clocks: () => ({ wall: Date.now(), steady: performance.now() }),
    inSight: () => sight.visible,
    onTime: (act) => {
      acts.second = act;
      setInterval(act, 1000);
    },
    onReturn: (act) => void (acts.come = act),
    onTakenOut: (act) => void (acts.takenOut = act),
    tabs: { say: (what) => void said.push(what), onHeard: (act) => void (acts.hear = act) },
  };
  let kept: string | null = null;
  const keeping = { get: () => kept, set: (token: string | null) => void (kept = token) };
  const session = new Session(keeping, { tokenOf: () => null, keep: () => undefined, keepForNext: () => undefined });
  const checking = new Checking(session, world);
  await session.signIn("doris@example.org", "x");
  return { session, checking, acts, sight, said };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("a page that nobody touches", () => {
  test("leaves within a minute of its session's end, and says that it was ended", async () => {
    const { session } = await page();
    await pass(3 * ASK_EVERY_MS);
    expect(session.state.status).toBe("signed_in");
    standing = 401;
    await pass(ASK_EVERY_MS);
    expect(session.state).toEqual({ status: "signed_out", reason: "closed" });
    const before = asked.length;
    await pass(5 * ASK_EVERY_MS);
    expect(asked).toHaveLength(before);
  });

  test("asks once a minute, uses nothing and renews nothing", async () => {
    await page();
    await pass(5 * ASK_EVERY_MS);
    expect(asked).toEqual(Array(5).fill(ASKED));
  });

  test("asks nothing while it is out of sight, and at once when it is seen again", async () => {
    const { session, sight, acts } = await page();
    sight.visible = false;
    standing = 401;
    await pass(10 * ASK_EVERY_MS);
    expect(asked).toEqual([]);
    sight.visible = true;
    acts.come();
    await pass(0);
    expect(session.state.status).toBe("signed_out");
  });

  test("a machine that slept asks as soon as it runs again", async () => {
    const { session, acts } = await page();
    standing = 401;
    vi.setSystemTime(Date.now() + 20 * ASK_EVERY_MS);
    acts.second();
    await pass(0);
    expect(session.state.status).toBe("signed_out");
  });

  test("a network or server that fails ends nothing, and is asked again soon", async () => {
    const { session } = await page();
    for (const answer of ["silent", 503] as const) {
      standing = answer;
      await pass(ASK_EVERY_MS);
      expect(session.state.status).toBe("signed_in");
      const before = asked.length;
      await pass(ASK_AGAIN_MS);
      expect(asked).toHaveLength(before + 1);
    }
  });
});

describe("this browser's tabs", () => {
  test("ask at once when another tab has ended sessions, its own or others", async () => {
    for (const heard of ["ended", "look"] as const) {
      const { session, acts } = await page();
      standing = 401;
      acts.hear({ type: heard });
      await pass(0);
      expect(session.state).toEqual({ status: "signed_out", reason: "closed" });
      standing = 204;
    }
  });

  test("what was told while a question was under way is asked again", async () => {
    const { session, acts } = await page();
    acts.come();
    standing = 401;
    acts.hear({ type: "look" });
    await pass(0);
    expect(asked).toHaveLength(2);
    expect(session.state.status).toBe("signed_out");
  });

  test("are told to look by whoever has ended others' sessions", async () => {
    const { checking, said } = await page();
    checking.endedOthers();
    expect(said).toEqual([{ type: "look" }]);
  });
});

describe("a page that the browser had put away whole", () => {
  test("is covered until it is known that the session stands", async () => {
    const { checking, acts } = await page();
    standing = "silent";
    acts.takenOut();
    await pass(0);
    expect(checking.covered).toBe(true);
    standing = 204;
    await pass(ASK_AGAIN_MS);
    expect(checking.covered).toBe(false);
  });

  test("is left when it does not, and the sign-in page is not covered", async () => {
    const { checking, session, acts } = await page();
    standing = 401;
    acts.takenOut();
    await pass(0);
    expect([session.state.status, checking.covered]).toEqual(["signed_out", false]);
  });
});
