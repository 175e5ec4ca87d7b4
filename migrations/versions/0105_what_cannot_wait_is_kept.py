"""Answers that cannot wait are kept whatever time they bear and whatever version they were asked in, with what was stated.

Columns are added that are null in the rows there are. The rule that a version has at most 16 characters goes: what clients
may write is longer, and such an answer would be lost by it. No rule of the table takes its place, here or for the
columns: every response would be read for it while nobody could answer.

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
# Where a longer one is kept the rule stays away: under it that response could not be retracted.
_SHORT_AGAIN = f"""
do $$ begin
    if not exists (select from {TABLE} where char_length(version) > 16) then
        alter table {TABLE} add constraint {TABLE}_version_length
            check (char_length(version) between 1 and 16) not valid;
    end if;
end $$
"""


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("stated_time", sa.Text()))
    op.add_column(TABLE, sa.Column("not_read", JSONB()))
    op.execute(f"alter table {TABLE} drop constraint if exists {TABLE}_version_length")


def downgrade() -> None:
    op.execute(_SHORT_AGAIN)
    op.drop_column(TABLE, "not_read")
    op.drop_column(TABLE, "stated_time")
