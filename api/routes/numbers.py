"""A person's own numbers, and the best peak flow that some of them are held against."""

from uuid import UUID, uuid5

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import MustMatch, Tagged
from api.once import Once
from api.schemas.numbers import NumbersOut
from api.schemas.personal_bests import BestRetractionIn, PersonalBestIn, PersonalBestsOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.observations.personal_best_commands import retract_personal_best, state_personal_best
from domain.observations.personal_best_queries import best_record, personal_best_read
from domain.plans.own_numbers_queries import own_numbers_read

router = APIRouter(prefix="/v1/patients/{patient_id}", tags=["numbers"], route_class=StrictRoute)


@router.get("/numbers")
async def get_numbers(patient_id: Id, actor: CurrentActor, writing: Writing) -> NumbersOut:
    """Return what a person's readings say: averages, ranges, changes and trends, each with how far it carries."""
    async with writing() as session:
        found = await own_numbers_read(session, actor, patient_id)
    return NumbersOut.of(found)


def _tag_of(patient_id: UUID) -> UUID:
    """Return what a tag of a person's best is about: not the person, whose particulars have tags of their own."""
    return uuid5(patient_id, "personal-best")


@router.get("/personal-best")
async def get_personal_best(patient_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> PersonalBestsOut:
    """Return the best peak flow that readings are held against, and all that was stated, newest first."""
    async with writing() as session:
        found = await personal_best_read(session, actor, patient_id)
    return tagged.told(PersonalBestsOut.of(found), about=_tag_of(patient_id), version=found.version)


@router.put("/personal-best")
async def put_personal_best(
    patient_id: Id, body: PersonalBestIn, actor: CurrentActor, writing: Writing, edit: MustMatch
) -> PersonalBestsOut:
    """State what the best peak flow is. What was stated before stays in `stated`; the same again adds nothing."""
    new, about = body.to_new_best(), _tag_of(patient_id)
    async with writing() as session:
        await state_personal_best(session, actor, patient_id, new, edit.seen(about))
        found = await best_record(session, patient_id, actor.at)
    return edit.told(PersonalBestsOut.of(found), about=about, version=found.version)


@router.post("/personal-best/{best_id}/retraction")
async def retract_stated_best(
    patient_id: Id, best_id: Id, body: BestRetractionIn, actor: CurrentActor, once: Once
) -> PersonalBestsOut:
    """Mark a stated best as entered in error: what was stated before it, or the readings, hold again. Safe to retry."""
    async with once() as deed:
        await retract_personal_best(deed.session, actor, patient_id, best_id, body.reason)
        found = await best_record(deed.session, patient_id, actor.at)
        return await deed.reply(PersonalBestsOut.of(found))
