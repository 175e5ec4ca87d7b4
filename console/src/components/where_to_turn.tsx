/**
 * Where to turn when someone is unwell: the same words wherever Tendwell says them, for it calls nobody itself.
 * Source: NHS, "When to use 111" (nhs.uk/nhs-services/urgent-and-emergency-care-services/when-to-use-111) and "When to call
 * 999" (…/when-to-call-999), read 22 November 2026.
 */
export function WhereToTurn({ own }: { own: boolean }) {
  return (
    <p class="tw-turn">
      {own ? (
        <>
          If you feel very unwell call <strong>999</strong>. If you are worried call <strong>111</strong>.
        </>
      ) : (
        <>
          If they are very unwell call <strong>999</strong>. If you are worried about them call <strong>111</strong>.
        </>
      )}
    </p>
  );
}
