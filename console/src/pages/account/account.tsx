/** One's own account: who one is to Tendwell, and a page for each thing that protects it. */
import type { ComponentChildren } from "preact";
import { useLoaded } from "../../api/loading.ts";
import type { Account } from "../../api/types.ts";
import { Address } from "../../components/address.tsx";
import { ConfirmingProvider } from "../../components/confirming.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import { codesLeft } from "../../factors/words.ts";
import type { AccountPart } from "../../router/routes.ts";
import { useApi } from "../../services.ts";
import { rolesInWords } from "../../session/roles.ts";
import { PasskeysPage } from "./passkeys.tsx";
import { PasswordPage } from "./password.tsx";
import { SecondStepPage } from "./second_step.tsx";
import { SessionsPage } from "./sessions.tsx";

export function AccountPage({ account, part }: { account: Account; part: AccountPart }) {
  return (
    <ConfirmingProvider>
      <PartPage key={part} account={account} part={part} />
    </ConfirmingProvider>
  );
}

function PartPage({ account, part }: { account: Account; part: AccountPart }) {
  switch (part) {
    case "overview":
      return <OverviewPage account={account} />;
    case "password":
      return <PasswordPage account={account} />;
    case "second-step":
      return <SecondStepPage />;
    case "passkeys":
      return <PasskeysPage />;
    case "sessions":
      return <SessionsPage />;
  }
}

function OverviewPage({ account }: { account: Account }) {
  return (
    <div class="tw-narrow">
      <PageHeading title="Your account" />
      <WhoOneIs account={account} />
      <h2 class="nhsuk-heading-m">Signing in</h2>
      <SigningIn />
      <p>
        <Link to={{ page: "privacy" }}>How your data are used</Link>, and who answers for them.
      </p>
      {account.roles.length > 0 && (
        <p>
          Has somebody let you act for them, at home? <Link to={{ page: "acting" }}>Go to the people you act for</Link>.
        </p>
      )}
    </div>
  );
}

function WhoOneIs({ account }: { account: Account }) {
  return (
    <dl class="nhsuk-summary-list">
      <Row name="Name">{account.display_name}</Row>
      <Row name="Email address">
        <Address>{account.email}</Address>
      </Row>
      <Row name={account.roles.length > 1 ? "Roles" : "Role"}>{rolesInWords(account)}</Row>
      {account.roles.some(({ role }) => role === "clinician") && (
        <Row name="Account number">
          {account.id} <span class="tw-muted tw-line">For a colleague who puts you on their care team</span>
        </Row>
      )}
    </dl>
  );
}

/** What protects the account, each with the way to its page. */
function SigningIn() {
  return (
    <dl class="nhsuk-summary-list">
      <Row name="Password" to="password" action="Change" about="your password">
        Change it whenever somebody else may know it
      </Row>
      <Row name="Second step" to="second-step" action="Manage" about="your second step">
        <SecondStep />
      </Row>
      <Row name="Passkeys" to="passkeys" action="Manage" about="your passkeys">
        <Passkeys />
      </Row>
      <Row name="Signed in on" to="sessions" action="Look" about="at where you are signed in">
        This browser, and wherever else you have not signed out
      </Row>
    </dl>
  );
}

function SecondStep() {
  const api = useApi();
  const factors = useLoaded("factors", (signal) => api.get("/v1/me/factors", {}, signal));
  if (factors.status !== "ready") return <>{factors.status === "loading" ? "…" : "Could not be loaded"}</>;
  const { totp_since, recovery_codes_left } = factors.value;
  return <>{totp_since === null ? "No authenticator app" : `Authenticator app, ${codesLeft(recovery_codes_left)}`}</>;
}

function Passkeys() {
  const api = useApi();
  const passkeys = useLoaded("passkeys", (signal) => api.get("/v1/me/passkeys", {}, signal));
  if (passkeys.status !== "ready") return <>{passkeys.status === "loading" ? "…" : "Could not be loaded"}</>;
  return <>{passkeys.value.items.map((one) => one.name).join(", ") || "None"}</>;
}

interface RowProps {
  name: string;
  children: ComponentChildren;
  to?: AccountPart;
  action?: string;
  about?: string;
}

function Row({ name, children, to, action, about }: RowProps) {
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key">{name}</dt>
      <dd class="nhsuk-summary-list__value">{children}</dd>
      {to !== undefined && (
        <dd class="nhsuk-summary-list__actions">
          <Link to={{ page: "account", part: to }}>
            {action}
            <span class="nhsuk-u-visually-hidden"> {about}</span>
          </Link>
        </dd>
      )}
    </div>
  );
}
