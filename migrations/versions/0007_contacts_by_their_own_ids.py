"""Two ids are two contacts, at one second as well; whom a file being checked finds is noted, for the audit trail.

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NATURE = ["patient_id", "kind", "started_at", "organisation_id"]


def upgrade() -> None:
    op.drop_index("contact_once", table_name="contact")
    op.create_index("contact_once", "contact", _NATURE, unique=True, postgresql_where=sa.text("external_id is null"))
    op.create_table(
        "contact_import_person",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["contact_import.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "patient_id"),
    )


def downgrade() -> None:
    op.drop_table("contact_import_person")
    op.drop_index("contact_once", table_name="contact", postgresql_where=sa.text("external_id is null"))
    op.create_index("contact_once", "contact", _NATURE, unique=True)
