"""Patients: registering them, and reading those the caller may see."""

from fastapi import APIRouter

from api.deps import CurrentActor, Linking, TheServices, Writing
from api.entity_tags import MustMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.patients import (
    AccountLinkIn,
    FormerPatientOut,
    FormerPatientPage,
    PatientCorrectionIn,
    PatientDetailOut,
    PatientIn,
    PatientOut,
    PatientPage,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.outcomes.birth_queries import require_born_before_the_record
from domain.people import commands
from domain.people.correction_commands import correct_patient
from domain.people.former_queries import former_particulars
from domain.people.queries import care_homes_of, patient_read, visible_patient, visible_patients
from domain.rights.request_queries import disputes_of

router = APIRouter(prefix="/v1/patients", tags=["patients"], route_class=StrictRoute)


@router.post("", status_code=201)
async def register_patient(
    body: PatientIn, actor: CurrentActor, held: TheServices, writing: Writing, once: Once
) -> CreatedOut:
    """Register a person at a practice where the caller is a clinician. That an NHS number is known is audited."""
    new = body.to_new_patient(allow_test_range=held.test_numbers)
    try:
        async with once(names="id") as deed:
            made = await commands.register_patient(deed.session, actor, new)
            return await deed.reply(CreatedOut(id=made))
    except commands.AlreadyRegistered as refused:
        async with writing() as session:
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
async def get_patient(patient_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> PatientDetailOut:
    """Return one patient whom the caller may see; 404 in every other case. With what the person disputes in the record.

    That is a correction that they asked for, open or refused; what they say of it is for their practice.
    """
    async with writing() as session:
        found = await patient_read(session, actor, patient_id)
        told = PatientDetailOut.of_record(
            found, await care_homes_of(session, [found]), await disputes_of(session, found)
        )
    return tagged.told(told, about=patient_id, version=found.version)


@router.put("/{patient_id}")
async def put_patient_right(
    patient_id: Id, body: PatientCorrectionIn, actor: CurrentActor, held: TheServices, writing: Writing, edit: MustMatch
) -> PatientDetailOut:
    """Correct who the patient is, by a clinician of their practice. What stood there before is kept; see `former`."""
    new = body.to_particulars(allow_test_range=held.test_numbers)
    try:
        async with writing() as session:
            await require_born_before_the_record(session, actor, patient_id, new.born_on)
            await correct_patient(session, actor, patient_id, new, edit.seen(patient_id))
            found = await visible_patient(session, actor, patient_id)
            homes, disputes = await care_homes_of(session, [found]), await disputes_of(session, found)
    except commands.AlreadyRegistered as refused:
        async with writing() as session:
            await commands.audit_refused_registration(session, actor, refused)
        raise
    return edit.told(PatientDetailOut.of_record(found, homes, disputes), about=patient_id, version=found.version)


@router.get("/{patient_id}/former")
async def list_former_particulars(
    patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging
) -> FormerPatientPage:
    """Return what the record said of who the patient is before it was put right, newest first."""
    async with writing() as session:
        found = await former_particulars(session, actor, patient_id, before=page.after_number, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda former: former.version)
    return FormerPatientPage(items=[FormerPatientOut.of(item) for item in items], next_cursor=next_cursor)


@router.put("/{patient_id}/account", status_code=204)
async def link_patient_account(
    patient_id: Id, body: AccountLinkIn, actor: CurrentActor, linking: Linking, edit: MustMatch
) -> None:
    """Make an account the patient's own, by a clinician who sees them. If-Match is the patient's tag."""
    async with linking() as session:
        await commands.link_account(session, actor, patient_id, body.account_id, edit.seen(patient_id))
