"""Second factors, invitations, outgoing mail.

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column(
        "account", sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("session", sa.Column("opened_with", sa.Text(), server_default=sa.text("'password'"), nullable=False))
    op.add_column("session", sa.Column("confirmed_at", INSTANT, nullable=True))
    op.create_table(
        "sign_in_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "step in ('new_password_required', 'second_factor_required', 'enrolment_required')", name="step_known"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_sign_in_token_account_id", "sign_in_token", ["account_id"], unique=False)
    op.create_table(
        "totp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_totp_in_force",
        "totp",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at is not null"),
    )
    op.create_index(
        "one_totp_begun", "totp", ["account_id"], unique=True, postgresql_where=sa.text("confirmed_at is null")
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id", "code_hash"),
    )


def downgrade() -> None:
    op.drop_table("recovery_code")
    op.drop_table("totp")
    op.drop_table("sign_in_token")
    op.drop_column("session", "confirmed_at")
    op.drop_column("session", "opened_with")
    op.drop_column("account", "must_change_password")
