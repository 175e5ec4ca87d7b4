"""Why and in what role; the sealed chain and its checkpoints; copies of one's own record.

Revision: 0011
After: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NEW_TEXTS = ("about", "role", "purpose", "reason")


def upgrade() -> None:
    for name in _NEW_TEXTS:
        op.add_column("audit_event", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("audit_event", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column("audit_event", sa.Column("outcome", sa.Text(), server_default=sa.text("'done'"), nullable=False))
    op.add_column(
        "audit_event",
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("((pg_current_xact_id())::text)::bigint"), nullable=False
        ),
    )
    op.create_index("audit_in_commit_order", "audit_event", ["xid", "id"])
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("audit_id"),
    )
    op.create_table(
        "audit_log",
        sa.Column("single", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tree", sa.LargeBinary(), nullable=False),
        sa.Column("last_xid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("adopt_until", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("single", name="one_row"),
        sa.PrimaryKeyConstraint("single"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tree", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_table(
        "audit_removal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("removed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )

    op.create_table(
        "own_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("section", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'working', 'ready', 'handed_over', 'expired', 'failed')", name="export_state_known"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_export_under_way",
        "own_export",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("state in ('waiting', 'working', 'ready')"),
    )
    op.create_table(
        "own_export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["own_export.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("export_id", "number"),
    )

    op.create_table(
        "rights_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('correction', 'erasure', 'restriction', 'close_account')", name="rights_request_kind_known"
        ),
        sa.CheckConstraint("decision in ('granted', 'partly', 'refused')", name="rights_decision_known"),
        sa.CheckConstraint("num_nulls(decision, answer, decided_by, decided_at) in (0, 4)", name="decided_whole"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_rights_request_patient_id"), "rights_request", ["patient_id"])
    op.create_index(
        "rights_requests_open",
        "rights_request",
        ["patient_id", "id"],
        postgresql_where=sa.text("decision is null"),
    )


def downgrade() -> None:
    for table in (
        "rights_request",
        "own_export_part",
        "own_export",
        "audit_removal",
        "audit_checkpoint",
        "audit_log",
        "audit_seal",
    ):
        op.drop_table(table)
    op.drop_index("audit_in_commit_order", table_name="audit_event")
    for name in (*_NEW_TEXTS, "organisation_id", "outcome", "xid"):
        op.drop_column("audit_event", name)
