"""Goals may be counted in what was done, be planned, and make no progress. (Looked at in every row by the next step.)

Revision: 0085
After: 0084
"""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

LIFECYCLES = """('proposed', 'planned', 'accepted', 'active', 'on-hold', 'completed', 'cancelled', 'rejected',
    'entered-in-error')"""
ACHIEVEMENTS = """('in-progress', 'improving', 'worsening', 'no-change', 'achieved', 'sustaining', 'not-achieved',
    'no-progress', 'not-attainable')"""
_LIFECYCLES_BEFORE = LIFECYCLES.replace(" 'planned',", "")
_ACHIEVEMENTS_BEFORE = ACHIEVEMENTS.replace("'no-progress', ", "")
_WHOLE = """num_nulls(target_comparator, target_value, target_unit, target_due_on) in (0, 4)
    and num_nonnulls(target_sign, target_counted) = (target_value is not null)::integer
    and (target_part is null or target_sign is not null)"""
_WHOLE_BEFORE = """num_nulls(target_sign, target_comparator, target_value, target_unit, target_due_on) in (0, 5)
    and (target_part is null or target_sign is not null)"""
# table, constraint: what it says, and what it said.
CHANGED = {
    ("goal", "goal_lifecycle_known"): ("lifecycle_status in {0}", LIFECYCLES, _LIFECYCLES_BEFORE),
    ("goal", "goal_achievement_known"): ("achievement_status in {0}", ACHIEVEMENTS, _ACHIEVEMENTS_BEFORE),
    ("goal_step", "goal_step_from_known"): ("from_lifecycle in {0}", LIFECYCLES, _LIFECYCLES_BEFORE),
    ("goal_step", "goal_step_to_known"): ("to_lifecycle in {0}", LIFECYCLES, _LIFECYCLES_BEFORE),
    ("goal_step", "goal_step_from_achievement_known"): ("from_achievement in {0}", ACHIEVEMENTS, _ACHIEVEMENTS_BEFORE),
    ("goal_step", "goal_step_to_achievement_known"): ("to_achievement in {0}", ACHIEVEMENTS, _ACHIEVEMENTS_BEFORE),
    ("goal", "goal_target_whole"): ("{0}", _WHOLE, _WHOLE_BEFORE),
}
COUNTED = ("goal", "goal_counted_known")


def upgrade() -> None:
    for table in ("goal", "goal_former"):
        op.add_column(table, sa.Column("target_counted", sa.Text()))
    op.execute("alter table goal add constraint goal_counted_known check (target_counted in ('completions')) not valid")
    for (table, name), (rule, now, _) in CHANGED.items():
        op.execute(f"alter table {table} drop constraint {name}")
        op.execute(f"alter table {table} add constraint {name} check ({rule.format(now)}) not valid")


def downgrade() -> None:
    # What could not be said before is said in the nearest words that could.
    op.execute("update goal set lifecycle_status = 'proposed' where lifecycle_status = 'planned'")
    op.execute("update goal set achievement_status = 'not-achieved' where achievement_status = 'no-progress'")
    for end in ("from", "to"):
        op.execute(f"update goal_step set {end}_lifecycle = 'proposed' where {end}_lifecycle = 'planned'")
        op.execute(f"update goal_step set {end}_achievement = 'not-achieved' where {end}_achievement = 'no-progress'")
    nothing = "target_comparator = null, target_value = null, target_unit = null, target_due_on = null"
    for table in ("goal", "goal_former"):
        op.execute(f"update {table} set {nothing}, target_counted = null where target_counted is not null")
    op.execute("alter table goal drop constraint goal_counted_known")
    for (table, name), (rule, _, before) in CHANGED.items():
        op.execute(f"alter table {table} drop constraint {name}")
        op.execute(f"alter table {table} add constraint {name} check ({rule.format(before)})")
    for table in ("goal", "goal_former"):
        op.drop_column(table, "target_counted")
