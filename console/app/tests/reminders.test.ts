import { describe, expect, test } from "vitest";
import { Refused, Unreachable } from "#console/api/http.ts";
import type { NoticePreference } from "#console/api/types.ts";
import { bodyOf, choiceOf, nowhereBy, withWays } from "../src/reminders/preference.ts";
import type { PushBrowser, Subscribed } from "../src/reminders/push_browser.ts";
import { ThisPhone, type NoticeApi } from "../src/reminders/this_phone.ts";
import { leftIn, toldIn } from "../src/reminders/told_here.ts";
import type { Opened } from "../src/session/opening.ts";
import { pushedOf, shownOf } from "../worker/pushed.ts";

describe("a push", () => {
  /** As docs/notifications.md has it. */
  const told = { id: "0190f3a2", kind: "something_due", title: "Tendwell", text: "Something is due. Open Tendwell to see it.", language: "en" };

  test("is shown by the words of its kind and language, under its id", () => {
    expect(shownOf(pushedOf(JSON.stringify(told)))).toEqual({ body: told.text, lang: "en", tag: told.id });
    const inWelsh = pushedOf(JSON.stringify({ ...told, language: "cy" }));
    expect(shownOf(inWelsh)).toEqual({ body: "Mae rhywbeth i'w wneud. Agorwch Tendwell i'w weld.", lang: "cy", tag: told.id });
  });

  test("never shows what else came with it", () => {
    const said = JSON.stringify({ ...told, title: "Sam", text: "Take your metformin" });
    expect(shownOf(pushedOf(said)).body).toBe(told.text);
  });

  test.each(["", "{", "3", "null", '{"kind":"something_due"}', '{"kind":1,"id":"x"}', '{"id":"x","kind":"toString"}', undefined])("%s says in both languages that there is something", (said) => {
    expect(shownOf(pushedOf(said)).body).toMatch(/something new.* · .*newydd/);
  });
});

const ME = "me";
const KEY = "installation's key";
const opened = (id: string, isHeld = true) => ({ status: "open", person: { id, display_name: id }, isHeld }) as unknown as Opened;
const DOOR: Opened = { status: "door" };

/** A browser that subscribes under another address each time, and an API that keeps one address each. */
function phone() {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
  const world = { subscription: null as Subscribed | null, permission: "granted" as NotificationPermission, turns: 0, listed: new Map<string, string>(), isAway: false };
  const subscribed = (): Subscribed => ({ endpoint: `https://push.example/${(world.turns += 1)}`, keys: { p256dh: "p", auth: "a" } });
  const browser: PushBrowser = {
    isAble: true,
    permission: () => world.permission,
    ask: async () => world.permission,
    current: async () => world.subscription,
    subscribe: async () => (world.subscription = subscribed()),
    end: async () => void (world.subscription = null),
  };
  const reach = (): void => {
    if (world.isAway) throw new Unreachable("no network");
  };
  const api = {
    get: async (path: string) => {
      reach();
      return path.endsWith("channels") ? { offered: ["web_push"], web_push_public_key: KEY } : { items: [...world.listed].map(([id, name]) => ({ id, name })) };
    },
    post: async (_: string, { body }: { body: { name: string; subscription: Subscribed } }) => {
      reach();
      const id = `address of ${body.subscription.endpoint}`;
      world.listed.set(id, body.name);
      return { id };
    },
    remove: async (_: string, { path }: { path: { address_id: string } }) => {
      reach();
      if (!world.listed.delete(path.address_id)) throw new Refused(404, null);
    },
  } as unknown as NoticeApi;
  return { world, kept, api, phone: new ThisPhone(api, toldIn(() => storage as unknown as Storage), leftIn(() => storage as unknown as Storage), browser) };
}

describe("a phone that is told", () => {
  async function told() {
    const one = phone();
    await one.phone.follow(opened(ME));
    await one.phone.turnOn(ME, "My phone", KEY);
    return one;
  }

  test("stays so for its owner, at each opening", async () => {
    const { phone, world } = await told();
    const before = world.subscription;
    await phone.follow(opened(ME));
    expect([world.subscription, [...world.listed.values()]]).toEqual([before, ["My phone"]]);
    expect(phone.addressOf(ME)).not.toBeNull();
    expect(phone.addressOf("you")).toBeNull();
  });

  test.each([
    ["nobody is signed in", DOOR],
    ["somebody else is", opened("you")],
    ["it is not said to be one's own", opened(ME, false)],
  ])("is let go of where %s, network or not", async (_, next) => {
    const { phone, world, kept } = await told();
    world.isAway = true;
    await phone.follow(next);
    expect([world.subscription, [...kept.keys()]]).toEqual([null, ["tendwell.app.left"]]);
  });

  test("whose owner signs out without a network is taken off when they are there again, and by nobody else", async () => {
    const { phone, world, kept, api } = await told();
    world.isAway = true;
    await Promise.all([phone.leaving(api), phone.follow(DOOR)]);
    expect([world.subscription, world.listed.size]).toEqual([null, 1]);
    world.isAway = false;
    await phone.follow(opened("you"));
    expect(world.listed.size).toBe(1);
    world.isAway = true;
    await phone.follow(opened(ME, false));
    expect(world.listed.size).toBe(1);
    world.isAway = false;
    await phone.follow(opened(ME, false));
    expect([world.listed.size, kept.size]).toEqual([0, 0]);
  });

  test("forgets what others have written where it remembers what is left", () => {
    const written = (value: string) => leftIn(() => ({ getItem: () => value }) as unknown as Storage).of(ME);
    expect(["{", "3", "null", '[["me"]]', '[["me",1],["me","a"]]'].map(written)).toEqual([[], [], [], [], ["a"]]);
  });

  test("while nobody knows yet who is signed in, or nothing answers, stays as it is", async () => {
    const { phone, world } = await told();
    await phone.follow({ status: "opening" });
    world.isAway = true;
    await phone.follow(opened(ME));
    expect(world.subscription).not.toBeNull();
    expect(phone.addressOf(ME)).not.toBeNull();
  });

  test("is taken off by whoever signs out, with their last word to the API", async () => {
    const { phone, world, api } = await told();
    const leaving = phone.leaving(api);
    await Promise.all([leaving, phone.follow(DOOR)]);
    expect([world.listed.size, world.subscription]).toEqual([0, null]);
    await phone.leaving(api);
  });

  test("that was removed elsewhere is not put back", async () => {
    const { phone, world } = await told();
    world.listed.clear();
    await phone.follow(opened(ME));
    expect([world.listed.size, world.subscription, phone.addressOf(ME)]).toEqual([0, null, null]);
  });

  test.each([["dropped", null], ["changed", { endpoint: "https://push.example/other", keys: { p256dh: "p", auth: "a" } }]])("whose subscription the browser has %s is subscribed anew under its name", async (_, subscription) => {
    const { phone, world } = await told();
    world.subscription = subscription;
    await phone.follow(opened(ME));
    expect([...world.listed]).toEqual([[phone.addressOf(ME), "My phone"]]);
    expect(phone.addressOf(ME)).toBe(`address of ${world.subscription?.endpoint}`);
  });

  test("that may show nothing any more is taken off", async () => {
    const { phone, world } = await told();
    world.permission = "denied";
    await phone.follow(opened(ME));
    expect([world.listed.size, world.subscription, phone.addressOf(ME)]).toEqual([0, null, null]);
  });

  test("that the API did not take leaves no subscription behind", async () => {
    const { phone, world } = await told();
    await phone.turnOff();
    world.isAway = true;
    await expect(phone.turnOn(ME, "My phone", KEY)).rejects.toThrow(Unreachable);
    expect([world.subscription, phone.addressOf(ME)]).toEqual([null, null]);
  });

  test("is let go of though its owner signs out while it is being subscribed", async () => {
    const { phone, world, kept } = await told();
    await phone.turnOff();
    await Promise.all([phone.turnOn(ME, "My phone", KEY), phone.follow(DOOR)]);
    expect([world.subscription, [...kept.keys()]]).toEqual([null, ["tendwell.app.left"]]);
  });
});

describe("what is chosen", () => {
  const told: NoticePreference = {
    chosen: [{ kind: "something_due", channels: ["apns"] }, { kind: "something_new", channels: [] }],
    quiet_from: null,
    quiet_until: null,
    language: "en",
    offered: ["web_push", "sms"],
  };

  test("leaves ways that are not offered here as they were", () => {
    const choice = withWays(choiceOf(told, "cy"), "something_due", told.offered, ["sms"]);
    expect(bodyOf(choice)).toEqual({ chosen: [{ kind: "something_due", channels: ["apns", "sms"] }, { kind: "something_new", channels: [] }], quiet_from: null, quiet_until: null, language: "en" });
  });

  test("begins in the language that the app speaks", () => {
    const nothing = { ...told, chosen: told.chosen.map(({ kind }) => ({ kind, channels: [] })) };
    expect(choiceOf(nothing, "cy").language).toBe("cy");
  });

  test.each([["21:00", "21:00"], ["", "08:00"], ["21:00", "8"]])("has no quiet hours from %s until %s", (from, until) => {
    expect(bodyOf({ ...choiceOf(told, "en"), isQuiet: true, from, until })).toBeNull();
  });

  test("names the ways by which nothing can be sent yet", () => {
    const choice = withWays(choiceOf(told, "en"), "something_new", told.offered, ["web_push", "sms"]);
    expect(nowhereBy(choice, ["sms"], told.offered)).toEqual(["web_push"]);
  });
});
