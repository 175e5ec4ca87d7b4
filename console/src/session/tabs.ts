/**
 * What this browser's tabs tell one another of a session: that its holder is there, or has signed out; and, for tabs at the
 * door, that somebody is signed in, and that a session has ended, in whatever way. Who has ended others' sessions says "look":
 * theirs may be among them. No token, no name.
 */

export type Said =
  | { readonly type: "used" | "signed_out"; readonly account: string }
  | { readonly type: "anybody?" }
  | { readonly type: "somebody" }
  | { readonly type: "ended" }
  | { readonly type: "look" };

export interface Tabs {
  say(what: Said): void;
  onHeard(act: (said: Said) => void): void;
}

const CHANNEL = "tendwell.session";

/** `name`: of which pages; the patient's app is signed in by itself. */
export function browserTabs(name: string = CHANNEL): Tabs {
  const channel = new BroadcastChannel(name);
  return {
    say: (what) => channel.postMessage(what),
    onHeard: (act) => {
      channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (isSaid(data)) act(data);
      });
    },
  };
}

const WORDS: ReadonlySet<string> = new Set(["anybody?", "somebody", "ended", "look"]);

/** A tab with another version of the console may say anything. */
function isSaid(data: unknown): data is Said {
  if (typeof data !== "object" || data === null || !("type" in data)) return false;
  if (typeof data.type === "string" && WORDS.has(data.type)) return true;
  return (data.type === "used" || data.type === "signed_out") && "account" in data && typeof data.account === "string";
}
