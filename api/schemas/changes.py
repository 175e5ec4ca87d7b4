"""What changed in one's own record, as a phone that keeps a copy of it is told."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from api.schemas.action_plans import ActionPlanOut
from api.schemas.care_plans import CarePlanOut
from api.schemas.completions import CompletionOut
from api.schemas.diary import DiaryEntryOut
from api.schemas.goals import GoalOut
from api.schemas.observations import ObservationOut
from api.schemas.patients import PatientOut
from api.schemas.pauses import PauseOut
from api.schemas.personal_bests import StatedBestOut
from api.schemas.questionnaires import QuestionnaireResponseOut
from api.schemas.strict import Out
from api.schemas.today import AlertTodayOut
from domain.changes.things import Thing
from domain.people.local_days import ZoneFrom


class GoneOut(Out):
    """Something that no longer counts: put right by another, entered in error, or resolved (an alert). Take it out."""

    thing: Thing
    id: UUID


class ZoneFromOut(Out):
    """A time zone by its IANA name, and the first day that is reckoned in it."""

    time_zone: str
    from_on: date

    @classmethod
    def of(cls, choice: ZoneFrom) -> Self:
        """Return the choice as clients see it."""
        return cls(time_zone=choice.name, from_on=choice.from_on)


class ChangesOut(Out):
    """What changed, each thing once, as it is now.

    `reset`: throw the copy away first; what follows is the whole of it, over as many answers as it takes. Ask again
    with `since` at once while `more`, and later for what is new by then. `number` is the event log's, as on the live
    socket, up to which all is told once there is no more; `as_of` is when the log was last known to be complete.
    `behind`: something that is recorded has no number yet, though it was waited for: the copy lacks it. Ask again in a
    few seconds, and go on showing what was sent as being sent.
    `alerts` are those about oneself that are open: one that is resolved is `gone`. `personal_bests` were stated and not
    taken back: the last of them holds.
    `patient` is null when nothing of it changed; `time_zone` is the one in which their days are reckoned today.
    `time_zones` are the choices of the last 400 days, in the order in which they were made: a day is reckoned in the
    last of them that holds from it or from a day before, and in Europe/London where there is none. An instant belongs
    to the last day that has begun by then. So around a change a day is longer or shorter, and none comes twice.
    A goal is told again when what its progress is worked out from has changed, and when that is 12 hours old; a
    response when the one that its total is compared with has changed.
    """

    reset: bool
    since: str
    more: bool
    behind: bool
    epoch: UUID
    number: int
    as_of: datetime
    time_zone: str
    time_zones: list[ZoneFromOut]
    patient: PatientOut | None
    observations: list[ObservationOut]
    goals: list[GoalOut]
    action_plans: list[ActionPlanOut]
    care_plans: list[CarePlanOut]
    pauses: list[PauseOut]
    completions: list[CompletionOut]
    diary: list[DiaryEntryOut]
    questionnaire_responses: list[QuestionnaireResponseOut]
    alerts: list[AlertTodayOut]
    personal_bests: list[StatedBestOut]
    gone: list[GoneOut]
