/** What this browser's tabs tell one another of a session: that its holder is there, or has signed out. No token, no name. */

export interface Said {
  readonly type: "used" | "signed_out";
  readonly account: string;
}

export interface Tabs {
  say(what: Said): void;
  onHeard(act: (said: Said) => void): void;
}

const CHANNEL = "tendwell.session";

export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(CHANNEL);
  return {
    say: (what) => channel.postMessage(what),
    onHeard: (act) => {
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isSaid(data)) act(data);
      };
    },
  };
}

/** A tab with another version of the console may say anything. */
function isSaid(data: unknown): data is Said {
  if (typeof data !== "object" || data === null || !("type" in data) || !("account" in data)) return false;
  return (data.type === "used" || data.type === "signed_out") && typeof data.account === "string";
}
