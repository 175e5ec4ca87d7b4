"""A reading's sign is a letter: what it is compared by is known to PostgreSQL to tell nobody anything.

Of values of a type of our own that is not known (`enum_eq` is not leakproof), so under row security the sign came after
the rules of the rows: each question for one sign of somebody read all that is recorded of them.

Revision: 0077
After: 0076
"""

from alembic import op

from migrations.online import change_function

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "type": "Signs are compared in every statement, by one index that makes repeats impossible: a column beside it would"
    " have to be filled before the first node uses it. The table is written anew, 5 to 15 s a million readings, all waiting.",
    "constraint": "The shape of a row is looked at in the same pass that writes all of them.",
    "slow": "The table and its indexes are written anew: 5 to 15 s a million readings.",
}

STOPS_SERVICE = "Nodes of before write and look for signs as values of a type that is gone."

# In capitals: of a sign that is written in words PostgreSQL would take the first letter, which so is none.
LETTERS = {
    "heart_rate": "H",
    "respiratory_rate": "R",
    "oxygen_saturation": "O",
    "inspired_oxygen": "I",
    "blood_pressure": "P",
    "body_temperature": "T",
    "body_weight": "W",
    "body_height": "L",
    "bmi": "B",
    "blood_glucose": "G",
    "blood_ketones": "K",
    "peak_expiratory_flow": "F",
    "consciousness_acvpu": "C",
    "pain_score": "X",
    "steps": "S",
    "hba1c": "A",
    "news2_total": "N",
}
_LISTED = ", ".join(f"'{sign}'" for sign in LETTERS)
# Each letter is a constant of its type: to make one of a text is no leakproof function, and would keep a sign that is
# joined to (not told as a parameter) from being looked up by.
_TO_LETTERS = " ".join(f"when '{sign}' then cast('{letter}' as \"char\")" for sign, letter in LETTERS.items())
_TO_NAMES = " ".join(f"when '{letter}' then '{sign}'" for sign, letter in LETTERS.items())
# Written out in the statement that calls them, as they name no schema to look in and read nothing.
_LETTER = f"""
create function sign_letter(_name text) returns "char" language sql immutable parallel safe
as $$ select case _name {_TO_LETTERS} end $$
"""
_NAME = f"""
create function sign_name(_letter "char") returns text language sql immutable parallel safe
as $$ select case _letter {_TO_NAMES} end $$
"""
_SHAPE = """
case sign
    when '{pair}' then systolic is not null and diastolic is not null and systolic > diastolic
        and value is null and original_value is null and code is null and comparator is null
        and original_unit is not null
    when '{coded}' then code in ('A', 'C', 'V', 'P', 'U') and code is not null
        and value is null and original_value is null and systolic is null and diastolic is null
        and comparator is null and original_unit is null
    else value is not null and original_unit is not null
        and systolic is null and diastolic is null and code is null
end"""
_TO_LETTERS_ALL = f"""
alter table observation
    drop constraint observation_has_one_shape,
    alter column sign type "char" using sign_letter(sign::text),
    add constraint observation_sign_known check (sign_name(sign) is not null),
    add constraint observation_has_one_shape check ({_SHAPE.format(pair="P", coded="C")})
"""
_TO_NAMES_ALL = f"""
alter table observation
    drop constraint observation_has_one_shape,
    drop constraint observation_sign_known,
    alter column sign type vital_sign using sign_name(sign)::vital_sign,
    add constraint observation_has_one_shape check ({_SHAPE.format(pair="blood_pressure", coded="consciousness_acvpu")})
"""
# What is kept beside the readings has its signs in words.
_COMPARED = {
    "keep_latest_of_added": {
        "a.patient_id, a.sign, a.effective_at, a.id,": "a.patient_id, sign_name(a.sign), a.effective_at, a.id,",
    },
    "keep_latest_of_changed": {"c.sign::text": "sign_name(c.sign)"},
    "summarise_days": {
        "_due.sign::vital_sign": "sign_letter(_due.sign)",
        "select o.patient_id, o.sign, (": "select o.patient_id, sign_name(o.sign), (",
    },
    "remove_readings": {
        "_each.sign::vital_sign": "sign_letter(_each.sign)",
        "select o.patient_id, o.sign, (": "select o.patient_id, sign_name(o.sign), (",
    },
}


def upgrade() -> None:
    _do(_LETTER)
    _do(_NAME)
    _do(_TO_LETTERS_ALL)
    for function, changes in _COMPARED.items():
        for before, after in changes.items():
            change_function(function, before, after)
    op.execute("drop type vital_sign")


def downgrade() -> None:
    op.execute(f"create type vital_sign as enum ({_LISTED})")
    for function, changes in _COMPARED.items():
        for before, after in changes.items():
            change_function(function, after, before)
    _do(_TO_NAMES_ALL)
    op.execute('drop function sign_letter(text), sign_name("char")')


def _do(statement: str) -> None:
    # Through the driver itself: a colon means nothing to it.
    op.get_bind().exec_driver_sql(statement)
