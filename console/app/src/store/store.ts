/**
 * The copy of one person's record and what they did since, for as long as they are signed in or their phone keeps it: shown at
 * once from where it lies, and settled with the API whenever there is a network. What to do next the pure rules say
 * (sync/rounds.ts); here it is done, one tab at a time, and what was done is durable before anything else is.
 */
import { newClientId } from "#console/api/client_id.ts";
import { Refused } from "#console/api/http.ts";
import { isPassing } from "#console/api/retrying.ts";
import { delayAfter } from "#console/live/backoff.ts";
import { isUrgent } from "../questions/urgent.ts";
import { afterPage, afterRefusal, afterVerdicts, isDue, isHeldBack, judged, NEW_ROUND, nextStep, withoutVain, type Round } from "../sync/rounds.ts";
import type { Wire } from "../sync/wire.ts";
import { markOf, NOTHING, sinceOf, withPage, type Copy, type Held, type Mark } from "./copy.ts";
import { withUnsent, type Shelf } from "./shelf.ts";
import { countedIn, pageWithout, retractionsIn, unsentWithout, type Counted } from "./taken_back.ts";
import type { Changes, Decision, Retraction, Safety, Thing, Unsent, Verdict } from "./things.ts";
import { untold } from "./untold.ts";

/** Why nothing was settled at last: nobody answered; not signed in any more; no record of theirs any more; a fault. */
export type Trouble = "unreachable" | "signed_out" | "ended" | "fault";

export interface Network {
  /** Whether the API answered when it was last asked, and the phone knows of a network. */
  readonly online: boolean;
  /** When the copy was last known to be complete, by the API's clock (RFC 3339); null: never. */
  readonly lastSync: string | null;
  readonly syncing: boolean;
  readonly problem: Trouble | null;
}

/** What the record says, as far as this phone holds it, and what is not settled. */
export interface Standing {
  readonly copy: Copy | undefined;
  readonly unsent: readonly Unsent[];
}

/** What a store shows, whole: another object after each change. What was taken back is not in its copy, nor among what is unsent. */
export interface Shown extends Standing {
  /** With what was taken back and is not settled: for saying what that was, and how much is not sent. */
  readonly kept: Standing;
  readonly network: Network;
  /** Whether the copy may be taken for the present, by this phone's clock: it is asked again each second (store/ages.ts). */
  readonly mark: Mark | null;
  /** Whom to call, for answers that cannot wait; until it is put away. */
  readonly safety: readonly Safety[];
}

/** What a store needs from the world; a test gives its own. */
export interface World {
  /** Milliseconds since the epoch, as this phone believes. */
  now(): number;
  chance(): number;
  /** Whether this phone knows of a network. */
  hasNetwork(): boolean;
  /** Runs `act` while no other tab of this browser does. */
  inTurn(act: () => Promise<void>): Promise<void>;
  /** Calls back after so many milliseconds; returns how to stop. */
  after(ms: number, act: () => void): () => void;
  /** Other tabs hear that what lies on the shelf has changed. */
  tellOthers(): void;
}

/** While the page is open. The live socket is not the app's: a phone is asleep most of the time. */
const EVERY_MS = 60_000;
/** When something that is recorded was not told yet. */
const BEHIND_MS = 2_000;
/** After the API said that nothing is here for this person: what they did and could not send waits, and it may have been mistaken. */
const SLOWLY_MS = 5 * 60_000;

export class Store {
  #held: Held = NOTHING;
  #mark: Mark | null = null;
  #unsent: ReadonlyMap<string, Unsent> = new Map();
  /** Under way, or kept by the API and not yet told back: shown as being sent. */
  #flying: ReadonlyMap<string, Unsent> = new Map();
  #safety: readonly Safety[] = [];
  #problem: Trouble | null = null;
  #failures = 0;
  /** Whether something that is recorded was not told when it was last asked. */
  #isBehind = false;
  /** How often this tab has put something on the shelf. */
  #writes = 0;
  #syncing: Promise<void> | null = null;
  #isClosed = false;
  #stopWaiting: () => void = () => undefined;
  /** The copy without what is taken back. */
  #counted: Counted = { of: NOTHING, by: "", held: NOTHING };
  #shown: Shown;
  readonly #shelf: Shelf;
  readonly #wire: Wire;
  readonly #world: World;
  readonly #listeners = new Set<() => void>();

  private constructor(shelf: Shelf, wire: Wire, world: World) {
    this.#shelf = shelf;
    this.#wire = wire;
    this.#world = world;
    this.#shown = this.#showing();
  }

  /** A store with what lies on the shelf. */
  static async open(shelf: Shelf, wire: Wire, world: World): Promise<Store> {
    const store = new Store(shelf, wire, world);
    await store.look();
    // What was refused may be kept today: by a server that is newer, or by a clock that was put right.
    const urgent = [...store.#unsent.values()].filter((one) => isUrgent(one) && !isDue(one));
    if (urgent.length > 0) await store.#putUnsent(urgent.map((one) => ({ ...one, state: "waiting" }) as Unsent), []);
    return store;
  }

  get shown(): Shown {
    return this.#shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keep what somebody did. Durable, where the phone keeps anything, before it resolves; sending begins by itself. */
  async keep(thing: Thing): Promise<void> {
    const item = newClientId();
    const body = withClientId(thing, item);
    const unsent = { ...thing, body, item, keptAt: this.#world.now(), state: "waiting", verdict: null } as Unsent;
    await this.#putUnsent([unsent], []);
    void this.syncNow();
  }

  /** What its owner decided of what could not be kept as it was. Nothing happens to what is not there or under way. */
  async settle(item: string, decision: Decision): Promise<void> {
    const found = this.#unsent.get(item);
    if (found === undefined || this.#flying.has(item)) return;
    if (decision.do === "drop") return this.#putUnsent([], [item]);
    await this.#putUnsent([{ ...found, body: decision.body, state: "waiting", verdict: null } as Unsent], []);
    void this.syncNow();
  }

  /** The words were shown, and put away by who read them. */
  putSafetyAway(): void {
    this.#safety = [];
    this.#tell();
  }

  /** Settle with the API now, or hear of the settling that is under way. Never rejects: `network` says how it went. */
  syncNow(): Promise<void> {
    this.#syncing ??= this.#settle().finally(() => {
      this.#syncing = null;
      this.#waitForNext();
      this.#tell();
    });
    this.#tell();
    return this.#syncing;
  }

  /** Take up what lies on the shelf: another tab has changed it. */
  async look(): Promise<void> {
    for (;;) {
      const before = this.#writes;
      const { held, mark, unsent } = await this.#shelf.read();
      if (this.#isClosed) return;
      // What was put there meanwhile may not be in what was read.
      if (before !== this.#writes) continue;
      this.#held = held;
      this.#mark = mark;
      this.#unsent = withUnsent(new Map(), unsent, []);
      return this.#tell();
    }
  }

  /** Nothing is asked, sent or shown from here on. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    this.#held = NOTHING;
    this.#mark = null;
    this.#unsent = this.#flying = new Map();
    this.#tell();
    this.#listeners.clear();
  }

  async #settle(): Promise<void> {
    this.#stopWaiting();
    let round: Round = NEW_ROUND;
    try {
      await this.#world.inTurn(async () => {
        await this.look();
        for (round = NEW_ROUND; !this.#isClosed; ) {
          const step = nextStep([...this.#unsent.values()], round);
          if (step.do === "rest") break;
          round = step.do === "send" ? await this.#send(step.items, round) : await this.#ask(round);
        }
      });
      this.#problem = null;
      this.#failures = 0;
    } catch (error) {
      this.#problem = troubleOf(error);
      this.#failures += 1;
      if (this.#problem === "ended") await this.#shelf.dropCopy().then(() => this.look());
    }
    // What is recorded and was not told back goes on being shown: without it, the state of before would look like the present.
    this.#flying = new Map([...this.#flying].filter(([item]) => !this.#unsent.has(item)));
    if (!this.#isClosed) this.#world.tellOthers();
  }

  async #send(batch: readonly Unsent[], round: Round): Promise<Round> {
    this.#flying = new Map([...this.#flying, ...batch.map((one) => [one.item, { ...one, state: "sending" } as Unsent] as const)]);
    this.#tell();
    let verdicts: readonly Verdict[];
    try {
      verdicts = await this.#wire.send(batch);
    } catch (error) {
      if (!isOfTheBatch(error)) throw error;
      const smaller = afterRefusal(round, batch);
      if (smaller !== null) return smaller;
      verdicts = [refusalOf(error)];
    }
    if (this.#isClosed) return round;
    const { changed, settled, safety } = withoutVain(judged(batch, verdicts), this.#unsent);
    this.#safety = [...this.#safety, ...safety];
    // What got a verdict that its owner must see is shown so at once; what is kept is shown as being sent until it is told back.
    const flying = [...this.#flying].filter(([item]) => !changed.some((one) => one.item === item));
    this.#flying = new Map(flying.map(([item, one]) => [item, settled.includes(item) ? { ...one, verdict: verdicts.find((verdict) => verdict.item === item) ?? null } : one]));
    await this.#takeOut(retractionsIn(batch.filter(({ item }) => settled.includes(item))));
    await this.#putUnsent(changed, settled);
    return afterVerdicts(round, batch);
  }

  /** Take out of the copy what the API has kept as taken back: until it is asked what changed nothing else remembers that, once the page is closed. */
  async #takeOut(retractions: readonly Retraction[]): Promise<void> {
    const page = pageWithout(this.#held, retractions);
    if (page === null || this.#mark === null) return;
    await this.#shelf.putPage(page, this.#mark);
    if (this.#isClosed) return;
    this.#writes += 1;
    this.#held = withPage(this.#held, page);
  }

  async #ask(round: Round): Promise<Round> {
    const page = await this.#nextPage();
    if (this.#isClosed) return round;
    const mark = markOf(this.#mark, page, this.#world.now());
    await this.#shelf.putPage(page, mark);
    if (this.#isClosed) return round;
    this.#writes += 1;
    this.#held = withPage(this.#held, page);
    this.#mark = mark;
    this.#isBehind = page.behind;
    this.#flying = page.more || page.behind ? untold(this.#flying, this.#held) : new Map();
    this.#tell();
    return afterPage(round, page);
  }

  /** What changed since; from the beginning where the API does not take how far this copy goes: its page then takes the copy's place. */
  async #nextPage(): Promise<Changes> {
    const since = sinceOf(this.#mark);
    try {
      return await this.#wire.ask(since);
    } catch (error) {
      if (since === null || !isOfTheMark(error)) throw error;
      return this.#wire.ask(null);
    }
  }

  async #putUnsent(changed: readonly Unsent[], settled: readonly string[]): Promise<void> {
    await this.#shelf.putUnsent(changed, settled);
    if (this.#isClosed) return;
    this.#writes += 1;
    this.#unsent = withUnsent(this.#unsent, changed, settled);
    this.#world.tellOthers();
    this.#tell();
  }

  #waitForNext(): void {
    if (this.#isClosed) return;
    this.#stopWaiting();
    this.#stopWaiting = this.#world.after(this.#msToNext(), () => void this.syncNow());
  }

  #msToNext(): number {
    if (this.#problem === "signed_out" || this.#problem === "ended") return SLOWLY_MS;
    if (this.#problem !== null) return this.#world.hasNetwork() ? delayAfter(this.#failures, this.#world.chance()) : EVERY_MS;
    const unsent = [...this.#unsent.values()];
    if (unsent.some((one) => one.state === "waiting" && !isHeldBack(one, unsent))) return 0;
    return this.#isBehind ? BEHIND_MS : EVERY_MS;
  }

  #showing(): Shown {
    const mark = this.#mark;
    const { asOf, timeZone, timeZones, isWhole } = mark ?? {};
    const copyOf = (held: Held): Copy | undefined =>
      asOf === undefined || timeZone === undefined || isWhole === undefined ? undefined : { ...held, asOf, timeZone, timeZones, isWhole, isHeld: this.#shelf.isHeld };
    const unsent = [...untold(new Map([...this.#unsent, ...this.#flying]), this.#held).values()].toSorted((one, other) => one.keptAt - other.keptAt);
    const network = {
      online: this.#problem !== "unreachable" && this.#world.hasNetwork(),
      lastSync: isWhole === true ? (asOf ?? null) : null,
      syncing: this.#syncing !== null,
      problem: this.#problem,
    };
    const retractions = retractionsIn(unsent);
    return {
      copy: copyOf(this.#countedBy(retractions)),
      unsent: unsentWithout(unsent, retractions),
      kept: { copy: copyOf(this.#held), unsent },
      network,
      mark,
      safety: this.#safety,
    };
  }

  #countedBy(retractions: readonly Retraction[]): Held {
    this.#counted = countedIn(this.#held, retractions, this.#counted);
    return this.#counted.held;
  }

  #tell(): void {
    this.#shown = this.#showing();
    for (const listener of this.#listeners) listener();
  }
}

/** Under its own name for good: a thing that is sent twice is kept once. What its page has named keeps that name. */
function withClientId(thing: Thing, item: string): Thing["body"] {
  if (thing.kind === "goal_status" || thing.kind === "goal_wording" || thing.kind === "retraction") return thing.body;
  const { client_id } = thing.body;
  return { ...thing.body, client_id: client_id ?? item };
}

/** What the API itself says of a record that is not, or no longer, theirs. Any other 403 or 404 is a proxy's, of whatever is away behind it. */
const NO_RECORD: ReadonlySet<string> = new Set(["/problems/not-found", "/problems/not-permitted"]);

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Refused)) return isPassing(error) ? "unreachable" : "fault";
  if (error.status === 401) return "signed_out";
  if (error.status !== 403 && error.status !== 404) return "fault";
  return NO_RECORD.has(error.problem?.type ?? "") ? "ended" : "unreachable";
}

const OF_THE_BATCH: ReadonlySet<number> = new Set([400, 413, 422]);

/** Refused for what is in it: it would be again, however often it is sent. */
function isOfTheBatch(error: unknown): error is Refused {
  return error instanceof Refused && OF_THE_BATCH.has(error.status);
}

const OF_THE_MARK: ReadonlySet<number> = new Set([400, 410, 422]);

/** Refused for how far the copy says that it goes: signed with another key, or by a server that is newer than the one that reads it. */
function isOfTheMark(error: unknown): boolean {
  return error instanceof Refused && OF_THE_MARK.has(error.status);
}

/** The verdict on the one thing for which a whole request was refused. */
function refusalOf({ problem }: Refused): Verdict {
  const type = problem?.type ?? null;
  return { index: 0, item: null, outcome: "refused", id: null, problem: type, detail: problem?.detail ?? null, errors: [], confirm: false, safety: null };
}
