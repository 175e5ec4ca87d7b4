"""Answers that cannot wait are kept whatever time they bear and whatever version they were asked in, with what was stated.

Columns are added that are null in the rows there are, and a version may be as long as clients may write one. Before,
every version was shorter: nothing there is to be looked at.

Revision: 0105
After: 0104
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0105"
down_revision = "0104"
branch_labels = None
depends_on = None

TABLE = "questionnaire_response"
RULES = {
    f"{TABLE}_stated_length": "char_length(stated_time) between 1 and 64",
    f"{TABLE}_not_read_listed": "jsonb_typeof(not_read) = 'array'",
    f"{TABLE}_else_refused": "cannot_wait or (stated_time is null and not_read is null)",
    f"{TABLE}_version_whole": "char_length(version) between 1 and 64",
}


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("stated_time", sa.Text()))
    op.add_column(TABLE, sa.Column("not_read", JSONB()))
    for name, rule in RULES.items():
        op.execute(f"alter table {TABLE} add constraint {name} check ({rule}) not valid")
    op.drop_constraint(f"{TABLE}_version_length", TABLE)


def downgrade() -> None:
    op.execute(
        f"alter table {TABLE} add constraint {TABLE}_version_length"
        " check (char_length(version) between 1 and 16) not valid"
    )
    op.drop_constraint(f"{TABLE}_version_whole", TABLE)
    op.drop_column(TABLE, "not_read")
    op.drop_column(TABLE, "stated_time")
