"""Questionnaires and answers to them as clients see them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.strict import In, Line, Number, Out, Prose, StatedInstant, Token
from domain.access.ground import Basis
from domain.questionnaires.answers import Answer
from domain.questionnaires.catalogue import INSTRUMENTS, Instrument
from domain.questionnaires.questionnaire import Value
from domain.questionnaires.response import NewResponse, Response, ResponseStatus, TimeStands
from domain.questionnaires.safety import CRISIS
from domain.questionnaires.scoring import greatest_total, score_of

_EXAMPLE: JsonDict = {
    "client_id": "phone-2026-11-23-2",
    "questionnaire": "gad-7",
    "version": "1",
    "authored_at": "2026-11-23T08:15:00Z",
    "answers": [{"link_id": f"q{number}", "value": number % 3} for number in range(1, 8)],
}
MOST_ANSWERS = 100

QuestionnaireKey = Annotated[Token, Field(json_schema_extra={"enum": list(INSTRUMENTS)})]
AnyAnswer = Annotated[bool | int | Number | Prose, Field(union_mode="left_to_right")]


class AnswerIn(In):
    """The answer to one question: of a choice its option's code or score, or a number, text, date, true or false."""

    link_id: Token
    value: AnyAnswer

    def to_answer(self) -> Answer:
        """Return the answer as the domain takes it."""
        return Answer(self.link_id, self.value)


class QuestionnaireResponseIn(In):
    """Answers to a questionnaire, in the version that was shown. What is left out is left out: there is no total then.

    With a `client_id`, the sender's own name for it, it may safely be sent again. Answers that cannot wait are refused
    neither for their time nor for their version.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    questionnaire: QuestionnaireKey
    version: Token
    authored_at: StatedInstant
    answers: Annotated[list[AnswerIn], Field(max_length=MOST_ANSWERS)]
    client_id: Token | None = None

    def to_new_response(self, sent_at: datetime | None = None) -> NewResponse:
        """Return the response as the domain takes it, and what the sender's clock showed when it was sent, if known."""
        answers = tuple(each.to_answer() for each in self.answers)
        return NewResponse(self.questionnaire, self.version, self.authored_at, answers, self.client_id, sent_at)


class ResponseRetractionIn(In):
    """Why answers were entered in error."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Answered for another resident"}]})

    reason: Line


class QuestionnaireOut(Out):
    """An instrument that can be answered. `anonymous`: given to an organisation, never in a record."""

    key: str
    version: str
    title: str
    copyright: str
    questions: int
    scored: bool
    greatest_total: int | None
    loinc_of_total: str | None
    anonymous: bool

    @classmethod
    def of(cls, instrument: Instrument) -> Self:
        """Return the instrument as clients see it."""
        asked, scoring = instrument.questionnaire, instrument.scoring
        return cls(
            key=asked.key,
            version=asked.version,
            title=asked.title,
            copyright=asked.copyright,
            questions=len(asked.questions),
            scored=scoring is not None,
            greatest_total=greatest_total(asked),
            loinc_of_total=None if scoring is None else scoring.loinc,
            anonymous=instrument.anonymous,
        )


class QuestionnairesOut(Out):
    """Every instrument that is asked here."""

    items: list[QuestionnaireOut]


class GivenAnswerOut(Out):
    """An answer, and both question and answer in words. `score` is null where nothing is scored."""

    link_id: str
    question: str
    value: bool | Number | str
    label: str
    score: int | None


class ContactOut(Out):
    """Whom to call, by which number, and when."""

    name: str
    number: str
    when: str


class SafetyOut(Out):
    """What to show at once: an answer said that the person has thought of dying or of hurting themself.

    `watched_now`: whether somebody is known to be looking now.
    """

    title: str
    text: str
    watched_now: bool
    watched: str
    contacts: list[ContactOut]


class TimeInsteadOut(Out):
    """`stated`: the time that was stated, as it was written, and could not have been. `stands`: what `authored_at` is.

    corrected: as the sender's clock, wrong as it was, tells how long ago it was. received: when it reached us.
    """

    stated: str
    stands: TimeStands


class UnreadAnswerOut(Out):
    """An answer as it was sent, which the version in use does not know."""

    link_id: str
    value: bool | int | str


class QuestionnaireResponseOut(Out):
    """Answers with what they add up to. `missing`: what was not answered; without a scored answer there is no total.

    `change`: by how much the total is above the one before. `safety`: to be shown at once. `amended_…`: by whom and
    why, if entered in error.

    Answers that cannot wait are kept though something of them is not as it must be: `time_instead`, where the stated
    time could not have been; a `version` that is not `read_in_version`, by whose words all is told; `not_read`, what
    that version does not know. There is no total then but for the first.
    """

    id: UUID
    patient_id: UUID
    client_id: str | None
    questionnaire: str
    version: str
    read_in_version: str
    status: ResponseStatus
    authored_at: datetime
    time_instead: TimeInsteadOut | None
    answers: list[GivenAnswerOut]
    not_read: list[UnreadAnswerOut]
    missing: list[str]
    total: int | None
    greatest_total: int | None
    band: str | None
    previous_total: int | None
    change: int | None
    safety: SafetyOut | None
    recorded_by: UUID
    recorded_as: Basis
    recorded_at: datetime
    amended_at: datetime | None
    amended_by: UUID | None
    amendment_reason: str | None

    @classmethod
    def of(cls, found: Response) -> Self:
        """Return the response as clients see it."""
        withdrawn, instead = found.withdrawn, found.time_instead
        return cls(
            id=found.id,
            patient_id=found.patient_id,
            client_id=found.client_id,
            questionnaire=found.instrument.key,
            version=found.version,
            read_in_version=found.instrument.questionnaire.version,
            status=found.status,
            authored_at=found.authored_at,
            time_instead=None if instead is None else TimeInsteadOut.model_validate(instead, from_attributes=True),
            answers=_answers(found),
            not_read=[UnreadAnswerOut.model_validate(each, from_attributes=True) for each in found.not_read],
            missing=list(found.missing),
            total=found.total,
            greatest_total=greatest_total(found.instrument.questionnaire),
            band=found.band,
            previous_total=found.previous_total,
            change=found.change,
            safety=SafetyOut.model_validate(CRISIS, from_attributes=True) if found.cannot_wait else None,
            recorded_by=found.recorded_by,
            recorded_as=found.recorded_as,
            recorded_at=found.recorded_at,
            amended_at=None if withdrawn is None else withdrawn.at,
            amended_by=None if withdrawn is None else withdrawn.by,
            amendment_reason=None if withdrawn is None else withdrawn.reason,
        )


class QuestionnaireResponsePage(Out):
    """A page of responses, the latest first."""

    items: list[QuestionnaireResponseOut]
    next_cursor: str | None


def _answers(found: Response) -> list[GivenAnswerOut]:
    told = []
    for item in found.instrument.questionnaire.questions:
        if item.link_id in found.answers:
            value = found.answers[item.link_id]
            option = item.option(value)
            told.append(
                GivenAnswerOut(
                    link_id=item.link_id,
                    question=item.text,
                    value=value.isoformat() if isinstance(value, date) else value,
                    label=_said(value) if option is None else option.display,
                    score=score_of(item, value),
                )
            )
    return told


def _said(value: Value) -> str:
    return ("Yes" if value else "No") if isinstance(value, bool) else str(value)
