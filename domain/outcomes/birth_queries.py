"""What the record holds from before a date that is to be somebody's birth: readings, visits, pathways."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.errors import Fault, Invalid
from domain.observations.birth_queries import has_readings_before
from domain.people.permission import Action
from domain.people.queries import permitted_patient

_VISITS = text("select exists (select from contact where patient_id = :patient_id and started_on < :day)")
_PATHWAYS = text("select exists (select from enrolment where patient_id = :patient_id and enrolled_on < :day)")


async def require_born_before_the_record(session: AsyncSession, actor: Actor, patient_id: UUID, born_on: date) -> None:
    """Raise Invalid when a birth date is to be put right to a later one, and the record holds something before that.

    What is in the record then is another person's, or was recorded with a wrong date: that is put right first. A birth
    date that was wrong already, and stays, keeps nobody from putting a name right. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.correct_particulars)
    if born_on <= patient.born_on:
        return
    asked = {"patient_id": patient_id, "day": born_on}
    for is_before, what in (
        (await has_readings_before(session, patient_id, born_on), "readings"),
        (await session.scalar(_VISITS, asked), "visits"),
        (await session.scalar(_PATHWAYS, asked), "a pathway"),
    ):
        if is_before:
            message = f"The record holds {what} from before this date. Put that right, or enter it in error, first."
            raise Invalid("No such birth date.", [Fault("/born_on", "before_birth", message)])
