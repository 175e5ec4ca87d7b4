"""In which time zone a patient's days are reckoned, as clients see it."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.strict import In, Out, Token
from domain.access.ground import Basis
from domain.people.local_days import LONGEST_NAME
from domain.people.local_days_queries import ZoneChoice, Zones


class TimeZoneIn(In):
    """The time zone to reckon a patient's days in, by its IANA name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"time_zone": "Europe/Lisbon"}]})

    time_zone: Annotated[Token, Field(max_length=LONGEST_NAME)]


class TimeZoneChoiceOut(Out):
    """A time zone that was chosen, the first day that it holds for, and who chose it when."""

    time_zone: str
    from_on: date
    set_by: UUID
    set_as: Basis
    set_at: datetime

    @classmethod
    def of(cls, found: ZoneChoice) -> Self:
        """Return the choice as clients see it."""
        return cls.model_validate(found, from_attributes=True)


class TimeZoneOut(Out):
    """What day it is for a patient and in which time zone that day is reckoned; the choices made, latest first.

    A choice holds from its first day on: what was due today stays due as it was.
    """

    today: date
    time_zone: str
    choices: list[TimeZoneChoiceOut]

    @classmethod
    def of(cls, found: Zones, at: datetime) -> Self:
        """Return the time zones as clients see them at an instant."""
        today = found.days.day_of(at)
        choices = [TimeZoneChoiceOut.of(choice) for choice in found.choices]
        return cls(today=today, time_zone=found.days.zone_name(today), choices=choices)
