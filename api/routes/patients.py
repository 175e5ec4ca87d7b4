"""Patients: registering them, and reading those the caller may see."""

from fastapi import APIRouter

from api.deps import CurrentActor, TheServices, Writing
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.patients import AccountLinkIn, PatientIn, PatientOut, PatientPage
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people import commands
from domain.people.queries import care_homes_of, patient_read, visible_patients

router = APIRouter(prefix="/patients", tags=["patients"], route_class=StrictRoute)


@router.post("", status_code=201)
async def register_patient(body: PatientIn, actor: CurrentActor, held: TheServices) -> CreatedOut:
    """Register a person at a practice where the caller is a clinician. That an NHS number is known is audited."""
    new = body.to_new_patient(allow_test_range=held.test_numbers)
    try:
        async with held.database.writing() as session:
            return CreatedOut(id=await commands.register_patient(session, actor, new))
    except commands.AlreadyRegistered as refused:
        async with held.database.writing() as session:
            await commands.audit_refused_registration(session, actor, refused)
        raise


@router.get("")
async def list_patients(actor: CurrentActor, writing: Writing, page: Paging) -> PatientPage:
    """Return the patients the caller may see, a page at a time; audited for each of them."""
    async with writing() as session:
        found = await visible_patients(session, actor, after=page.after_id, limit=page.limit)
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        homes = await care_homes_of(session, items)
    return PatientPage(items=[PatientOut.of(patient, homes) for patient in items], next_cursor=next_cursor)


@router.get("/{patient_id}")
async def get_patient(patient_id: Id, actor: CurrentActor, writing: Writing) -> PatientOut:
    """Return one patient whom the caller may see; 404 in every other case."""
    async with writing() as session:
        found = await patient_read(session, actor, patient_id)
        return PatientOut.of(found, await care_homes_of(session, [found]))


@router.put("/{patient_id}/account", status_code=204)
async def link_patient_account(patient_id: Id, body: AccountLinkIn, actor: CurrentActor, writing: Writing) -> None:
    """Make an account the patient's own, by a clinician who sees them."""
    async with writing() as session:
        await commands.link_account(session, actor, patient_id, body.account_id)
