"""A reading's row is made narrower: its sign a value of a type, its recorder's basis a letter, no number kept twice.

All of it in one pass over the table, which others wait for; its indexes are made anew by it, and so without the halves
of pages that stand empty.

Revision: 0072
After: 0071
"""

from alembic import op

from migrations.online import change_function

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "type": "Signs are compared in every statement, by one index that makes repeats impossible: a column beside it would"
    " have to be filled before the first node uses it. The table is written anew, 5 to 15 s a million readings, all waiting.",
    "constraint": "The shape of a row is looked at in the same pass that writes all of them.",
    "slow": "The table and its indexes are written anew: 5 to 15 s a million readings.",
}

STOPS_SERVICE = "Nodes of before write and look for signs as text, which a column of a type of its own does not take."

SIGNS = (
    "heart_rate",
    "respiratory_rate",
    "oxygen_saturation",
    "inspired_oxygen",
    "blood_pressure",
    "body_temperature",
    "body_weight",
    "body_height",
    "bmi",
    "blood_glucose",
    "blood_ketones",
    "peak_expiratory_flow",
    "consciousness_acvpu",
    "pain_score",
    "steps",
    "hba1c",
    "news2_total",
)
_LISTED = ", ".join(f"'{sign}'" for sign in SIGNS)
# As domain/observations/basis_letter.py.
LETTERS = {"self": "s", "delegate": "d", "care_home": "h", "care_team": "t", "practice": "p", "break_glass": "b"}
_TO_LETTERS = " ".join(f"when '{word}' then '{letter}'" for word, letter in LETTERS.items())
_TO_WORDS = " ".join(f"when '{letter}' then '{word}'" for word, letter in LETTERS.items())
_SHAPE = """
case sign
    when 'blood_pressure' then systolic is not null and diastolic is not null and systolic > diastolic
        and value is null and original_value is null and code is null and comparator is null
        and original_unit is not null
    when 'consciousness_acvpu' then code in ('A', 'C', 'V', 'P', 'U') and code is not null
        and value is null and original_value is null and systolic is null and diastolic is null
        and comparator is null and original_unit is null
    else value is not null {own}and original_unit is not null
        and systolic is null and diastolic is null and code is null
end"""
_NARROW = f"""
alter table observation
    drop constraint observation_sign_known,
    drop constraint observation_has_one_shape,
    alter column sign type vital_sign using sign::vital_sign,
    alter column recorded_as type text using case recorded_as {_TO_LETTERS} else recorded_as end,
    alter column original_value type numeric using
        case when original_value = value and scale(original_value) = scale(value) then null else original_value end,
    add constraint observation_has_one_shape check ({_SHAPE.format(own="")})
"""
_WIDEN = f"""
alter table observation
    drop constraint observation_has_one_shape,
    alter column sign type text using sign::text,
    alter column recorded_as type text using case recorded_as {_TO_WORDS} else recorded_as end,
    alter column original_value type numeric using coalesce(original_value, value),
    add constraint observation_sign_known check (sign in ({_LISTED})),
    add constraint observation_has_one_shape check ({_SHAPE.format(own="and original_value is not null ")})
"""
# What is kept beside the readings has its signs in words: it is small. Of functions that compare the two it is said
# which is meant, wherever their words come from by now.
_COMPARED = {
    "keep_latest_of_changed": {
        "l.sign = c.sign": "l.sign = c.sign::text",
        "select distinct c.patient_id, c.sign from": "select distinct c.patient_id, c.sign::text from",
    },
    "summarise_days": {"o.sign = _due.sign": "o.sign = _due.sign::vital_sign"},
    "remove_readings": {"o.sign = _each.sign": "o.sign = _each.sign::vital_sign"},
}


def upgrade() -> None:
    op.execute(f"create type vital_sign as enum ({_LISTED})")
    _do(_NARROW)
    for function, changes in _COMPARED.items():
        for before, after in changes.items():
            change_function(function, before, after)


def downgrade() -> None:
    for function, changes in _COMPARED.items():
        for before, after in changes.items():
            change_function(function, after, before)
    _do(_WIDEN)
    op.execute("drop type vital_sign")


def _do(statement: str) -> None:
    # Through the driver itself: a colon means nothing to it.
    op.get_bind().exec_driver_sql(statement)
