/** The tabs' pictures: beside their words, never instead of them. */
import type { Tab } from "../pages/table.ts";

const PATHS: Readonly<Record<Tab, string>> = {
  today: "M4 7h16v13H4zM4 11h16M8 4v4M16 4v4",
  record: "M12 5v14M5 12h14",
  numbers: "M4 19V5M4 19h16M7 15l4-5 3 3 5-6",
  plan: "M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

export function TabIcon({ tab }: { tab: Tab }) {
  return (
    <svg class="ta-tab__icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <path d={PATHS[tab]} fill="none" stroke="currentColor" stroke-width={tab === "more" ? "3" : "2"} stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
