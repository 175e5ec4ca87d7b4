/** The accounts that one administers: who they are, what they may be where. Whose record is whose is not known here. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { usePages } from "../api/loading.ts";
import type { AccountSeen } from "../api/types.ts";
import { Address } from "../components/address.tsx";
import { DataCell, DataRow, DataTable } from "../components/data_table.tsx";
import { SelectField, TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { accountMatches, membershipInWords } from "../format/administration.ts";
import { useApi } from "../services.ts";

/** As many as the API gives at once. It has no search of its own: names do not belong into addresses. */
const PAGE = 200;

type Which = "all" | "enabled" | "disabled";

const HEADS = ["Name", "Email address", "Roles", "State"].map((name) => ({ name }));

export function AccountsPage() {
  const [typed, setTyped] = useState("");
  const [which, setWhich] = useState<Which>("all");
  const { pages, shown, searching } = useFound(typed, which);
  return (
    <>
      <PageHeading title="Accounts" />
      <p>
        To give somebody new an account, <Link to={{ page: "invitations" }}>invite them</Link>.
      </p>
      <Filters typed={typed} onTyped={setTyped} which={which} onWhich={setWhich} />
      {pages.items.length > 0 && (
        <p role="status">
          {shown.length} of {pages.items.length} accounts{searching ? "; still searching…" : pages.more && " loaded so far; there are more to load"}
        </p>
      )}
      {shown.length > 0 && (
        <DataTable caption="Accounts" hideCaption heads={HEADS}>
          {shown.map((each) => (
            <Row key={each.id} account={each} />
          ))}
        </DataTable>
      )}
      {pages.items.length === 0 && pages.status === "ready" && <p>There is no account yet that you look after.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="accounts" />}
      {pages.status === "failed" && <LoadFailed what="Accounts" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="accounts" />
    </>
  );
}

/** Those that fit what is sought. Whoever searches searches all of them, not those that happen to be loaded. */
function useFound(typed: string, which: Which) {
  const api = useApi();
  const pages = usePages<AccountSeen>("accounts", (cursor, signal) => api.get("/v1/accounts", { query: { limit: PAGE, cursor } }, signal));
  const searching = typed.trim() !== "" && pages.more;
  const { status, loadMore } = pages;
  useEffect(() => {
    if (searching && status === "ready") loadMore();
  }, [searching, status, loadMore]);
  const shown = useMemo(
    () => pages.items.filter((each) => accountMatches(each, typed) && (which === "all" || each.disabled === (which === "disabled"))),
    [pages.items, typed, which],
  );
  return { pages, shown, searching };
}

interface FiltersProps {
  typed: string;
  onTyped: (typed: string) => void;
  which: Which;
  onWhich: (which: Which) => void;
}

function Filters({ typed, onTyped, which, onWhich }: FiltersProps) {
  return (
    <div class="tw-choices">
      <TextField id="search" label="Search by name or email address" type="search" width="20" autocomplete="off" value={typed} onValue={onTyped} />
      <SelectField
        id="which"
        label="Show"
        value={which}
        onValue={(value) => onWhich(value as Which)}
        choices={[
          { value: "all", words: "All accounts" },
          { value: "enabled", words: "Those that can sign in" },
          { value: "disabled", words: "Those that are disabled" },
        ]}
      />
    </div>
  );
}

function Row({ account }: { account: AccountSeen }) {
  const now = Date.now();
  return (
    <DataRow>
      <DataCell head="Name">
        <Link to={{ page: "one_account", id: account.id }}>{account.display_name}</Link>
      </DataCell>
      <DataCell head="Email address">
        <Address>{account.email}</Address>
      </DataCell>
      <DataCell head="Roles">
        {account.memberships.length === 0
          ? "No staff role"
          : account.memberships.map((membership) => (
              <span key={membership.id} class="tw-line">
                {membershipInWords(membership, now)}
              </span>
            ))}
      </DataCell>
      <DataCell head="State">
        {account.disabled ? <strong class="nhsuk-tag nhsuk-tag--grey">Disabled</strong> : <strong class="nhsuk-tag nhsuk-tag--green">Can sign in</strong>}
      </DataCell>
    </DataRow>
  );
}
