"""Readings, verdicts and observations as clients see them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema, core_schema

from api.schemas.strict import In, Line, Number, Out, StrictInstant, Token
from domain.observations.catalogue import CATALOGUE
from domain.observations.observation import Latest, Observation, Status
from domain.observations.reading import MANUAL_SOURCE, Reading
from domain.observations.verdict import Outcome, Refusal, RefusalCode, Verdict

MOST_READINGS = 1_000

# Told to clients as a choice, and left to the domain to judge: each reading gets its own verdict.
EnteredSign = Annotated[str, Field(json_schema_extra={"enum": [s.key for s in CATALOGUE.values() if not s.derived]})]
AnySign = Annotated[str, Field(json_schema_extra={"enum": list(CATALOGUE)})]
# As long as the longest in UCUM that anybody would send; which units a sign has is for the domain to judge.
LONGEST_UNIT = 32
AnyUnit = Annotated[str, Field(max_length=LONGEST_UNIT, json_schema_extra={"pattern": "^[!-~]+$"})]
Comparator = Literal["<", ">"]
Answer = Literal["A", "C", "V", "P", "U"]


_EXAMPLES: list[JsonValue] = [
    {
        "client_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e",
        "sign": "heart_rate",
        "value": 72,
        "unit": "/min",
        "effective_at": "2026-03-29T08:05:00+01:00",
    },
    {
        "client_id": "0190f3a2-7c1f-7c1f-9c1f-0190f3a27c1f",
        "sign": "blood_pressure",
        "systolic": 128,
        "diastolic": 79,
        "unit": "mm[Hg]",
        "effective_at": "2026-03-29T08:05:30+01:00",
    },
]


_CORRECTION: JsonValue = {
    "reason": "Misread",
    "reading": {
        "client_id": "0190f3a2-7c20-7c20-9c20-0190f3a27c20",
        "sign": "heart_rate",
        "value": 77,
        "unit": "/min",
        "effective_at": "2026-03-29T08:05:00+01:00",
    },
}


class ReadingIn(In):
    """What a device or a person claims: one vital sign of one instant.

    `client_id` is the sender's own name for it: a repeat under it is stored once, as is the same value of the same
    sign, instant and source under another. A number needs its `unit` (UCUM, case sensitive). Blood pressure has
    `systolic` and `diastolic`, consciousness has `code`, all else has `value`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": _EXAMPLES})

    client_id: Token
    sign: EnteredSign
    effective_at: StrictInstant
    unit: AnyUnit | None = None
    value: Number | None = None
    systolic: Number | None = None
    diastolic: Number | None = None
    code: Answer | None = None
    comparator: Comparator | None = None
    source: Token = MANUAL_SOURCE
    confirmed: bool = False

    def to_reading(self) -> Reading:
        """Return the claim in the domain's words."""
        return Reading(
            self.client_id,
            self.sign,
            self.effective_at,
            self.unit,
            self.value,
            self.systolic,
            self.diastolic,
            self.code,
            self.comparator,
            self.source,
            self.confirmed,
        )


class _JudgedOneByOne:
    """Marks a list's items: described to clients as readings, but each validated on its own, for its own verdict.

    Bodies reach the schemas as Python values, never as JSON text (`api/strict_routing.py`), so the first of the two
    only ever describes.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(handler.generate_schema(ReadingIn), core_schema.any_schema())


_ITEM = Annotated[Any, _JudgedOneByOne()]


class ReadingsIn(In):
    """1 to 1,000 readings, and what the phone's clock says now, if it can tell. `api/readings.py` reads the items."""

    readings: Annotated[list[_ITEM], Field(min_length=1, max_length=MOST_READINGS)]
    sent_at: StrictInstant | None = None


def field_of(index: int, refusal: Refusal) -> str:
    """Return where in the request that is which a reading at this place of it is refused for."""
    return f"/readings/{index}/{refusal.field}".rstrip("/")


class VerdictOut(Out):
    """What became of one reading. `can_retry`: the same measurement can be accepted once a person confirms it."""

    index: int
    client_id: str | None
    verdict: Outcome
    observation_id: UUID | None
    code: RefusalCode | None
    field: str | None
    detail: str | None
    can_retry: bool | None
    hint: str | None

    @classmethod
    def of(cls, index: int, verdict: Verdict) -> Self:
        """Return the verdict on the reading at this place of the request."""
        refusal = verdict.refusal
        return cls(
            index=index,
            client_id=verdict.client_id,
            verdict=verdict.outcome,
            observation_id=verdict.observation_id,
            code=refusal and refusal.code,
            field=refusal and field_of(index, refusal),
            detail=refusal and refusal.detail,
            can_retry=refusal and refusal.can_retry,
            hint=refusal and refusal.hint,
        )


class VerdictsOut(Out):
    """A verdict for each reading, in the order they were sent, and how many of each there are."""

    verdicts: list[VerdictOut]
    stored: int
    duplicate: int
    refused: int
    received_at: datetime

    @classmethod
    def of(cls, verdicts: Sequence[Verdict], received_at: datetime) -> Self:
        """Return the verdicts as the sender gets them."""
        outcomes = [verdict.outcome for verdict in verdicts]
        return cls(
            verdicts=[VerdictOut.of(index, verdict) for index, verdict in enumerate(verdicts)],
            stored=outcomes.count(Outcome.stored),
            duplicate=outcomes.count(Outcome.duplicate),
            refused=outcomes.count(Outcome.refused),
            received_at=received_at,
        )


class OriginalOut(Out):
    """The value and unit as they were sent."""

    value: Number
    unit: str


class ObservationOut(Out):
    """One vital sign as recorded: in the canonical unit, with what was sent beside it (a pair has one unit only).

    `effective_at` has the offset it was sent with. `reason` is why it was retracted or, of a correction, why it was
    made. Of a version that stands no more, `amended_by` is the account that retracted it or recorded what supersedes
    it, `amended_at` is when, and `amendment_reason` is why. Only staff amend what somebody else recorded.
    """

    id: UUID
    patient_id: UUID
    sign: AnySign
    loinc: str | None
    value: Number | None
    systolic: Number | None
    diastolic: Number | None
    code: Answer | None
    comparator: Comparator | None
    unit: str | None
    original: OriginalOut | None
    effective_at: datetime
    received_at: datetime
    recorded_by: UUID
    recorded_as: str
    source: str
    client_id: str
    status: Status
    supersedes: UUID | None
    superseded_by: UUID | None
    reason: str | None
    amended_by: UUID | None
    amended_at: datetime | None
    amendment_reason: str | None
    confirmed: bool
    clock_skew_seconds: int | None

    @classmethod
    def of(cls, found: Observation) -> Self:
        """Return the observation as clients see it."""
        original = None
        if found.original_value is not None and found.original_unit is not None:
            original = OriginalOut(value=found.original_value, unit=found.original_unit)
        return cls(
            id=found.id,
            patient_id=found.patient_id,
            sign=found.sign,
            loinc=found.loinc,
            value=found.value,
            systolic=found.systolic,
            diastolic=found.diastolic,
            code=found.code,
            comparator=found.comparator,
            unit=found.unit,
            original=original,
            effective_at=found.effective_at,
            received_at=found.received_at,
            recorded_by=found.recorded_by,
            recorded_as=found.recorded_as,
            source=found.source,
            client_id=found.client_id,
            status=found.status,
            supersedes=found.supersedes_id,
            superseded_by=found.superseded_by_id,
            reason=found.reason,
            amended_by=found.amended_by,
            amended_at=found.amended_at,
            amendment_reason=found.amendment_reason,
            confirmed=found.confirmed,
            clock_skew_seconds=found.clock_skew_seconds,
        )


class RecorderOut(Out):
    """Who recorded something for a person whom they act for, by name."""

    account_id: UUID
    name: str


class ObservationPage(Out):
    """A page of observations, newest first.

    `recorders` names whoever of `recorded_by` acted for the person, to who may know who acts for them: the person, who
    decides for them by law, their clinicians. Nobody else is named, and nobody to anybody else.
    """

    items: list[ObservationOut]
    recorders: list[RecorderOut]
    next_cursor: str | None

    @classmethod
    def of(cls, items: Iterable[Observation], names: Mapping[UUID, str], next_cursor: str | None) -> Self:
        """Return a page, with who is named on it."""
        return cls(
            items=[ObservationOut.of(each) for each in items],
            recorders=[RecorderOut(account_id=account_id, name=name) for account_id, name in names.items()],
            next_cursor=next_cursor,
        )


class LatestOut(Out):
    """The newest observation of one sign, its age, and whether it is too old to stand for the present."""

    sign: AnySign
    observation: ObservationOut
    age_seconds: int
    stale: bool

    @classmethod
    def of(cls, latest: Latest) -> Self:
        """Return the latest of a sign as clients see it."""
        return cls(
            sign=latest.observation.sign,
            observation=ObservationOut.of(latest.observation),
            age_seconds=latest.age_seconds,
            stale=latest.stale,
        )


class LatestsOut(Out):
    """The latest of each sign, in the catalogue's order; a sign never taken is absent."""

    items: list[LatestOut]

    @classmethod
    def of(cls, latest: Iterable[Latest]) -> Self:
        """Return the latest of each sign as clients see it."""
        return cls(items=[LatestOut.of(each) for each in latest])


class PointOut(Out):
    """One bucket of a series that holds something; `at` is its beginning."""

    at: datetime
    n: int
    min: Number
    max: Number
    mean: Number


class SeriesOut(Out):
    """A down-sampled series, oldest bucket first; empty buckets are absent. A pair has `parts`, all else `points`."""

    sign: AnySign
    unit: str
    from_at: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime
    bucket_seconds: int
    points: list[PointOut] | None
    parts: dict[str, list[PointOut]] | None


class CorrectionIn(In):
    """What should have been recorded, whole, and why it was not."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CORRECTION]})

    reason: Line
    reading: ReadingIn


class RetractionIn(In):
    """Why what was recorded was entered in error."""

    reason: Line
