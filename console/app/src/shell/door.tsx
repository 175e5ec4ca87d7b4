/** Before signing in: whose phone this is. Then the console's own ways in, which speak English. */
import { SignInPage } from "#console/pages/sign_in/sign_in.tsx";
import { useState } from "preact/hooks";
import { useAppServices } from "../services.ts";
import { canKeep } from "../session/opening.ts";
import { useWords } from "./words.ts";

export function DoorPage() {
  return (
    <>
      <WhosePhone />
      <div lang="en-GB">
        <SignInPage />
      </div>
    </>
  );
}

function WhosePhone() {
  const words = useWords();
  const { ownPhone } = useAppServices();
  const [isOwn, setIsOwn] = useState(ownPhone.get());
  if (!canKeep()) return <p class="nhsuk-hint">{words.cannotKeep}</p>;
  const change = (next: boolean): void => {
    ownPhone.set(next);
    setIsOwn(next);
  };
  return (
    <div class="nhsuk-checkboxes ta-own">
      <div class="nhsuk-checkboxes__item">
        <input
          class="nhsuk-checkboxes__input"
          id="own-phone"
          type="checkbox"
          checked={isOwn}
          aria-describedby="own-phone-hint"
          onChange={(event) => change(event.currentTarget.checked)}
        />
        <label class="nhsuk-label nhsuk-checkboxes__label" for="own-phone">
          {words.ownPhone}
        </label>
        <div class="nhsuk-hint nhsuk-checkboxes__hint" id="own-phone-hint">
          {isOwn ? words.ownPhoneHint : words.sharedPhone}
        </div>
      </div>
    </div>
  );
}
