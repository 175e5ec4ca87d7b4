/** Which page is shown: by the address, the session and the roles. An address one may not open says so; it does not redirect. */
import { useEffect, useRef } from "preact/hooks";
import { CatalogueProvider, useLoadedCatalogue } from "./catalogue.ts";
import { PageHeading } from "./components/heading.tsx";
import { Link } from "./components/link.tsx";
import { Loading } from "./components/problem.tsx";
import { Shell } from "./components/shell.tsx";
import { AccountPage } from "./pages/account/account.tsx";
import { BoardPage } from "./pages/board.tsx";
import { MorePage } from "./pages/more.tsx";
import { OutcomesPage } from "./pages/outcomes.tsx";
import { PatientPage } from "./pages/patient.tsx";
import { MyHealthPage } from "./pages/my_health.tsx";
import { PrivacyPage } from "./pages/privacy.tsx";
import { ForgottenPasswordPage } from "./pages/letters/forgotten_password.tsx";
import { InvitationPage } from "./pages/letters/invitation.tsx";
import { NewPasswordPage } from "./pages/letters/new_password.tsx";
import { CodeSpentPage, KeepCodesPage } from "./pages/owed.tsx";
import { SignInPage } from "./pages/sign_in/sign_in.tsx";
import type { Account } from "./api/types.ts";
import { isMoreRoute } from "./router/more_routes.ts";
import type { Route } from "./router/routes.ts";
import { homeOf, mayOpen } from "./session/roles.ts";
import { useRoute, useServices, useSessionState } from "./services.ts";

export function App() {
  return (
    <Shell>
      <CurrentPage />
    </Shell>
  );
}

function CurrentPage() {
  const state = useSessionState();
  const route = useRoute();
  useFocusOnTurn(state.status === "signed_in" ? `signed in ${state.owed}` : state.status);
  if (state.status === "restoring") return <Loading what="your session" />;
  if (route.page === "invitation") return <InvitationPage to={route.to} />;
  if (route.page === "new_password") return <NewPasswordPage />;
  if (state.status === "signed_out") {
    // Signing in happens at the address one came for, so that a deep link leads where it says.
    if (route.page === "forgotten_password") return <ForgottenPasswordPage />;
    return route.page === "privacy" ? <PrivacyPage /> : <SignInPage />;
  }
  if (state.owed === "recovery_codes") return <KeepCodesPage />;
  if (state.owed === "code_spent") return <CodeSpentPage />;
  return <SignedIn account={state.account} route={route} />;
}

/** Signing in and out turn the page at one address; not the browser's own first showing. */
function useFocusOnTurn(standing: string): void {
  const { router } = useServices();
  const before = useRef(standing);
  if (before.current !== standing && before.current !== "restoring") router.turned();
  before.current = standing;
}

function SignedIn({ account, route }: { account: Account; route: Route }) {
  const { router } = useServices();
  const home = homeOf(account);
  const atDoor = route.page === "home" || route.page === "sign_in" || route.page === "forgotten_password";
  const leadsOn = atDoor && home.page !== "home";
  useEffect(() => {
    if (leadsOn) router.replace(home);
  }, [leadsOn, home, router]);
  if (leadsOn) return <Loading what="your page" />;
  if (atDoor) return <NothingHere />;
  if (route.page === "privacy") return <PrivacyPage />;
  if (route.page === "account") return <AccountPage account={account} part={route.part} />;
  if (!mayOpen(account, route)) return <NotFoundPage />;
  return <Opened account={account} route={route} />;
}

function Opened({ account, route }: { account: Account; route: Route }) {
  const catalogue = useLoadedCatalogue();
  return (
    <CatalogueProvider value={catalogue}>
      <PageOf account={account} route={route} />
    </CatalogueProvider>
  );
}

function PageOf({ account, route }: { account: Account; route: Route }) {
  switch (route.page) {
    case "board":
      return <BoardPage account={account} />;
    case "patient":
      return <PatientPage id={route.id} tab={route.tab} />;
    case "outcomes":
      return <OutcomesPage />;
    case "mine":
      return account.patient_id === null ? <NotFoundPage /> : <MyHealthPage account={account} patientId={account.patient_id} tab={route.tab} />;
    default:
      return isMoreRoute(route) ? <MorePage account={account} route={route} notFound={<NotFoundPage />} /> : <NotFoundPage />;
  }
}

function NothingHere() {
  return (
    <>
      <PageHeading title="Nothing to show" />
      <p>Your account opens no page of this console.</p>
    </>
  );
}

function NotFoundPage() {
  return (
    <>
      <PageHeading title="Page not found" />
      <p>There is no such page, or your role does not open it.</p>
      <p>
        <Link to={{ page: "home" }}>Go to your first page</Link>
      </p>
    </>
  );
}
