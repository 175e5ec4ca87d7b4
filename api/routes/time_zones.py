"""In which time zone a patient's days are reckoned: when something is due, and what "today" is."""

from uuid import uuid5

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import MustMatch, Tagged
from api.schemas.strict import Id
from api.schemas.time_zones import TimeZoneIn, TimeZoneOut
from api.strict_routing import StrictRoute
from domain.people.local_days_commands import choose_time_zone
from domain.people.local_days_queries import zones_of, zones_read

# A patient's own tag says which version of their particulars was seen, and nothing of this.
_NAME = "time zone"
router = APIRouter(prefix="/v1/patients/{patient_id}/time-zone", tags=["patients"], route_class=StrictRoute)


@router.get("")
async def get_time_zone(patient_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> TimeZoneOut:
    """Return a patient's time zone and today; London until another was chosen."""
    async with writing() as session:
        found = await zones_read(session, actor, patient_id)
    return tagged.told(TimeZoneOut.of(found, actor.at), about=uuid5(patient_id, _NAME), version=found.version)


@router.put("")
async def put_time_zone(
    patient_id: Id, body: TimeZoneIn, actor: CurrentActor, writing: Writing, edit: MustMatch
) -> TimeZoneOut:
    """Choose another time zone, from the first day on that has not begun yet: past days and today stay as they were."""
    async with writing() as session:
        await choose_time_zone(session, actor, patient_id, body.time_zone, edit.seen(uuid5(patient_id, _NAME)))
        found = await zones_of(session, patient_id)
    return edit.told(TimeZoneOut.of(found, actor.at), about=uuid5(patient_id, _NAME), version=found.version)
