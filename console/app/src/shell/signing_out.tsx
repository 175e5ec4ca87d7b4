/** Signing out takes everything off the phone: what is not sent is asked about first. */
import { useServices } from "#console/services.ts";
import { useState } from "preact/hooks";
import { useAppServices } from "../services.ts";
import { useDoing, useKept, useNetwork } from "../store/hooks.ts";
import { useWords } from "./words.ts";

/** `isOwnNext`: the door opens with "my own phone" said. */
export function SignOut({ name, isOwnNext = false }: { name: string; isOwnNext?: boolean }) {
  const { attendance, router } = useServices();
  const { ownPhone } = useAppServices();
  const unsent = useKept().unsent.length;
  const [isAsked, setIsAsked] = useState(false);
  const leave = (): void => {
    ownPhone.set(isOwnNext);
    void attendance.signOut();
    router.go({ page: "sign_in" });
  };
  if (isAsked && unsent > 0) return <Asking count={unsent} onLeave={leave} onStay={() => setIsAsked(false)} />;
  return (
    <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => (unsent > 0 ? setIsAsked(true) : leave())}>
      {name}
    </button>
  );
}

function Asking({ count, onLeave, onStay }: { count: number; onLeave: () => void; onStay: () => void }) {
  const words = useWords();
  const { syncNow } = useDoing();
  const { syncing } = useNetwork();
  return (
    <div class="nhsuk-inset-text" role="alert">
      <p>
        <strong>{words.outTitle}</strong> {words.outUnsent(count)}
      </p>
      <div class="tw-buttons">
        <button type="button" class="nhsuk-button" aria-disabled={syncing} onClick={() => void syncNow()}>
          {words.sendNow}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--warning" onClick={onLeave}>
          {words.outAnyway}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onStay}>
          {words.cancel}
        </button>
      </div>
    </div>
  );
}
