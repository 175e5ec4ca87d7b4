"""A pathway's outcomes as its commissioner sees them, in JSON and in CSV.

Made from `Released` alone: nothing that disclosure control has withheld can reach these shapes.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, WithJsonSchema

from api.schemas.strict import Out, refused
from domain.outcomes.cautions import Caution, words_of
from domain.outcomes.claims import DESIGNS, Claim
from domain.outcomes.contact_import import FORMULA_STARTS
from domain.outcomes.definitions import BASELINES_DAYS, DENOMINATOR, MEASURES, ContactKind, MeasureKey
from domain.outcomes.disclosure import Released, ReleasedWindow
from domain.outcomes.policy import HES_2018, Figure, Release
from domain.outcomes.rates import PERSON_DAYS
from domain.outcomes.release_commands import OutcomeReport

Format = Literal["json", "csv"]


def _baseline(value: object) -> object:
    """Return the number that one of a few texts names; int() would take ' 90 ' and '9_0'."""
    if isinstance(value, str):
        known = {str(days): days for days in BASELINES_DAYS}
        if value not in known:
            raise refused("not_a_choice", f"This must be one of {', '.join(known)}.")
        return known[value]
    return value


BaselineDays = Annotated[
    int, BeforeValidator(_baseline), WithJsonSchema({"type": "integer", "enum": list(BASELINES_DAYS)})
]


class CountOut(Out):
    """A count as it may be shown. `value` is null unless `status` is released; `reason` then says why."""

    value: int | None
    status: Release
    reason: str | None

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """Return the count."""
        value = None if figure.value is None else int(figure.value)
        return cls(value=value, status=figure.status, reason=figure.reason)


class EstimateOut(Out):
    """An estimate with its 95 % interval. A lone null limit is unbounded; all null says why in `reason`."""

    value: float | None
    low: float | None
    high: float | None
    status: Release
    reason: str | None
    method: str | None

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """Return the estimate."""
        return cls(
            value=figure.value,
            low=figure.low,
            high=figure.high,
            status=figure.status,
            reason=figure.reason,
            method=figure.method,
        )


class WindowOut(Out):
    """One side of the comparison."""

    events: CountOut
    person_days: CountOut
    rate: EstimateOut

    @classmethod
    def of(cls, window: ReleasedWindow) -> Self:
        """Return the window."""
        return cls(
            events=CountOut.of(window.events),
            person_days=CountOut.of(window.person_days),
            rate=EstimateOut.of(window.rate),
        )


class MeasureOut(Out):
    """The written definition by which contacts were counted."""

    key: MeasureKey
    version: int
    name: str
    text: str
    kinds: list[ContactKind]
    attribution: str
    trap: str

    @classmethod
    def of(cls, key: MeasureKey) -> Self:
        """Return the definition."""
        found = MEASURES[key]
        return cls(
            key=found.key,
            version=found.version,
            name=found.name,
            text=found.text,
            kinds=list(found.kinds),
            attribution=found.attribution,
            trap=found.trap,
        )


class ClaimOut(Out):
    """What may be said, and on which rung of the ladder (L0 counts only … L5 randomised) it stands."""

    level: str
    design: str
    sentence: str
    implausible_effect: bool

    @classmethod
    def of(cls, claim: Claim) -> Self:
        """Return the claim."""
        return cls(
            level=claim.name,
            design=DESIGNS[claim.level],
            sentence=claim.sentence,
            implausible_effect=claim.implausible_effect,
        )


class CautionOut(Out):
    """What must be read beside the figures."""

    code: Caution
    text: str


class MeasureOutcomeOut(Out):
    """One measure's outcome: before and since, and the two compared."""

    measure: MeasureOut
    people: CountOut
    before: WindowOut
    since: WindowOut
    rate_ratio: EstimateOut
    percent_change: EstimateOut
    p_value: EstimateOut
    claim: ClaimOut
    cautions: list[CautionOut]

    @classmethod
    def of(cls, found: Released, *, held_until: date) -> Self:
        """Return the outcome, with until when it is held if it is."""
        return cls(
            measure=MeasureOut.of(found.measure),
            people=CountOut.of(found.people),
            before=WindowOut.of(found.before),
            since=WindowOut.of(found.since),
            rate_ratio=EstimateOut.of(found.ratio),
            percent_change=EstimateOut.of(found.percent_change),
            p_value=EstimateOut.of(found.p),
            claim=ClaimOut.of(found.claim),
            cautions=[
                CautionOut(code=caution, text=words_of(caution, since=found.shown_on, until=held_until))
                for caution in found.cautions
            ],
        )


class PolicyOut(Out):
    """The disclosure control that was applied."""

    name: str
    text: str


class ReportedPathwayOut(Out):
    """Which pathway the outcomes are of."""

    id: UUID
    code: str
    name: str


class OutcomeSummaryOut(Out):
    """A pathway's outcomes: the same people before they joined and since, up to the last complete month.

    Rates are events per `rate_per` person-days.
    """

    pathway: ReportedPathwayOut
    data_until: date
    baseline_days: int
    window_before: str
    window_since: str
    denominator: str
    rate_per: int
    policy: PolicyOut
    results: list[MeasureOutcomeOut]

    @classmethod
    def of(cls, report: OutcomeReport) -> Self:
        """Return the report."""
        pathway = report.pathway
        last = report.cut_off - timedelta(days=1)
        return cls(
            pathway=ReportedPathwayOut(id=pathway.id, code=pathway.code, name=pathway.name),
            data_until=last,
            baseline_days=report.baseline_days,
            window_before=f"The {report.baseline_days} days before each joined, as far as their history is known.",
            window_since=f"From the day each person joined until they left, or to the end of {last}.",
            denominator=DENOMINATOR,
            rate_per=PERSON_DAYS,
            policy=PolicyOut(name=HES_2018.name, text=HES_2018.text),
            results=[MeasureOutcomeOut.of(result, held_until=report.next_cut_off) for result in report.results],
        )

    def as_csv(self) -> str:
        """Return the same figures as CSV: a row a measure; beside an empty cell stand its status and its reason."""
        rows = [dict(self._cells(result)) for result in self.results]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def _cells(self, result: MeasureOutcomeOut) -> Iterator[tuple[str, object]]:
        yield "pathway", _safe(self.pathway.name)
        yield "measure", _safe(result.measure.name)
        yield "measure_version", result.measure.version
        yield "kinds", " ".join(result.measure.kinds)
        yield "trap", _safe(result.measure.trap)
        yield "data_until", self.data_until
        yield "baseline_days", self.baseline_days
        yield from _count("people", result.people)
        for side, window in (("before", result.before), ("since", result.since)):
            yield from _count(f"events_{side}", window.events)
            yield from _count(f"person_days_{side}", window.person_days)
            yield from _estimate(f"rate_per_{self.rate_per}_person_days_{side}", window.rate)
        yield from _estimate("rate_ratio", result.rate_ratio)
        yield from _estimate("percent_change", result.percent_change)
        yield from _count("p_value", result.p_value)
        yield "claim_level", result.claim.level
        yield "claim", _safe(result.claim.sentence)
        yield "cautions", " ".join(caution.code for caution in result.cautions)
        yield "disclosure_policy", self.policy.name


def _count(name: str, count: CountOut | EstimateOut) -> Iterator[tuple[str, object]]:
    yield name, count.value
    yield f"{name}_status", count.status
    yield f"{name}_reason", count.reason


def _estimate(name: str, estimate: EstimateOut) -> Iterator[tuple[str, object]]:
    yield name, estimate.value
    yield f"{name}_low", estimate.low
    yield f"{name}_high", estimate.high
    yield f"{name}_status", estimate.status
    yield f"{name}_reason", estimate.reason


def _safe(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text
