"""Templates of plans as clients see them: in the shape in which a plan is published, so that one copies and edits."""

from datetime import date
from typing import Self

from api.schemas.asked import AskedForOut
from api.schemas.strict import Out
from api.schemas.zones import ZoneOut
from domain.diary.symptom import Condition
from domain.plans.templates import Template, TemplateAction


class TemplateScheduleOut(Out):
    """On which days, and at which times of day as HH:MM; from the day on which a plan is agreed."""

    rrule: str
    times: list[str]


class TemplateActionOut(Out):
    """One step that a template suggests."""

    title: str
    instructions: str | None
    schedule: TemplateScheduleOut
    asks_for: AskedForOut | None

    @classmethod
    def of(cls, action: TemplateAction) -> Self:
        """Return the step as clients see it."""
        schedule = TemplateScheduleOut(rrule=action.rrule, times=[at.isoformat("minutes") for at in action.times])
        asks_for = AskedForOut.of_action(action.asks_for)
        return cls(title=action.title, instructions=action.instructions, schedule=schedule, asks_for=asks_for)


class TemplateSourceOut(Out):
    """A source of a template: whose guidance, and what it says."""

    key: str
    words: str


class CitationOut(Out):
    """From which source a criterion is; `pointer` is its place in the template."""

    pointer: str
    source: str


class PlanTemplateOut(Out):
    """A plan for a condition to begin from. `title`, `actions` and `zones` are as a plan is published with them.

    `review_on`: by then it is read anew against its sources. `approved_by` is null until a clinician answers for it.
    """

    key: str
    version: int
    condition: Condition
    title: str
    written_on: date
    review_on: date
    approved_by: str | None
    actions: list[TemplateActionOut]
    zones: list[ZoneOut]
    sources: list[TemplateSourceOut]
    citations: list[CitationOut]

    @classmethod
    def of(cls, found: Template) -> Self:
        """Return the template as clients see it."""
        return cls(
            key=found.key,
            version=found.version,
            condition=found.condition,
            title=found.title,
            written_on=found.written_on,
            review_on=found.review_on,
            approved_by=found.approved_by,
            actions=[TemplateActionOut.of(each) for each in found.actions],
            zones=[ZoneOut.of(each) for each in found.zones],
            sources=[TemplateSourceOut(key=key, words=words) for key, words in found.sources.items()],
            citations=[CitationOut(pointer=each.pointer, source=each.source) for each in found.citations],
        )


class PlanTemplatesOut(Out):
    """Every template, in the version in use, by key."""

    items: list[PlanTemplateOut]
