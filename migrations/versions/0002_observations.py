"""Observations.

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("effective_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("effective_offset_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("recorded_as", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("systolic", sa.Numeric(), nullable=True),
        sa.Column("diastolic", sa.Numeric(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("comparator", sa.Text(), nullable=True),
        sa.Column("original_value", sa.Numeric(), nullable=True),
        sa.Column("original_unit", sa.Text(), nullable=True),
        sa.Column("clock_skew_seconds", sa.Integer(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column("correction_reason", sa.Text(), nullable=True),
        sa.Column("retracted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("retracted_by", sa.Uuid(), nullable=True),
        sa.Column("retraction_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "\ncase sign\n    when 'blood_pressure' then systolic is not null and diastolic is not null and systolic > diastolic\n        and value is null and original_value is null and code is null and comparator is null\n        and original_unit is not null\n    when 'consciousness_acvpu' then code in ('A', 'C', 'V', 'P', 'U') and code is not null\n        and value is null and original_value is null and systolic is null and diastolic is null\n        and comparator is null and original_unit is null\n    else value is not null and original_value is not null and original_unit is not null\n        and systolic is null and diastolic is null and code is null\nend",
            name="observation_has_one_shape",
        ),
        sa.CheckConstraint("comparator in ('<', '>')", name="observation_comparator_known"),
        sa.CheckConstraint(
            "effective_at between '1900-01-01 00:00:00+00' and '2200-01-01 00:00:00+00'",
            name="observation_effective_at_finite",
        ),
        sa.CheckConstraint(
            "sign in ('heart_rate', 'respiratory_rate', 'oxygen_saturation', 'inspired_oxygen', 'blood_pressure', 'body_temperature', 'body_weight', 'body_height', 'bmi', 'blood_glucose', 'blood_ketones', 'peak_expiratory_flow', 'consciousness_acvpu', 'pain_score', 'steps', 'hba1c', 'news2_total')",
            name="observation_sign_known",
        ),
        sa.CheckConstraint(
            "(supersedes_id is null) = (correction_reason is null)", name="observation_correction_whole"
        ),
        sa.CheckConstraint(
            "\n(retracted_at is null) = (retracted_by is null) and (retracted_at is null) = (retraction_reason is null)",
            name="observation_retraction_whole",
        ),
        sa.CheckConstraint("diastolic between 0 and 1000", name="observation_diastolic_finite"),
        sa.CheckConstraint("effective_offset_minutes between -840 and 840", name="observation_offset_in_use"),
        sa.CheckConstraint("length(client_id) between 1 and 64", name="observation_client_id_length"),
        sa.CheckConstraint("length(source) between 1 and 64", name="observation_source_length"),
        sa.CheckConstraint(
            "not (superseded_by_id is not null and retracted_at is not null)", name="observation_one_end"
        ),
        sa.CheckConstraint(
            "original_value between -1000000000 and 1000000000", name="observation_original_value_finite"
        ),
        sa.CheckConstraint("systolic between 0 and 1000", name="observation_systolic_finite"),
        sa.CheckConstraint("value between -1000000 and 1000000", name="observation_value_finite"),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["retracted_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"],
            ["observation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["observation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("observation_by_client_id", "observation", ["patient_id", "client_id"], unique=True)
    op.create_index(
        "observation_by_what_was_measured",
        "observation",
        ["patient_id", "sign", "effective_at", "source"],
        unique=True,
        postgresql_where=sa.text("supersedes_id is null"),
    )
    op.create_index(
        "observation_current",
        "observation",
        ["patient_id", "sign", sa.literal_column("effective_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("superseded_by_id is null and retracted_at is null"),
    )
    op.create_index(
        "observation_superseded_once",
        "observation",
        ["supersedes_id"],
        unique=True,
        postgresql_where=sa.text("supersedes_id is not null"),
    )


def downgrade() -> None:
    op.drop_index(
        "observation_superseded_once", table_name="observation", postgresql_where=sa.text("supersedes_id is not null")
    )
    op.drop_index(
        "observation_current",
        table_name="observation",
        postgresql_where=sa.text("superseded_by_id is null and retracted_at is null"),
    )
    op.drop_index(
        "observation_by_what_was_measured", table_name="observation", postgresql_where=sa.text("supersedes_id is null")
    )
    op.drop_index("observation_by_client_id", table_name="observation")
    op.drop_table("observation")
