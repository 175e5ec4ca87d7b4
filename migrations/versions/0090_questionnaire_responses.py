"""Answers to questionnaires, what they add up to, and whether one of them cannot wait.

Revision: 0090
After: 0089
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
TABLE = "questionnaire_response"
_INSTANT = TIMESTAMP(timezone=True)
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_WHOSE = "patient_id in (select unnest({whose}_patients()))"
# Somebody who may add and not read meets what is there under the same sender's id.
_READ = f"{_WHOSE.format(whose='readable')} or patient_id = (select patient_added_to())"
_WRITTEN = _WHOSE.format(whose="writable")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", UUID, primary_key=True),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("questionnaire", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("authored_at", _INSTANT, nullable=False),
        sa.Column("authored_offset_minutes", sa.SmallInteger, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("cannot_wait", sa.Boolean, nullable=False),
        sa.Column("recorded_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("recorded_as", sa.Text, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("retracted_at", _INSTANT),
        sa.Column("retracted_by", UUID, sa.ForeignKey("account.id")),
        sa.Column("retraction_reason", sa.Text),
        sa.CheckConstraint("char_length(questionnaire) between 1 and 64", name=f"{TABLE}_key_length"),
        sa.CheckConstraint("char_length(version) between 1 and 16", name=f"{TABLE}_version_length"),
        sa.CheckConstraint("authored_offset_minutes between -840 and 840", name=f"{TABLE}_offset_in_use"),
        sa.CheckConstraint("jsonb_typeof(answers) = 'array'", name=f"{TABLE}_answers_listed"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name=f"{TABLE}_client_id_length"),
        sa.CheckConstraint(f"recorded_as in {_BASES}", name=f"{TABLE}_basis_known"),
        sa.CheckConstraint("char_length(retraction_reason) between 1 and 200", name=f"{TABLE}_reason_length"),
        sa.CheckConstraint(
            "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)", name=f"{TABLE}_retraction_whole"
        ),
    )
    op.create_index(f"{TABLE}_by_time", TABLE, ["patient_id", "authored_at", "id"])
    op.create_index(f"{TABLE}_of_one", TABLE, ["patient_id", "questionnaire", "authored_at", "id"])
    op.create_index(f"{TABLE}_by_client_id", TABLE, ["patient_id", "client_id"], unique=True)
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(f"grant select, insert, update (retracted_at, retracted_by, retraction_reason) on {TABLE} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {TABLE} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    restricted = f"on {TABLE} as restrictive"
    op.execute(f"create policy read_scope {restricted} for select to {RUNTIME} using ({_READ})")
    op.execute(f"create policy added_scope {restricted} for insert to {RUNTIME} with check ({_WRITTEN})")
    op.execute(
        f"create policy changed_scope {restricted} for update to {RUNTIME} using ({_WRITTEN}) with check ({_WRITTEN})"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
