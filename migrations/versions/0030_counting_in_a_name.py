"""What outcomes are counted from is there for a transaction that acts for somebody, as all else.

Revision: 0030
After: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The views read as their owner does, whom no rule holds here or elsewhere: of whoever else asks, they ask themselves.
ENTERED = "(current_user <> 'tendwell_aggregate' or (select acting_account()) is not null)"
VIEWS = {
    "counted_enrolment": """
        select id, pathway_id, patient_id, care_home_id, enrolled_on, known_from, ended_on, end_reason, recorded_at,
            end_recorded_at from enrolment where {entered}""",
    "counted_refusal": """
        select patient_id, purpose, decided_at, ended_at from consent where provision = 'deny' and {entered}""",
    "counted_contact": "select patient_id, kind, started_on, import_id from contact where {entered}",
}


def upgrade() -> None:
    for name, query in VIEWS.items():
        op.execute(f"create or replace view {name} as {query.format(entered=ENTERED)}")


def downgrade() -> None:
    for name, query in VIEWS.items():
        op.execute(f"create or replace view {name} as {query.format(entered='true')}")
