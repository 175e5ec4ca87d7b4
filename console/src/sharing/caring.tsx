/** Who sees a record by their work now, by name. */
import type { ComponentChildren } from "preact";
import { useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { caringInWords } from "../format/caring.ts";
import type { Whose } from "../format/sharing.ts";
import { useApi } from "../services.ts";

/** `children`: further items of the list. */
export function WhoCares({ patientId, whose, children }: { patientId: string; whose: Whose; children?: ComponentChildren }) {
  const api = useApi();
  const path = { patient_id: patientId };
  const loaded = useLoaded(`caring ${patientId}`, (signal) => api.get("/v1/patients/{patient_id}/access", { path }, signal));
  // A place on a list may have come or gone while one looked elsewhere.
  useLoadedOnReturn(loaded);
  if (loaded.status === "loading") return <Loading what="who sees the record" />;
  if (loaded.status === "failed") return <LoadFailed what="Who sees the record" error={loaded.error} retry={loaded.retry} />;
  return (
    <ul class="nhsuk-list nhsuk-list--bullet tw-prose" data-caring>
      {caringInWords(loaded.value, whose).map((each) => (
        <li key={each}>{each}</li>
      ))}
      {children}
    </ul>
  );
}
