"""How far a goal has come, as clients see it: the figure, of how many it is said, and the evidence."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from api.schemas.strict import Number, Out
from domain.observations.sufficiency import Sufficiency
from domain.plans.goal_lifecycle import Achievement
from domain.plans.progress import Progress
from domain.plans.tally import Tally


class MeasuredOut(Out):
    """The newest reading since the goal's start; `bound` if the meter showed only a limit."""

    observation_id: UUID
    effective_at: datetime
    value: Number
    bound: str | None
    age_seconds: int
    stale: bool


class AverageOut(Out):
    """The mean of some readings, how many and from when to when; at most 50 of their ids, the earliest."""

    value: Number
    count: int
    from_at: datetime
    until_at: datetime
    observation_ids: list[UUID]


class PeriodOut(Out):
    """How often it was done and skipped from a day to another, both included."""

    from_on: date
    until_on: date
    done: int
    skipped: int


class TallyOut(Out):
    """What was done towards the goal since it began, when last, and by day or week; the last one is not over yet.

    `completion_ids` are the latest 50. Without `periods` all is counted together.
    """

    done: int
    skipped: int
    latest_at: datetime | None
    completion_ids: list[UUID]
    periods: list[PeriodOut]

    @classmethod
    def of(cls, found: Tally) -> Self:
        """Return the tally as clients see it."""
        periods = [PeriodOut.model_validate(each, from_attributes=True) for each in found.periods]
        return cls(
            done=found.done,
            skipped=found.skipped,
            latest_at=found.latest_at,
            completion_ids=list(found.ids),
            periods=periods,
        )


class ProgressOut(Out):
    """How far the goal has come by `as_of`, from the readings, or what was done, since its start.

    `data` says whether they can carry a judgement: without "enough" there is no percentage, share or suggestion.
    `baseline` is the first week's average or the first reading, `recent` that of the last seven days with readings.
    `tally` is there for a target that is counted: then `judged` and `within` are of whole days or weeks.
    """

    as_of: datetime
    data: Sufficiency
    count: int
    complete: bool
    latest: MeasuredOut | None
    baseline: AverageOut | None
    recent: AverageOut | None
    judged: int
    within: int
    share_within: float | None
    percent: int | None
    suggestion: Achievement | None
    tally: TallyOut | None

    @classmethod
    def of(cls, found: Progress) -> Self:
        """Return the progress as clients see it."""
        average = AverageOut.model_validate
        return cls(
            as_of=found.as_of,
            data=found.data,
            count=found.count,
            complete=found.complete,
            latest=latest_measured(found),
            baseline=None if found.baseline is None else average(found.baseline, from_attributes=True),
            recent=None if found.recent is None else average(found.recent, from_attributes=True),
            judged=found.judged,
            within=found.within,
            share_within=found.share_within,
            percent=found.percent,
            suggestion=found.suggestion,
            tally=None if found.tally is None else TallyOut.of(found.tally),
        )


def latest_measured(found: Progress) -> MeasuredOut | None:
    """Return the newest reading of a goal's span with its age as clients see it; None without any."""
    latest, age, stale = found.latest, found.latest_age_seconds, found.latest_stale
    if latest is None or age is None or stale is None:
        return None
    return MeasuredOut(
        observation_id=latest.observation_id,
        effective_at=latest.at,
        value=latest.value,
        bound=latest.bound,
        age_seconds=age,
        stale=stale,
    )
