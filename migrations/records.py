"""Who may reach the rows of a new table that holds part of a person's record: the same for each, said once here.

Told whose rows they are. What may be read is there for whoever may read that person's record, what is added or changed
for whoever may write it (`docs/decisions.md`, row security); which deeds are whose stays the domain's to say.
"""

from __future__ import annotations

from alembic import op

RUNTIME = "tendwell_runtime"
# Within a question that is asked for each row; where it is asked once a hash is quicker (docs/decisions.md).
_PATIENTS = "{column} = any((select {which}_patients())::uuid[])"


def guard_record(table: str, *, may: str = "select, insert") -> None:
    """Guard a table whose rows have a `patient_id`. `may` is what the application does with it at all."""
    _guard(table, may, *(f"patient_id in (select unnest({which}_patients()))" for which in _WHICH))


def guard_part(table: str, column: str, parent: str, *, may: str = "select, insert") -> None:
    """Guard a table whose rows are part of another's (by the parent's `id`), which has the `patient_id`."""
    _guard(
        table,
        may,
        *(
            f"exists (select from {parent} where {parent}.id = {table}.{column}"
            f" and {_PATIENTS.format(column=f'{parent}.patient_id', which=which)})"
            for which in _WHICH
        ),
    )


def guard_part_of_part(table: str, column: str, parent: str, parent_column: str, whole: str) -> None:
    """Guard a table of rows that are only added, part of a part of what has the `patient_id`."""
    _guard(
        table,
        "select, insert",
        *(
            f"exists (select from {parent} join {whole} on {whole}.id = {parent}.{parent_column}"
            f" where {parent}.id = {table}.{column}"
            f" and {_PATIENTS.format(column=f'{whole}.patient_id', which=which)})"
            for which in _WHICH
        ),
    )


_WHICH = ("visible", "readable", "writable")


def _guard(table: str, may: str, visible: str, readable: str, writable: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"grant {may} on {table} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {table} to {RUNTIME} using ({visible}) with check ({visible})")
    scopes = {
        "read_scope": f"for select to {RUNTIME} using ({readable})",
        "added_scope": f"for insert to {RUNTIME} with check ({writable})",
        "changed_scope": f"for update to {RUNTIME} using ({writable}) with check ({writable})",
    }
    for name, rule in scopes.items():
        op.execute(f"create policy {name} on {table} as restrictive {rule}")
