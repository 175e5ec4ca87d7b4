"""Signing in by way of an identity provider: what was asked of it, and whose account its subject stands for.

`patient_proven` is asked by who looks after accounts, who has no right on records: of somebody whose NHS number is
known already, whose account their record has, and, when the birth date is right as well, the family name to compare.

Revision: 0017
After: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

IDENTITY, WORKER = "tendwell_identity", "tendwell_worker"
RIGHTS = {
    "provider_sign_in": {IDENTITY: "select, insert, update", WORKER: "select (expires_at), delete"},
    "provider_identity": {IDENTITY: "select, insert, delete"},
}
_PROVEN = """
create function patient_proven(_nhs_number text, _born_on date)
returns table (account_id uuid, born_then boolean, family_name text)
language sql stable security definer set search_path from current as $$
    select p.account_id, p.born_on = _born_on, case when p.born_on = _born_on then p.family_name end
    from patient p where p.nhs_number = _nhs_number
$$
"""
INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "provider_sign_in",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("device_hash", sa.LargeBinary()),
        sa.CheckConstraint("kind in ('web', 'app')", name="provider_sign_in_kind_known"),
    )
    op.create_table(
        "provider_identity",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="one_account_per_subject"),
        sa.UniqueConstraint("account_id", "issuer", name="one_subject_per_account"),
    )
    op.add_column("sign_in_token", sa.Column("shown", sa.Text(), server_default=sa.text("'password'"), nullable=False))
    op.drop_constraint("key_purpose_known", "key")
    op.create_check_constraint(
        "key_purpose_known", "key", "purpose in ('access_token', 'audit_checkpoint', 'oidc_client')"
    )
    op.execute(_PROVEN)
    op.execute("revoke all on function patient_proven(text, date) from public")
    op.execute(f"grant execute on function patient_proven(text, date) to {IDENTITY}")
    for table, roles in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        for role, rights in roles.items():
            op.execute(f"grant {rights} on {table} to {role}")
            op.execute(f"create policy {role} on {table} to {role} using (true) with check (true)")


def downgrade() -> None:
    op.execute("drop function patient_proven(text, date)")
    op.execute("delete from key where purpose = 'oidc_client'")
    op.drop_constraint("key_purpose_known", "key")
    op.create_check_constraint("key_purpose_known", "key", "purpose in ('access_token', 'audit_checkpoint')")
    op.drop_column("sign_in_token", "shown")
    op.drop_table("provider_identity")
    op.drop_table("provider_sign_in")
