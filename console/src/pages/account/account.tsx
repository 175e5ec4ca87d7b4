/** One's own account: who one is to Tendwell, and a page for each thing that protects it. */
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import type { Account } from "../../api/types.ts";
import type { AccountPart } from "../../router/routes.ts";
import { rolesInWords } from "../../session/roles.ts";
import { SessionsPage } from "./sessions.tsx";

export function AccountPage({ account, part }: { account: Account; part: AccountPart }) {
  switch (part) {
    case "sessions":
      return <SessionsPage />;
    default:
      return <OverviewPage account={account} />;
  }
}

function OverviewPage({ account }: { account: Account }) {
  return (
    <>
      <PageHeading title="Your account" />
      <dl class="nhsuk-summary-list tw-narrow">
        <Row name="Name">{account.display_name}</Row>
        <Row name="Email address">{account.email}</Row>
        <Row name={account.roles.length > 1 ? "Roles" : "Role"}>{rolesInWords(account)}</Row>
      </dl>
      <h2 class="nhsuk-heading-m">Security</h2>
      <ul class="nhsuk-list">
        <li>
          <Link to={{ page: "account", part: "sessions" }}>Where you are signed in</Link>
        </li>
      </ul>
    </>
  );
}

function Row({ name, children }: { name: string; children: string }) {
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key">{name}</dt>
      <dd class="nhsuk-summary-list__value">{children}</dd>
    </div>
  );
}
