/** The privacy notice in words. Pure. */

const DAYS_A_YEAR = 365.25;
/** From here on years say more than days. */
const MANY_DAYS = 2 * DAYS_A_YEAR;

/** "30 days", "30 years"; null: nothing removes it by itself; 0: when it is over. */
export function keptInWords(days: number | null): string {
  if (days === null) return "Until somebody decides, as the law allows";
  if (days === 0) return "No longer than it is in use";
  if (days >= MANY_DAYS) return `${Math.round(days / DAYS_A_YEAR)} years`;
  return days === 1 ? "1 day" : `${days} days`;
}
