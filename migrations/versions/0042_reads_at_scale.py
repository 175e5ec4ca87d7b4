"""Reads that cost the same beside ten million rows: one index of readings for what three were for, and hashed reaches.

Whose rows are shown is asked of a hash instead of an array from end to end: a board of 200 compared each row with 200
ids, twice. And as `= any (…)` PostgreSQL took that condition for one more that narrows an index, and chose the wrong
one for a long record.

Revision: 0042
After: 0041
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_WHOSE = "(visible|readable|writable)_patients"
_COMPARED = rf"= ANY \(\( SELECT {_WHOSE}\(\) AS \w+\)::uuid\[\]\)", r"= any((select \1_patients())::uuid[])"
_HASHED = rf"IN \( SELECT unnest\({_WHOSE}\(\)\) AS unnest\)", r"in (select unnest(\1_patients()))"
# Every policy that stands, whichever migration made it; but not within a question asked anew for each row, which would
# make a hash for each.
_REWRITE = """
do $$ declare p record; begin
    for p in select * from pg_policies where schemaname = current_schema()
        and concat(qual, with_check) ~ '{found}' and concat(qual, with_check) !~ 'EXISTS'
    loop
        execute format('alter policy %I on %I', p.policyname, p.tablename)
            || coalesce(' using (' || regexp_replace(p.qual, '{found}', '{written}', 'g') || ')', '')
            || coalesce(' with check (' || regexp_replace(p.with_check, '{found}', '{written}', 'g') || ')', '');
    end loop;
end $$
"""
# What was measured when and with what, once. First versions supersede nothing, and one nothing is like another here;
# a correction stands beside what it supersedes. Included is what a series is made of, so that it looks at no rows:
# but for the value it is nulls, which take no room.
_BY_SIGN_AND_TIME = """
create unique index observation_by_sign_and_time on observation
    (patient_id, sign, effective_at, source, supersedes_id)
    include (superseded_by_id, retracted_at, value, systolic, diastolic) nulls not distinct
"""
_BEFORE = {
    "observation_by_what_was_measured": """create unique index observation_by_what_was_measured on observation
        (patient_id, sign, effective_at, source) where supersedes_id is null""",
    "observation_corrections": """create index observation_corrections on observation
        (patient_id, sign, effective_at desc, id desc) where supersedes_id is not null""",
    "observation_current": """create index observation_current on observation
        (patient_id, sign, effective_at desc, id desc) where superseded_by_id is null and retracted_at is null""",
}


def upgrade() -> None:
    _rewrite(_COMPARED, _HASHED)
    op.execute(_BY_SIGN_AND_TIME)
    for index in _BEFORE:
        op.execute(f"drop index {index}")
    # A row that no vacuum has passed is looked at although the index tells it: so it passes each hundredth part.
    op.execute("alter table observation set (autovacuum_vacuum_insert_scale_factor = 0.01)")


def downgrade() -> None:
    op.execute("alter table observation reset (autovacuum_vacuum_insert_scale_factor)")
    for made in _BEFORE.values():
        op.execute(made)
    op.execute("drop index observation_by_sign_and_time")
    _rewrite(_HASHED, _COMPARED)


def _rewrite(found: tuple[str, str], written: tuple[str, str]) -> None:
    # Through the driver itself: a colon means nothing to it.
    op.get_bind().exec_driver_sql(_REWRITE.format(found=found[0], written=written[1]))
