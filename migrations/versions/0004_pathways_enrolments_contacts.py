"""Pathways enrolments contacts.

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("bytes_received", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_stored", sa.Integer(), nullable=False),
        sa.Column("rows_duplicate", sa.Integer(), nullable=False),
        sa.Column("faults_total", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'receiving' or sha256 is not null", name="import_hashed_once_received"),
        sa.CheckConstraint(
            "state in ('receiving', 'received', 'checking', 'storing', 'stored', 'refused')", name="import_state_known"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "imports_under_way",
        "contact_import",
        ["uploaded_at"],
        unique=False,
        postgresql_where=sa.text("state in ('receiving', 'received', 'checking', 'storing')"),
    )
    op.create_index(
        "one_import_of_a_file",
        "contact_import",
        ["sha256", "scope"],
        unique=True,
        postgresql_where=sa.text("state in ('received', 'checking', 'storing', 'stored')"),
    )
    op.create_table(
        "contact_import_chunk",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["contact_import.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    op.create_table(
        "contact_import_fault",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["contact_import.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("faults_of_import", "contact_import_fault", ["import_id", "row_number", "id"], unique=False)
    op.create_table(
        "contact_import_staged",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("offset_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["contact_import.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "row_number"),
    )
    op.create_table(
        "pathway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="pathway_code_shape"),
        sa.ForeignKeyConstraint(
            ["commissioner_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commissioner_id", "code", name="pathway_code_once"),
    )
    op.create_table(
        "outcome_release",
        sa.Column("pathway_id", sa.Uuid(), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("cohort_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["pathway_id"],
            ["pathway.id"],
        ),
        sa.PrimaryKeyConstraint("pathway_id", "cut_off"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("offset_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind in ('gp_face_to_face', 'gp_home_visit', 'gp_telephone', 'gp_video', 'e_consultation', 'community_nurse_visit', 'nhs_111', 'out_of_hours', 'ambulance', 'emergency_attendance', 'emergency_admission', 'outpatient')",
            name="contact_kind_known",
        ),
        sa.CheckConstraint("offset_minutes between -720 and 840", name="contact_offset_real"),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["contact_import.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_once", "contact", ["patient_id", "kind", "started_at", "organisation_id"], unique=True)
    op.create_index(
        "contact_once_by_source",
        "contact",
        ["patient_id", "source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id is not null"),
    )
    op.create_index(
        "contacts_of_import",
        "contact",
        ["import_id"],
        unique=False,
        postgresql_where=sa.text("import_id is not null"),
    )
    op.create_index(
        "contacts_of_person_by_day",
        "contact",
        ["patient_id", "started_on"],
        unique=False,
        postgresql_include=["kind", "import_id"],
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pathway_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("care_home_id", sa.Uuid(), nullable=True),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("end_recorded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "end_reason in ('completed', 'died', 'moved', 'withdrew', 'other')", name="end_reason_known"
        ),
        sa.CheckConstraint("ended_on >= enrolled_on", name="enrolment_ends_after_it_starts"),
        sa.CheckConstraint("num_nulls(ended_on, end_reason, end_recorded_at, ended_by) in (0, 4)", name="ended_whole"),
        sa.ForeignKeyConstraint(
            ["care_home_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["pathway_id"],
            ["pathway.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("enrolments_of_pathway", "enrolment", ["pathway_id", "id"], unique=False)
    op.create_index(op.f("ix_enrolment_patient_id"), "enrolment", ["patient_id"], unique=False)
    op.create_index(
        "one_open_enrolment",
        "enrolment",
        ["pathway_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )


def downgrade() -> None:
    op.drop_index("one_open_enrolment", table_name="enrolment", postgresql_where=sa.text("ended_on is null"))
    op.drop_index(op.f("ix_enrolment_patient_id"), table_name="enrolment")
    op.drop_index("enrolments_of_pathway", table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_index("contacts_of_person_by_day", table_name="contact", postgresql_include=["kind", "import_id"])
    op.drop_index("contacts_of_import", table_name="contact", postgresql_where=sa.text("import_id is not null"))
    op.drop_index("contact_once_by_source", table_name="contact", postgresql_where=sa.text("external_id is not null"))
    op.drop_index("contact_once", table_name="contact")
    op.drop_table("contact")
    op.drop_table("outcome_release")
    op.drop_table("pathway")
    op.drop_table("contact_import_staged")
    op.drop_index("faults_of_import", table_name="contact_import_fault")
    op.drop_table("contact_import_fault")
    op.drop_table("contact_import_chunk")
    op.drop_index(
        "one_import_of_a_file",
        table_name="contact_import",
        postgresql_where=sa.text("state in ('received', 'checking', 'storing', 'stored')"),
    )
    op.drop_index(
        "imports_under_way",
        table_name="contact_import",
        postgresql_where=sa.text("state in ('receiving', 'received', 'checking', 'storing')"),
    )
    op.drop_table("contact_import")
