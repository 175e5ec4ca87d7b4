/**
 * That a sign-in was under way in this tab when the page was reloaded: what was shown so far lives in memory alone and is gone,
 * and the door says why it begins again. A mark, nothing of the sign-in itself.
 */

export interface UnderWay {
  set(on: boolean): void;
  /** Whether a reload broke one off. True once. */
  takeBroken(): boolean;
}

const KEY = "tendwell.signing_in";

export function underWayIn({ sessionStorage }: Pick<Window, "sessionStorage">): UnderWay {
  let broken = sessionStorage.getItem(KEY) !== null;
  sessionStorage.removeItem(KEY);
  return {
    set: (on) => (on ? sessionStorage.setItem(KEY, "yes") : sessionStorage.removeItem(KEY)),
    takeBroken: () => {
      const was = broken;
      broken = false;
      return was;
    },
  };
}
