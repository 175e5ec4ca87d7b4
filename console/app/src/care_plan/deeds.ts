/** What one may do with one's care and support plan: draft, agree, decline. Asked of the API at once: what is agreed to must be what is there now. */
import { useState } from "preact/hooks";
import { newClientId } from "#console/api/client_id.ts";
import { Refused, Unreachable } from "#console/api/http.ts";
import { useApi } from "#console/services.ts";
import { useDoing } from "../store/hooks.ts";
import type { CarePlan } from "../store/things.ts";
import type { Drafted } from "./writing.ts";

/** Why it was not done, as a message's name. */
export type Failing = "care.moved_on" | "care.not_alone" | "care.unsure" | "care.too_many" | "common.failed";

export interface Deeds {
  /** What the API answered here, until the copy knows it. */
  readonly heard: ReadonlyMap<string, CarePlan>;
  readonly isBusy: boolean;
  /** Null when it was done. */
  draft(body: Drafted): Promise<Failing | null>;
  agree(plan: CarePlan): Promise<Failing | null>;
  decline(plan: CarePlan, reason: string): Promise<Failing | null>;
}

export function useDeeds(patientId: string): Deeds {
  const api = useApi();
  const { syncNow } = useDoing();
  const [heard, setHeard] = useState<ReadonlyMap<string, CarePlan>>(new Map());
  const [isBusy, setBusy] = useState(false);
  const [named, setNamed] = useState({ says: "", clientId: "" });
  const doing = async (act: () => Promise<CarePlan>): Promise<Failing | null> => {
    setBusy(true);
    try {
      const plan = await act();
      setHeard((before) => new Map(before).set(plan.id, plan));
      return null;
    } catch (error) {
      return failingOf(error);
    } finally {
      setBusy(false);
      void syncNow();
    }
  };
  const at = ({ id }: CarePlan) => ({ patient_id: patientId, care_plan_id: id });
  return {
    heard,
    isBusy,
    draft: (body) => {
      // Sent again after a lost answer it is the same draft: only other words are another.
      const says = JSON.stringify(body);
      const clientId = named.says === says ? named.clientId : newClientId();
      setNamed({ says, clientId });
      return doing(() => api.post("/v1/patients/{patient_id}/care-plans", { path: { patient_id: patientId }, body: { ...body, client_id: clientId } }));
    },
    agree: (plan) => doing(() => api.post("/v1/patients/{patient_id}/care-plans/{care_plan_id}/publication", { path: at(plan), body: {} })),
    decline: (plan, reason) => doing(() => api.post("/v1/patients/{patient_id}/care-plans/{care_plan_id}/withdrawal", { path: at(plan), body: { reason } })),
  };
}

/** The API's reasons are in English: the app says them in its own words. */
export function failingOf(error: unknown): Failing {
  if (error instanceof Unreachable) return "care.unsure";
  if (!(error instanceof Refused)) return "common.failed";
  if (error.status === 403) return "care.not_alone";
  if (error.status !== 409) return "common.failed";
  return error.problem?.type.endsWith("/conflict") === true ? "care.too_many" : "care.moved_on";
}
