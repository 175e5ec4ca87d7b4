/**
 * The connection's state, always in view, in words and by shape. Only a change of state is announced, once; the time of the
 * last update is for the eye. When the feed is not live, it says plainly that the values below may be out of date.
 */
import { timeOfDay } from "../format/times.ts";
import type { Connection } from "../live/state.ts";
import { useSecond } from "../live/ticking.ts";
import { useLiveFacts } from "./live_context.ts";

/**
 * Besides the feed's own states: what it would tell of could not be loaded, so that nothing is connecting yet; and there is
 * nobody it could tell of, so that nothing need be.
 */
type Shown = Connection | "unconnected" | "idle";

const WORDS: Record<Shown, string> = {
  unconnected: "Not connected",
  idle: "Nobody to watch yet",
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  offline: "Offline",
  ended: "Stopped",
};

const ANNOUNCED: Record<Shown, string> = {
  unconnected: "Not connected.",
  idle: "",
  connecting: "",
  live: "Readings are live.",
  reconnecting: "The connection was lost. Readings are stale. Reconnecting.",
  offline: "Offline. Readings are stale.",
  ended: "Live readings have stopped.",
};

const OUT_OF_DATE: ReadonlySet<Shown> = new Set<Shown>(["reconnecting", "offline", "ended"]);

interface Props {
  /** Whether loading what is to be shown has failed, and is being tried again. */
  failed: boolean;
  /** Whether it is known that there is nobody to be told of. */
  nobody?: boolean;
}

export function ConnectionBar({ failed, nobody = false }: Props) {
  const facts = useLiveFacts();
  const told = facts.connection === "live" || facts.connection === "ended";
  const connection: Shown = failed && !told ? "unconnected" : nobody ? "idle" : facts.connection;
  return (
    <div class={`tw-connection tw-connection--${connection}`} data-connection={connection}>
      <p class="nhsuk-u-visually-hidden" role="status">
        {ANNOUNCED[connection]}
      </p>
      <Shape connection={connection} />
      <strong class="tw-connection__state">{WORDS[connection]}</strong>
      <LastUpdate />
      {OUT_OF_DATE.has(connection) && <span class="tw-connection__warning">Values shown may be out of date.</span>}
      {connection === "idle" && <span class="tw-connection__heard">The connection opens with the first patient.</span>}
    </div>
  );
}

/** On its own so that only it renders every second, outside the announced region. */
function LastUpdate() {
  useSecond();
  const { connection, heardAt: lastHeard } = useLiveFacts();
  const heardAt = lastHeard();
  if (heardAt === null) return null;
  return (
    <span class="tw-connection__heard">
      {connection === "live" ? "updated" : "last update"} {timeOfDay(heardAt)}
    </span>
  );
}

/** A full disc, a broken ring, a thin ring, a cross or a square: told apart without colour. */
function Shape({ connection }: { connection: Shown }) {
  return (
    <svg class="tw-connection__shape" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {connection === "live" && <circle cx="8" cy="8" r="6" fill="currentColor" />}
      {(connection === "reconnecting" || connection === "connecting") && (
        <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="3" stroke-dasharray="6 3" />
      )}
      {(connection === "offline" || connection === "unconnected") && <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" stroke-width="3" fill="none" />}
      {connection === "idle" && <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />}
      {connection === "ended" && <rect x="2.5" y="2.5" width="11" height="11" fill="currentColor" />}
    </svg>
  );
}
