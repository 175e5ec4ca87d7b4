/** The pages of relationships, rights and administration, by their routes. Whether one may open them was asked before. */
import type { ComponentChildren } from "preact";
import type { Account } from "../api/types.ts";
import type { MoreRoute } from "../router/more_routes.ts";
import { ActingPage } from "./acting.tsx";
import { ActingForPage } from "./acting_for.tsx";
import { EmergencyPage } from "./emergency.tsx";
import { SharingPage } from "./sharing.tsx";

interface Props {
  account: Account;
  route: MoreRoute;
  notFound: ComponentChildren;
}

export function MorePage({ account, route, notFound }: Props) {
  switch (route.page) {
    case "sharing":
      return account.patient_id === null ? <>{notFound}</> : <SharingPage patientId={account.patient_id} part={route.part} />;
    case "acting":
      return <ActingPage />;
    case "acting_for":
      return <ActingForPage key={route.id} id={route.id} tab={route.tab} />;
    case "emergency":
      return <EmergencyPage />;
    default:
      return <>{notFound}</>;
  }
}
