"""Contacts: recording a patient's use of services, one by one or from a file."""

from fastapi import APIRouter, Request, Response

from api.deps import CurrentActor, Reading, Writing
from api.description import problem_with
from api.problems import problem_of
from api.refusals import UnsupportedMedia
from api.request_id import request_id_of
from api.schemas.contacts import ContactImportOut, ContactsIn, ContactVerdictsOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.errors import Conflict, DomainError, Fault, Invalid
from domain.outcomes.contact import ContactRefusal
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.contact_import import COLUMNS
from domain.outcomes.import_steps import receive_file
from domain.outcomes.queries import contact_import

router = APIRouter(prefix="/v1/contacts", tags=["contacts"], route_class=StrictRoute)

_CSV = {
    "requestBody": {
        "required": True,
        "description": f"UTF-8, comma-separated, with a header of these columns in any order: {', '.join(COLUMNS)}.",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "nhs_number,kind,started_at,organisation_ods_code\n"
                "9990000018,gp_home_visit,2026-03-29T08:05:00+01:00,Y99991\n",
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    response_model=ContactVerdictsOut,
    responses={
        207: {"model": ContactVerdictsOut, "description": "Some contacts were refused."},
        409: problem_with(ContactVerdictsOut, "Every contact disagrees with what is recorded: see the verdicts."),
        422: problem_with(ContactVerdictsOut, "No contact was accepted: see the verdicts. Or it could not be read."),
    },
)
async def post_contacts(
    body: ContactsIn, actor: CurrentActor, writing: Writing, request: Request, response: Response
) -> ContactVerdictsOut | Response:
    """Record 1 to 1,000 contacts of a patient whom the caller sees as staff. Safe to retry: a repeat is stored once."""
    async with writing() as session:
        verdicts = await record_contacts(session, actor, body.patient_id, body.to_claims())
    answer = ContactVerdictsOut.of(verdicts, actor.at)
    if answer.refused == len(verdicts):
        extra = answer.model_dump(mode="json")
        return problem_of(_nothing_accepted(answer), request_id_of(request.scope), extra=extra)
    response.status_code = 207 if answer.refused else 201
    return answer


def _nothing_accepted(answer: ContactVerdictsOut) -> DomainError:
    if all(verdict.code is ContactRefusal.conflict for verdict in answer.verdicts):
        return Conflict("Every contact disagrees with what is recorded: see the verdicts.")
    faults = [Fault(v.field or "", v.code or "", v.detail or "") for v in answer.verdicts]
    return Invalid("No contact was accepted: see the verdicts.", faults)


@router.post(
    "/imports",
    status_code=202,
    openapi_extra=_CSV,
    responses={429: {"description": "Several files are being imported already."}},
)
async def post_contact_import(
    request: Request, actor: CurrentActor, writing: Writing, reading: Reading
) -> ContactImportOut:
    """Send a file of contacts of patients registered where the caller is an administrator; all rows count, or none.

    Answers as soon as the file is here; ask for the import to follow it. The same file again is the same import.
    """
    _require_csv(request)
    import_id = await receive_file(writing, actor, request.stream())
    async with reading() as session:
        return ContactImportOut.of(await contact_import(session, actor, import_id))


@router.get("/imports/{import_id}")
async def get_contact_import(import_id: Id, actor: CurrentActor, reading: Reading) -> ContactImportOut:
    """Return how far an import is, and row by row what is wrong with its file."""
    async with reading() as session:
        return ContactImportOut.of(await contact_import(session, actor, import_id))


def _require_csv(request: Request) -> None:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    coding = request.headers.get("content-encoding", "identity").lower()
    if (
        kind.strip().lower() != "text/csv"
        or charset not in {"", "charset=utf-8", "header=present"}
        or coding != "identity"
    ):
        raise UnsupportedMedia("Send the file as text/csv in UTF-8, without a Content-Encoding.")
