"""Signing keys, session ages, throttling.

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("public_pem", sa.Text(), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("signs_from", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.CheckConstraint("purpose in ('access_token', 'audit_checkpoint')", name="key_purpose_known"),
        sa.CheckConstraint("(private_sealed is null) = (retired_at is not null)", name="a_retired_key_signs_no_more"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kid"),
    )
    op.create_index("key_by_purpose", "key", ["purpose", "signs_from"], unique=False)
    op.add_column("account", sa.Column("password_changed_at", INSTANT, nullable=True))
    op.add_column("session", sa.Column("kind", sa.Text(), server_default="web", nullable=False))
    op.add_column("session", sa.Column("last_seen_at", INSTANT, nullable=True))
    op.execute("update session set last_seen_at = created_at")
    op.alter_column("session", "last_seen_at", nullable=False)
    op.add_column("session", sa.Column("label", sa.Text(), server_default="", nullable=False))
    op.add_column("session", sa.Column("device_hash", sa.LargeBinary(), nullable=True))
    op.create_check_constraint("session_kind_known", "session", "kind in ('web', 'app')")
    op.create_table(
        "sign_in_attempt",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", INSTANT, nullable=False),
        sa.CheckConstraint("scope in ('account', 'address', 'device', 'session')", name="attempt_scope_known"),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index("sign_in_attempt_by_age", "sign_in_attempt", ["last_failed_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in_attempt")
    op.drop_constraint("session_kind_known", "session")
    for column in ("device_hash", "label", "last_seen_at", "kind"):
        op.drop_column("session", column)
    op.drop_column("account", "password_changed_at")
    op.drop_table("key")
