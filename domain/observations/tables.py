"""Storage shape of observations. Private to this context.

The constraints repeat what the commands already see to: a row that makes no sense must be impossible, whoever
writes it. `numeric` has NaN, greater than every number, so every bound is a pair: one bound alone would let it in.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, Index, Integer, LargeBinary, Numeric, SmallInteger, Text, text
from sqlalchemy.types import UserDefinedType
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)
_NEVER = text("'-infinity'")

_VERSION = "get_byte(uuid_send(id), 6) >> 4"
_ONE_SHAPE = """
case sign
    when 'P' then systolic is not null and diastolic is not null and systolic > diastolic
        and value is null and original_value is null and code is null and comparator is null
        and original_unit is not null
    when 'C' then code in ('A', 'C', 'V', 'P', 'U') and code is not null
        and value is null and original_value is null and systolic is null and diastolic is null
        and comparator is null and original_unit is null
    else value is not null and original_unit is not null
        and systolic is null and diastolic is null and code is null
end"""
_RETRACTION_IS_WHOLE = """
(retracted_at is null) = (retracted_by is null) and (retracted_at is null) = (retraction_reason is null)"""


class Letter(UserDefinedType[str]):
    """PostgreSQL's one-byte "char"."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return '"char"'


class ObservationRow(SQLModel, table=True):
    """One accepted vital sign of one instant. What was measured never changes; a correction is another row.

    `effective_at` is in UTC, with the offset it was sent with beside it. Values are in the catalogue's canonical
    unit, with the sender's own beside them, but for a number that is the same to its last digit; a pair has one unit
    only. `sign` is its letter (0077); `recorded_as` is on which basis the recorder saw the patient
    (basis_letter.py). Two unique indexes make a repeat impossible: the id, which follows from the patient's and the
    sender's own (client_id.py; before 0054 it did not, and `observation_by_earlier_id` is of those rows), and what
    was measured when and with what. A correction measures the same again: it differs in what it supersedes, which
    one alone does. By the second a record is read, too: it holds what a series is made of. `client_id` is packed
    (client_id.py).
    """

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("sign_name(sign) is not null", name="observation_sign_known"),
        CheckConstraint(_ONE_SHAPE, name="observation_has_one_shape"),
        CheckConstraint("value between -1000000 and 1000000", name="observation_value_finite"),
        CheckConstraint("systolic between 0 and 1000", name="observation_systolic_finite"),
        CheckConstraint("diastolic between 0 and 1000", name="observation_diastolic_finite"),
        CheckConstraint("original_value between -1000000000 and 1000000000", name="observation_original_value_finite"),
        CheckConstraint("comparator in ('<', '>')", name="observation_comparator_known"),
        CheckConstraint(
            "effective_at between '1900-01-01 00:00:00+00' and '2200-01-01 00:00:00+00'",
            name="observation_effective_at_finite",
        ),
        CheckConstraint("effective_offset_minutes between -840 and 840", name="observation_offset_in_use"),
        CheckConstraint("length(client_id) between 1 and 64", name="observation_client_id_length"),
        CheckConstraint("length(source) between 1 and 64", name="observation_source_length"),
        CheckConstraint("(supersedes_id is null) = (correction_reason is null)", name="observation_correction_whole"),
        CheckConstraint(_RETRACTION_IS_WHOLE, name="observation_retraction_whole"),
        CheckConstraint("not (superseded_by_id is not null and retracted_at is not null)", name="observation_one_end"),
        CheckConstraint(
            f"{_VERSION} <> 8 or id = observation_id_of(patient_id, client_id)", name="observation_id_follows"
        ),
        Index(
            "observation_by_earlier_id",
            "patient_id",
            "client_id",
            unique=True,
            postgresql_where=text(f"{_VERSION} <> 8"),
        ),
        Index(
            "observation_by_sign_and_time",
            "patient_id",
            "sign",
            "effective_at",
            "source",
            "supersedes_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_include=["superseded_by_id", "retracted_at", "value", "systolic", "diastolic"],
        ),
        Index(
            "observation_superseded_once",
            "supersedes_id",
            unique=True,
            postgresql_where=text("supersedes_id is not null"),
        ),
        Index(
            "observation_superseded_by",
            "superseded_by_id",
            postgresql_where=text("superseded_by_id is not null"),
        ),
    )

    # Fixed widths first: PostgreSQL pads a row to alignment in the order of its columns.
    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    recorded_by: UUID = Field(foreign_key="account.id", nullable=False)
    effective_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    received_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    effective_offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    confirmed: bool = Field(sa_column=Column(Boolean, nullable=False))
    sign: str = Field(sa_column=Column(Letter, nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    client_id: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_as: str = Field(sa_column=Column(Text, nullable=False))
    value: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    systolic: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    diastolic: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    code: str | None = Field(default=None, sa_column=Column(Text))
    comparator: str | None = Field(default=None, sa_column=Column(Text))
    original_value: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    original_unit: str | None = Field(default=None, sa_column=Column(Text))
    clock_skew_seconds: int | None = Field(default=None, sa_column=Column(Integer))
    supersedes_id: UUID | None = Field(default=None, foreign_key="observation.id")
    superseded_by_id: UUID | None = Field(default=None, foreign_key="observation.id")
    correction_reason: str | None = Field(default=None, sa_column=Column(Text))
    retracted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    retracted_by: UUID | None = Field(default=None, foreign_key="account.id")
    retraction_reason: str | None = Field(default=None, sa_column=Column(Text))


class LatestRow(SQLModel, table=True):
    """Which current observation is the latest of a sign: none where the last of them was entered in error.

    Kept by a trigger on `observation`, in the transaction that changes it: nobody else may write here. Before
    `summarised_until` the summaries of days are those of the observations, and before `removed_before` (both UTC) they
    are all there is: those observations were removed by policy, but for what came late and was not summed up yet.
    """

    __tablename__ = "observation_latest"
    __table_args__ = (
        CheckConstraint("(effective_at is null) = (observation_id is null)", name="observation_latest_whole"),
    )

    patient_id: UUID = Field(primary_key=True, foreign_key="patient.id")
    sign: str = Field(sa_column=Column(Text, primary_key=True))
    effective_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    observation_id: UUID | None = None
    summarised_until: date = Field(sa_column=Column(Date, nullable=False, server_default=_NEVER))
    removed_before: date = Field(sa_column=Column(Date, nullable=False, server_default=_NEVER))


def _figure() -> Any:
    return Field(default=None, sa_column=Column(Numeric))


class DayRow(SQLModel, table=True):
    """What was current of one sign on one day (UTC) that is over: how many, the least, the greatest and the sum.

    `told_in` is the unit it was sent in or, of a coded sign, the code. The figures are in the canonical unit, of a pair
    the systolic ones, with the diastolic beside them; a coded sign has none. Written by `summarise_days` alone.
    """

    __tablename__ = "observation_day"
    __table_args__ = (CheckConstraint("number > 0", name="observation_day_of_something"),)

    patient_id: UUID = Field(primary_key=True, foreign_key="patient.id")
    sign: str = Field(sa_column=Column(Text, primary_key=True))
    day: date = Field(primary_key=True)
    told_in: str = Field(sa_column=Column(Text, primary_key=True))
    number: int
    least: Decimal | None = _figure()
    greatest: Decimal | None = _figure()
    total: Decimal | None = _figure()
    diastolic_least: Decimal | None = _figure()
    diastolic_greatest: Decimal | None = _figure()
    diastolic_total: Decimal | None = _figure()


class PersonalBestRow(SQLModel, table=True):
    """The peak flow (L/min) that somebody said is a person's best, why, and on which basis; numbered from 1.

    Never changed: a later one takes its place, and one entered in error stays with who said so, when and why.
    """

    __tablename__ = "personal_best"
    __table_args__ = (
        CheckConstraint("value between 20 and 1000", name="personal_best_value_possible"),
        CheckConstraint("stated_as in ('self', 'care_team', 'practice')", name="personal_best_basis_known"),
        CheckConstraint("char_length(reason) between 1 and 500", name="personal_best_reason_length"),
        CheckConstraint("char_length(retraction_reason) between 1 and 500", name="personal_best_retraction_length"),
        CheckConstraint(
            "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)", name="personal_best_retraction_whole"
        ),
        CheckConstraint("number between 1 and 100", name="personal_best_number"),
        Index("personal_best_of_patient", "patient_id", "number", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    number: int = Field(sa_column=Column(SmallInteger, nullable=False))
    value: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    stated_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    stated_by: UUID = Field(foreign_key="account.id", nullable=False)
    stated_as: str = Field(sa_column=Column(Text, nullable=False))
    retracted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    retracted_by: UUID | None = Field(default=None, foreign_key="account.id")
    retraction_reason: str | None = Field(default=None, sa_column=Column(Text))
