"""Delegates as the person, their clinicians and the delegates themselves see them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import WITHOUT_NUL, Choice, In, InWords, Out, StrictDate, StrictInstant
from domain.access.ground import Basis
from domain.people.delegation import ByLaw, DelegationEnd, Ground, Relationship, Terms
from domain.people.delegation_commands import Offered
from domain.people.delegation_queries import Delegation, OwnDelegation, State
from domain.people.permission import Scope
from domain.people.review_queries import Review

Scopes = Annotated[
    list[Choice[Scope]],
    Field(
        min_length=1,
        max_length=len(Scope),
        description="read: what the person reads. record: add readings and what was done. message: write to the care "
        "team. decide: consents, only by law. None implies another.",
    ),
]


class DelegateIn(In):
    """Somebody to act for the caller, by whatever account they accept the code with."""

    relationship: Choice[Relationship]
    scopes: Scopes
    from_at: StrictInstant | None = None
    until_at: StrictInstant | None = None
    text_version: Annotated[int, Field(ge=1, le=10_000, description="Of the `delegate` text that was shown.")]

    def to_terms(self) -> Terms:
        """Return what the delegate may do, and when."""
        return Terms(self.relationship, frozenset(self.scopes), self.from_at, self.until_at)


class DelegateByLawIn(In):
    """Somebody whom the law lets act for a child, or for a person who lacks capacity to let them."""

    relationship: Choice[Relationship]
    scopes: Scopes
    ground: Annotated[
        Choice[Ground],
        Field(
            description="parental_responsibility: Children Act 1989, below 16. lasting_power_of_attorney (from 18), "
            "court_deputy, best_interests (from 16): Mental Capacity Act 2005. Not consent: the person gives that."
        ),
    ]
    evidence: Annotated[InWords, Field(description="What was seen, and how capacity was assessed if it was.")]
    review_on: Annotated[StrictDate, Field(description="Within a year. The delegation ends after this day.")]
    from_at: StrictInstant | None = None
    until_at: StrictInstant | None = None

    def to_terms(self) -> Terms:
        """Return what the delegate may do, and when."""
        return Terms(self.relationship, frozenset(self.scopes), self.from_at, self.until_at)

    def to_law(self) -> ByLaw:
        """Return by what right."""
        return ByLaw(self.ground, self.evidence, self.review_on)


class OfferOut(Out):
    """A delegation that waits. The code is told once: hand it over; whoever types it in, once, is the delegate."""

    id: UUID
    code: str
    expires_at: datetime

    @classmethod
    def of(cls, offered: Offered) -> Self:
        """Return the offer with its code."""
        return cls(id=offered.id, code=offered.code, expires_at=offered.expires_at)


class DelegateOut(Out):
    """A delegation as the person and their clinicians see it; `delegate` is the account's name, once accepted."""

    id: UUID
    state: State
    delegate: str | None
    relationship: Relationship
    scopes: list[Scope]
    ground: Ground
    evidence: str | None
    review_on: date | None
    from_at: datetime
    until_at: datetime | None
    offered_at: datetime
    offered_as: Basis
    accepted_at: datetime | None
    ended_at: datetime | None
    end_reason: DelegationEnd | None

    @classmethod
    def of(cls, found: Delegation) -> Self:
        """Return the delegation as it is shown."""
        return cls(
            id=found.id,
            state=found.state,
            delegate=found.delegate,
            relationship=found.relationship,
            scopes=list(found.scopes),
            ground=found.ground,
            evidence=found.evidence,
            review_on=found.review_on,
            from_at=found.from_at,
            until_at=found.until_at,
            offered_at=found.offered_at,
            offered_as=found.offered_as,
            accepted_at=found.accepted_at,
            ended_at=found.ended_at,
            end_reason=found.end_reason,
        )


class DelegatePage(Out):
    """A page of delegations."""

    items: list[DelegateOut]
    next_cursor: str | None


class ReviewOut(Out):
    """Who acts for which patient on which ground of law. It ends at `until_at` unless it is recorded anew."""

    id: UUID
    patient_id: UUID
    patient_name: str
    delegate: str
    relationship: Relationship
    ground: Ground
    until_at: datetime

    @classmethod
    def of(cls, found: Review) -> Self:
        """Return the delegation as it is shown to those who may record it anew."""
        return cls.model_validate(found, from_attributes=True)


class ReviewPage(Out):
    """A page of delegations that end soon."""

    items: list[ReviewOut]
    next_cursor: str | None


class DelegateEndIn(In):
    """Why a delegation ends. The delegate is not told."""

    reason: Annotated[
        Choice[DelegationEnd], Field(description="Of one's own choice: no_longer_wanted. Nobody needs to say more.")
    ]


class DelegationCodeIn(In):
    """The code that somebody handed over."""

    code: Annotated[
        str, Field(min_length=20, max_length=64, repr=False, json_schema_extra={**WITHOUT_NUL, "format": "password"})
    ]


class OwnDelegationOut(Out):
    """For whom the caller acts, or will from `from_at` on."""

    id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    relationship: Relationship
    scopes: list[Scope]
    from_at: datetime
    until_at: datetime | None

    @classmethod
    def of(cls, found: OwnDelegation) -> Self:
        """Return the delegation as its holder sees it."""
        return cls(
            id=found.id,
            patient_id=found.patient_id,
            given_name=found.given_name,
            family_name=found.family_name,
            relationship=found.relationship,
            scopes=list(found.scopes),
            from_at=found.from_at,
            until_at=found.until_at,
        )


class OwnDelegations(Out):
    """For whom the caller acts."""

    items: list[OwnDelegationOut]
