/** The pages of relationships, rights and administration, by their routes. Whether one may open them was asked before. */
import type { ComponentChildren } from "preact";
import type { Account } from "../api/types.ts";
import type { MoreRoute } from "../router/more_routes.ts";
import { AccountsPage } from "./accounts.tsx";
import { ActingPage } from "./acting.tsx";
import { ActingForPage } from "./acting_for.tsx";
import { CareTeamsPage } from "./care_teams.tsx";
import { EmergencyPage } from "./emergency.tsx";
import { InvitationsPage } from "./invitations.tsx";
import { OneAccountPage } from "./one_account.tsx";
import { OrganisationsPage } from "./organisations.tsx";
import { PatientAccessPage } from "./patient_access.tsx";
import { PlansPage } from "./plans.tsx";
import { PrivacyAlertsPage } from "./privacy_alerts.tsx";
import { RequestsPage } from "./requests.tsx";
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
    case "access":
      return <PatientAccessPage key={route.id} id={route.id} />;
    case "emergency":
      return <EmergencyPage />;
    case "privacy_alerts":
      return <PrivacyAlertsPage />;
    case "organisations":
      return <OrganisationsPage account={account} />;
    case "accounts":
      return <AccountsPage />;
    case "one_account":
      return <OneAccountPage key={route.id} reader={account} id={route.id} />;
    case "invitations":
      return <InvitationsPage account={account} />;
    case "requests":
      return <RequestsPage account={account} />;
    case "plans":
      return <PlansPage />;
    case "care_teams":
      return <CareTeamsPage account={account} />;
    default:
      return <>{notFound}</>;
  }
}
