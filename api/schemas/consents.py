"""Decisions about the use of a record as clients see them, in FHIR's words (Consent)."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, In, Out, Prose, StrictDate
from domain.access.ground import Basis
from domain.people.consent import Authority, Provision, Purpose
from domain.people.consent_commands import Choice as Decision
from domain.people.consent_queries import Consent
from domain.people.consent_texts import ConsentText

TextVersion = Annotated[int, Field(ge=1, le=10_000, description="Of the text that was shown: the latest.")]
Note = Annotated[Prose, Field(description="How and when the person said it. Asked of a practice that records it.")]

InformedOn = Annotated[
    StrictDate,
    Field(description="When the person was told that their restriction ends. Asked of a practice that lifts it."),
]


class ConsentIn(In):
    """A decision for one purpose."""

    purpose: Choice[Purpose]
    text_version: TextVersion
    note: Note | None = None
    informed_on: InformedOn | None = None

    def to_choice(self, provision: Provision) -> Decision:
        """Return what is decided."""
        return Decision(self.purpose, provision, self.text_version, self.note, self.informed_on)


class ConsentOut(Out):
    """One decision: `active` until the next one for its purpose. `provision` is what it says."""

    id: UUID
    status: Literal["active", "inactive"]
    purpose: Purpose
    provision: Provision
    text_version: int
    language: str
    text_sha256: str
    date_time: datetime
    performer_id: UUID
    performed_as: Basis
    authority: Authority
    note: str | None
    ended_at: datetime | None

    @classmethod
    def of(cls, found: Consent) -> Self:
        """Return the decision as it is shown."""
        return cls(
            id=found.id,
            status="active" if found.ended_at is None else "inactive",
            purpose=found.purpose,
            provision=found.provision,
            text_version=found.text_version,
            language=found.language,
            text_sha256=found.text_sha256.hex(),
            date_time=found.decided_at,
            performer_id=found.decided_by,
            performed_as=found.decided_as,
            authority=found.authority,
            note=found.note,
            ended_at=found.ended_at,
        )


class ConsentPage(Out):
    """A page of decisions."""

    items: list[ConsentOut]
    next_cursor: str | None


class ConsentTextOut(Out):
    """The words to show for one purpose; `on_withdrawal` before somebody withdraws."""

    purpose: Purpose
    version: int
    is_latest: bool
    language: str
    title: str
    text: str
    on_withdrawal: str
    sha256: str

    @classmethod
    def of(cls, found: ConsentText, latest: int) -> Self:
        """Return the text as it is shown."""
        return cls(
            purpose=found.purpose,
            version=found.version,
            is_latest=found.version == latest,
            language=found.language,
            title=found.title,
            text=found.text,
            on_withdrawal=found.on_withdrawal,
            sha256=found.sha256.hex(),
        )


class ConsentTexts(Out):
    """All versions of all texts."""

    items: list[ConsentTextOut]
