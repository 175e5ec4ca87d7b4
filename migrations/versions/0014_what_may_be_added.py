"""What a transaction may add, where that is less than what it may see: nobody gives themselves, or others, a reach.

Revision: 0014
After: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
# Asked once a statement, like all that the policies ask.
_OWN_PRACTICES = """
create function own_practices() returns uuid[] language sql stable security definer set search_path from current as $$
    select array_agg(g.organisation_id) from effective_grant(acting_account(), acting_at()) g where g.role = 'clinician'
$$
"""
_OWN_TEAMS = """
create function own_teams() returns uuid[] language sql stable security definer set search_path from current as $$
    select array_agg(t.id) from care_team t
    where exists (select from effective_grant(acting_account(), acting_at()) g where g.role = 'clinician')
        and (t.organisation_id in (select organisation_id from effective_grant(acting_account(), acting_at()) g
                where g.role = 'clinician')
            or exists (select from care_team_member m where m.care_team_id = t.id and m.account_id = acting_account()
                and m.from_at <= acting_at() and (m.until_at is null or m.until_at > acting_at())))
$$
"""
_FUNCTIONS = ("own_practices()", "own_teams()")
_OF_OWN_TEAM = "care_team_id = any((select own_teams())::uuid[])"
_JUST_MADE = "created_by = (select acting_account()) and created_at = (select acting_at())"
_OF_VISIBLE = "patient_id = any((select visible_patients())::uuid[])"
# Beside the rows that 0013 lets runtime reach, what it adds (or changes, where both are said) must be so. A patient is
# registered where the one who acts is a clinician; a delegate is offered, and the glass broken, by whoever it is for.
ONLY: dict[str, tuple[tuple[str, ...], str]] = {
    "patient": (
        ("insert",),
        f"{_JUST_MADE} and practice_id = any((select own_practices())::uuid[])",
    ),
    "care_team": (("insert",), "organisation_id = any((select own_practices())::uuid[])"),
    "care_team_member": (("insert", "update"), _OF_OWN_TEAM),
    "care_team_patient": (("insert", "update"), f"{_OF_OWN_TEAM} and {_OF_VISIBLE}"),
    "delegation": (("insert",), _OF_VISIBLE),
    "break_glass": (("insert",), "account_id = (select acting_account())"),
}


def upgrade() -> None:
    for function in (_OWN_PRACTICES, _OWN_TEAMS):
        op.execute(function)
    for function in _FUNCTIONS:
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {RUNTIME}")
    for table, (deeds, rule) in ONLY.items():
        for deed in deeds:
            op.execute(
                f"create policy {deed}_only on {table} as restrictive for {deed} to {RUNTIME}{_held(deed, rule)}"
            )


def _held(deed: str, rule: str) -> str:
    return f" with check ({rule})" if deed == "insert" else f" using ({rule}) with check ({rule})"


def downgrade() -> None:
    for table, (deeds, _) in ONLY.items():
        for deed in deeds:
            op.execute(f"drop policy {deed}_only on {table}")
    for function in reversed(_FUNCTIONS):
        op.execute(f"drop function {function}")
