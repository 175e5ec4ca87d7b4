"""Anonymous feedback as clients see it."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from api.schemas.outcomes import CountOut
from api.schemas.strict import Choice, In, Number, Out, Prose
from domain.feedback.friends_and_family import Experience
from domain.feedback.queries import MonthOfFeedback


class FeedbackIn(In):
    """An answer to the Friends and Family Test, and perhaps why. Nothing else is taken: it must not tell who."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"experience": "very_good", "comment": "Always called back the same day."}]}
    )

    experience: Choice[Experience]
    comment: Annotated[Prose, Field(max_length=1000)] | None = None


class ExperienceCountOut(Out):
    """How many gave an answer, as it may be shown."""

    experience: Experience
    count: CountOut


class FeedbackMonthOut(Out):
    """A month that is over. Small numbers are withheld and others rounded; percentages are of what is shown.

    `comments`: null to who is not of the organisation; none where the month has too few answers.
    """

    month: date
    total: CountOut
    counts: list[ExperienceCountOut]
    percent_positive: Number | None
    percent_negative: Number | None
    comments: list[str] | None

    @classmethod
    def of(cls, found: MonthOfFeedback) -> Self:
        """Return the month as clients see it."""
        shown = found.shown
        return cls(
            month=shown.month,
            total=CountOut.of(shown.total),
            counts=[
                ExperienceCountOut(experience=each, count=CountOut.of(count)) for each, count in shown.counts.items()
            ],
            percent_positive=shown.percent_positive,
            percent_negative=shown.percent_negative,
            comments=None if found.comments is None else list(found.comments),
        )


class FeedbackMonthsOut(Out):
    """The months that are over, the latest first, by the named policy of disclosure control."""

    policy: str
    items: list[FeedbackMonthOut]
