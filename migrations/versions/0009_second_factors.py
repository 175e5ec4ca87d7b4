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
    op.drop_constraint("attempt_scope_known", "sign_in_attempt", type_="check")
    op.create_check_constraint(
        "attempt_scope_known",
        "sign_in_attempt",
        "scope in ('account', 'address', 'device', 'session', 'second_factor', 'reset', 'reset_from')",
    )
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
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("lapses_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("given_up_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(sealed is null) = (sent_at is not null or given_up_at is not null)", name="kept_only_until_sent"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "letters_to_send", "letter", ["due_at", "id"], unique=False, postgresql_where=sa.text("sealed is not null")
    )
    op.create_index("letters_done", "letter", ["queued_at"], unique=False, postgresql_where=sa.text("sealed is null"))
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role in ('clinician', 'care_home_staff', 'commissioner', 'administrator')", name="role_known"
        ),
        sa.CheckConstraint("(account_id is null) = (accepted_at is null)", name="accepted_by_an_account"),
        sa.CheckConstraint("accepted_at is null or revoked_at is null", name="accepted_or_revoked"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"], unique=False)
    op.create_table(
        "patient_invitation",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("invitation_id"),
    )
    op.create_index("ix_patient_invitation_patient_id", "patient_invitation", ["patient_id"], unique=False)
    op.create_table(
        "password_reset_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "password_reset",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint("purpose in ('register', 'sign_in')", name="purpose_known"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("challenge"),
    )


def downgrade() -> None:
    op.drop_table("passkey_challenge")
    op.drop_table("passkey")
    op.drop_table("password_reset")
    op.drop_table("password_reset_request")
    op.drop_table("patient_invitation")
    op.drop_table("invitation")
    op.drop_table("letter")
    op.drop_table("recovery_code")
    op.drop_table("totp")
    op.drop_table("sign_in_token")
    op.execute("delete from sign_in_attempt where scope in ('second_factor', 'reset', 'reset_from')")
    op.drop_constraint("attempt_scope_known", "sign_in_attempt", type_="check")
    op.create_check_constraint(
        "attempt_scope_known", "sign_in_attempt", "scope in ('account', 'address', 'device', 'session')"
    )
    op.drop_column("session", "confirmed_at")
    op.drop_column("session", "opened_with")
    op.drop_column("account", "must_change_password")
