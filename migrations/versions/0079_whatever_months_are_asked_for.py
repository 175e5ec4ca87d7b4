"""The months of the audit trail are opened that its rows without one ask for, however far from now they are.

Only those around the present were: what a worker that was away for months, or a clock that was wrong, had left without
one stood apart for ever.

Revision: 0079
After: 0078
"""

from migrations.online import change_function

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

# The near ones first, as before: until when there are any is told of them alone. The others two years' worth at a time,
# for each takes a lock. All are known before the first is made: no table that is asked may be altered.
_CHANGES = {
    "_is_mine boolean :=": "_months timestamptz[]; _last timestamptz; _is_mine boolean :=",
    "    for _month in -1 .. _ahead loop\n"
    "        _from := (date_trunc('month', _at at time zone 'UTC') + make_interval(months => _month)) at time zone 'UTC';"
    "\n": (
        "    _months := array(select (date_trunc('month', _at at time zone 'UTC') + make_interval(months => n))"
        " at time zone 'UTC' from generate_series(-1, _ahead) n order by 1);\n"
        "    _last := _months[cardinality(_months)];\n"
        "    _months := _months || array(select distinct date_trunc('month', u.at at time zone 'UTC') at time zone 'UTC'"
        " from audit_unplaced u order by 1 limit 24);\n"
        "    foreach _from in array _months loop\n"
    ),
    "        covered_until := greatest(_until, _first);\n": (
        "        covered_until := greatest(covered_until, case when _from <= _last then _until end);\n"
    ),
}


def upgrade() -> None:
    for before, after in _CHANGES.items():
        change_function("open_audit_months", before, after)


def downgrade() -> None:
    for before, after in reversed(_CHANGES.items()):
        change_function("open_audit_months", after, before)
