"""A person's diary: what they noticed and when, as a note and as symptoms of a catalogue.

Revision: 0083
After: 0082
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
_INSTANT = TIMESTAMP(timezone=True)
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_WHOSE = "patient_id in (select unnest({whose}_patients()))"
# Somebody who may add and not read meets what is there under the same sender's id.
_READ = f"{_WHOSE.format(whose='readable')} or patient_id = (select patient_added_to())"
_WRITTEN = _WHOSE.format(whose="writable")


def upgrade() -> None:
    op.create_table(
        "diary_entry",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("effective_at", _INSTANT, nullable=False),
        sa.Column("effective_offset_minutes", sa.SmallInteger, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("recorded_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("recorded_as", sa.Text, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("retracted_at", _INSTANT),
        sa.Column("retracted_by", UUID, sa.ForeignKey("account.id")),
        sa.Column("retraction_reason", sa.Text),
        sa.CheckConstraint("effective_offset_minutes between -840 and 840", name="diary_entry_offset_in_use"),
        sa.CheckConstraint("char_length(note) between 1 and 4000", name="diary_entry_note_length"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="diary_entry_client_id_length"),
        sa.CheckConstraint("char_length(retraction_reason) between 1 and 200", name="diary_entry_reason_length"),
        sa.CheckConstraint(
            "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)", name="diary_entry_retraction_whole"
        ),
        sa.CheckConstraint(f"recorded_as in {_BASES}", name="diary_entry_basis_known"),
    )
    op.create_index("diary_entry_by_time", "diary_entry", ["patient_id", "effective_at", "id"])
    op.create_index("diary_entry_by_client_id", "diary_entry", ["patient_id", "client_id"], unique=True)
    op.create_table(
        "diary_symptom",
        sa.Column("entry_id", UUID, sa.ForeignKey("diary_entry.id"), primary_key=True),
        sa.Column("symptom", sa.Text, primary_key=True),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.CheckConstraint("level between 0 and 3", name="diary_symptom_level"),
        sa.CheckConstraint("char_length(symptom) between 1 and 64", name="diary_symptom_key_length"),
    )
    op.create_index("diary_symptom_of_patient", "diary_symptom", ["patient_id", "symptom"])
    _secure("diary_entry", "select, insert, update (retracted_at, retracted_by, retraction_reason)")
    _secure("diary_symptom", "select, insert")


def _secure(table: str, rights: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"grant {rights} on {table} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {table} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    restricted = f"on {table} as restrictive"
    op.execute(f"create policy read_scope {restricted} for select to {RUNTIME} using ({_READ})")
    op.execute(f"create policy added_scope {restricted} for insert to {RUNTIME} with check ({_WRITTEN})")
    op.execute(
        f"create policy changed_scope {restricted} for update to {RUNTIME} using ({_WRITTEN}) with check ({_WRITTEN})"
    )


def downgrade() -> None:
    op.drop_table("diary_symptom")
    op.drop_table("diary_entry")
