"""Contacts and the imports of files of them, as clients see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, Id, In, Out, StrictInstant, Token
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactRefusal, ContactVerdict
from domain.outcomes.contact_import import EXPLANATIONS, FaultCode, RowFault
from domain.outcomes.definitions import ContactKind
from domain.outcomes.queries import ContactImport, ImportState

MOST_CONTACTS = 1_000
MANUAL_SOURCE = "manual"


class ContactIn(In):
    """A use of a service: what, when it began (with its offset), where, and the source's own id of it if it has one."""

    kind: Choice[ContactKind]
    started_at: StrictInstant
    organisation_id: Id
    source: Token = MANUAL_SOURCE
    external_id: Token | None = None

    def to_claim(self) -> ContactClaim:
        """Return the claim in the domain's words."""
        return ContactClaim(self.kind, self.started_at, self.organisation_id, self.source, self.external_id)


class ContactsIn(In):
    """1 to 1,000 contacts of one patient."""

    patient_id: Id
    contacts: Annotated[list[ContactIn], Field(min_length=1, max_length=MOST_CONTACTS)]

    def to_claims(self) -> list[ContactClaim]:
        """Return the claims in the domain's words."""
        return [contact.to_claim() for contact in self.contacts]


class ContactVerdictOut(Out):
    """What became of one contact; `contact_id` is what it is recorded as, or what it repeats."""

    index: int
    verdict: ContactOutcome
    contact_id: UUID | None
    code: ContactRefusal | None
    field: str | None
    detail: str | None

    @classmethod
    def of(cls, index: int, verdict: ContactVerdict) -> Self:
        """Return the verdict on the contact at this place of the request."""
        refusal = verdict.refusal
        return cls(
            index=index,
            verdict=verdict.outcome,
            contact_id=verdict.contact_id,
            code=refusal,
            field=refusal and f"/contacts/{index}/{refusal.field}",
            detail=refusal and refusal.detail,
        )


class ContactVerdictsOut(Out):
    """A verdict for each contact, in the order of the request."""

    verdicts: list[ContactVerdictOut]
    stored: int
    duplicate: int
    refused: int
    received_at: datetime

    @classmethod
    def of(cls, verdicts: Sequence[ContactVerdict], received_at: datetime) -> Self:
        """Return the verdicts with their counts."""
        outcomes = [verdict.outcome for verdict in verdicts]
        return cls(
            verdicts=[ContactVerdictOut.of(index, verdict) for index, verdict in enumerate(verdicts)],
            stored=outcomes.count(ContactOutcome.stored),
            duplicate=outcomes.count(ContactOutcome.duplicate),
            refused=outcomes.count(ContactOutcome.refused),
            received_at=received_at,
        )


class RowFaultOut(Out):
    """One thing wrong with a file: the row as a spreadsheet counts it (the header is row 1), the column, what to do."""

    row: int
    field: str | None
    code: FaultCode
    message: str
    remedy: str

    @classmethod
    def of(cls, fault: RowFault) -> Self:
        """Return the fault with its explanation; it never quotes the cell."""
        message, remedy = EXPLANATIONS[fault.code]
        return cls(row=fault.row_number, field=fault.field, code=fault.code, message=message, remedy=remedy)


class ContactImportOut(Out):
    """How an import stands: received, checking, storing, then stored or refused. All rows count, or none.

    `rows_total` is an estimate until every row has been read. `faults` are the first 200 of `faults_total`.
    """

    id: UUID
    state: ImportState
    uploaded_at: datetime
    finished_at: datetime | None
    bytes_received: int
    rows_total: int
    rows_read: int
    rows_stored: int
    rows_duplicate: int
    faults_total: int
    faults: list[RowFaultOut]

    @classmethod
    def of(cls, found: ContactImport) -> Self:
        """Return the import as its sender sees it."""
        return cls(
            id=found.id,
            state=found.state,
            uploaded_at=found.uploaded_at,
            finished_at=found.finished_at,
            bytes_received=found.bytes_received,
            rows_total=found.rows_total,
            rows_read=found.rows_read,
            rows_stored=found.rows_stored,
            rows_duplicate=found.rows_duplicate,
            faults_total=found.faults_total,
            faults=[RowFaultOut.of(fault) for fault in found.faults],
        )
