"""Personalised care and support plans: versions as they were drafted, their sections, and what became of each.

Revision: 0104
After: 0103
"""

import sqlalchemy as sa
from alembic import op

from migrations.records import guard_record

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None

_INSTANT = sa.TIMESTAMP(timezone=True)
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_SECTIONS = """('matters', 'people', 'communication', 'wellness', 'please_do', 'support', 'also', 'strengths', 'needs',
    'decisions', 'contingency')"""
_DECISION_IS_WHOLE = "(decision = 'published') = (version is not null and agreement is not null)"
_TABLES = ("care_plan", "care_plan_section", "care_plan_decision")
# What is named with the patient cannot be another patient's.
_OF_ONE_PATIENT = (
    ("care_plan", "supersedes_id", "care_plan_supersedes_own"),
    ("care_plan_section", "plan_id", "care_plan_section_of_own"),
    ("care_plan_decision", "plan_id", "care_plan_decision_of_own"),
)
# Nobody may change a section or take one away; this keeps one from being added once it was decided what became of the
# draft. It sees beyond its caller: a decision that the caller may not read stands all the same.
_NOTHING_ADDED = """
create function nothing_is_added_to_a_decided_care_plan() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    if exists (select from care_plan_decision d where d.plan_id = new.plan_id) then
        raise exception 'care plan % is decided: nothing is added to it', new.plan_id
            using errcode = 'integrity_constraint_violation', constraint = 'care_plan_section_before_decision';
    end if;
    return new;
end $$
"""
_TRIGGER = """
create trigger nothing_is_added_later before insert on care_plan_section
for each row execute function nothing_is_added_to_a_decided_care_plan()
"""
_SETTLE = """
do $$ begin
    execute format(
        'alter function nothing_is_added_to_a_decided_care_plan() set search_path = %I, pg_temp', current_schema()
    );
end $$
"""


def upgrade() -> None:
    op.create_table(
        "care_plan",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid()),
        sa.Column("review_on", sa.Date(), nullable=False),
        *_by_whom("drafted"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="care_plan_client_id_length"),
        sa.CheckConstraint(f"drafted_as in {_BASES}", name="care_plan_basis_known"),
    )
    op.create_index("care_plan_of_patient", "care_plan", ["patient_id", "id"], unique=True)
    op.create_index("care_plan_by_client_id", "care_plan", ["patient_id", "client_id"], unique=True)
    op.create_index("care_plan_by_review", "care_plan", ["review_on", "id"])
    _make_sections()
    _make_decisions()
    for table, column, name in _OF_ONE_PATIENT:
        op.create_foreign_key(name, table, "care_plan", ["patient_id", column], ["patient_id", "id"])
    for table in _TABLES:
        guard_record(table)
    for statement in (_NOTHING_ADDED, _TRIGGER, _SETTLE):
        op.execute(statement)


def _by_whom(did: str) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(f"{did}_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column(f"{did}_as", sa.Text(), nullable=False),
        sa.Column(f"{did}_at", _INSTANT, nullable=False),
    )


def _make_sections() -> None:
    op.create_table(
        "care_plan_section",
        sa.Column("plan_id", sa.Uuid(), primary_key=True),
        sa.Column("section", sa.Text(), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words_of", sa.Text(), nullable=False),
        *_by_whom("written"),
        sa.CheckConstraint(f"section in {_SECTIONS}", name="care_plan_section_known"),
        sa.CheckConstraint("char_length(text) between 1 and 4000", name="care_plan_section_text_length"),
        sa.CheckConstraint("words_of in ('person', 'carer', 'clinician')", name="care_plan_section_words_known"),
        sa.CheckConstraint(f"written_as in {_BASES}", name="care_plan_section_basis_known"),
    )
    op.create_index("care_plan_section_of_patient", "care_plan_section", ["patient_id"])


def _make_decisions() -> None:
    op.create_table(
        "care_plan_decision",
        sa.Column("plan_id", sa.Uuid(), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("agreement", sa.Text()),
        sa.Column("note", sa.Text()),
        *_by_whom("decided"),
        sa.CheckConstraint("decision in ('published', 'withdrawn')", name="care_plan_decision_known"),
        sa.CheckConstraint(_DECISION_IS_WHOLE, name="care_plan_decision_whole"),
        sa.CheckConstraint("version >= 1", name="care_plan_decision_version"),
        sa.CheckConstraint(
            "agreement in ('by_person', 'by_delegate', 'with_person', 'best_interests')",
            name="care_plan_decision_agreement_known",
        ),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="care_plan_decision_note_length"),
        sa.CheckConstraint(f"decided_as in {_BASES}", name="care_plan_decision_basis_known"),
    )
    op.create_index("care_plan_decision_numbered", "care_plan_decision", ["patient_id", "version"], unique=True)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("drop function nothing_is_added_to_a_decided_care_plan()")
