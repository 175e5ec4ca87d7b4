"""An action of a plan may name what it asks to be recorded: a reading of a sign, a questionnaire, or a diary entry.

Which record meets it is worked out when it is asked for, and kept nowhere. Plans that were published before ask for
nothing, as they did.

Revision: 0102
After: 0101
"""

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None

# Not of the rows there are: their columns were added just now, and are null.
RULES = {
    "action_asks_kind_known": "asks_kind in ('reading', 'questionnaire', 'diary_entry')",
    "action_asks_whole": "(asks_of is not null) = (asks_kind is not null and asks_kind <> 'diary_entry')",
    "action_asks_of_length": "char_length(asks_of) between 1 and 64",
}


def upgrade() -> None:
    op.add_column("action", sa.Column("asks_kind", sa.Text()))
    op.add_column("action", sa.Column("asks_of", sa.Text()))
    for name, rule in RULES.items():
        op.execute(f"alter table action add constraint {name} check ({rule}) not valid")


def downgrade() -> None:
    op.drop_column("action", "asks_of")
    op.drop_column("action", "asks_kind")
