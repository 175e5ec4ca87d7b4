/** Two minutes before the session ends by itself: says so, and asks whether the reader is still there. */
import { useEffect, useState } from "preact/hooks";
import { useServices } from "../services.ts";
import { leftInWords, type Standing } from "../session/idleness.ts";
import { Modal } from "./modal.tsx";

export function TimeoutWarning() {
  const { attendance } = useServices();
  const [standing, setStanding] = useState<Standing>(attendance.standing);
  useEffect(() => {
    setStanding(attendance.standing);
    return attendance.subscribe(() => setStanding(attendance.standing));
  }, [attendance]);
  if (standing.is !== "ending") return null;
  return <Warning why={standing.why} left={leftInWords(standing.leftMs)} />;
}

function Warning({ why, left }: { why: "idle" | "too_long"; left: string }) {
  const { attendance, router } = useServices();
  const [understood, setUnderstood] = useState(false);
  const signOut = (): void => {
    void attendance.signOut();
    router.go({ page: "sign_in" });
  };
  // Nothing prolongs a session that has lasted as long as it may: only to be read.
  const stay = (): void => (why === "idle" ? void attendance.stay().catch(() => undefined) : setUnderstood(true));
  if (understood) return <p class="tw-ending" role="status">You will be signed out in {left}. Finish what you are doing.</p>;
  return (
    <Modal title={why === "idle" ? "Are you still there?" : "Your session is about to end"} onLeave={stay} urgent>
      <div id="modal-words" role="status">
        <p>
          You will be signed out in <strong>{left}</strong>
          {why === "idle"
            ? ", because you have not used Tendwell for a while. What you have not saved is lost then."
            : ", because you have been signed in for as long as is safe. Finish what you are doing, then sign in again."}
        </p>
      </div>
      <div class="tw-buttons">
        <button type="button" class="nhsuk-button" onClick={stay}>
          {why === "idle" ? "Stay signed in" : "Go on for now"}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={signOut}>
          Sign out
        </button>
      </div>
    </Modal>
  );
}
