"""Plans by condition to begin from: written by us from guidance that each names, copied for a person and then theirs.

Read once from the files beside this module. A template is never changed: a better one is a new version, and changes
nothing for whoever has a plan made from an older one. What is copied is edited before it is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import yaml

from domain.diary.symptom import Condition
from domain.errors import Fault, Invalid
from domain.plans.asked import AskedFor, RecordKind
from domain.plans.schedule import Schedule, schedule_of
from domain.plans.target import Comparator
from domain.plans.zone import COLOURS, Colour, Criterion, ReadingBasis, ReadingCriterion, SymptomCriterion, Zone
from domain.plans.zone_rules import AgreedZone

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class TemplateAction:
    """One step that a template suggests: on which days and at which times, as an RRULE from the plan's day on.

    `asks_for`: what it asks to be recorded, if anything.
    """

    title: str
    instructions: str | None
    rrule: str
    times: tuple[time, ...]
    asks_for: AskedFor | None

    def schedule(self, starts_on: date) -> Schedule:
        """Return the schedule from a day on."""
        return schedule_of(self.rrule, starts_on, self.times)


@dataclass(frozen=True, slots=True)
class Citation:
    """From which source a criterion of a template is; the criterion by its place in the zones (a JSON pointer)."""

    pointer: str
    source: str


@dataclass(frozen=True, slots=True)
class Template:
    """A plan for a condition: its version, when it is to be read anew against its sources, and which these are.

    `sources` are by the names that `citations` give them; `approved_by` is None until a clinician answers for it.
    """

    key: str
    version: int
    written_on: date
    review_on: date
    approved_by: str | None
    condition: Condition
    title: str
    sources: Mapping[str, str]
    actions: tuple[TemplateAction, ...]
    zones: tuple[AgreedZone, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """Which version of which template a plan was made from."""

    key: str
    version: int

    def text(self) -> str:
        """Return it as it is kept, and as FHIR writes a canonical with its version."""
        return f"{self.key}|{self.version}"

    @classmethod
    def read(cls, kept: str) -> Self:
        """Return what is kept so."""
        key, _, version = kept.rpartition("|")
        return cls(key, int(version))


def require_known_template(made_from: TemplateVersion | None) -> None:
    """Raise Invalid for a template that there is not, or a version of it that there has not been yet."""
    if made_from is None:
        return
    known = templates().get(made_from.key)
    if known is None or not 1 <= made_from.version <= known.version:
        fault = Fault("/template", "unknown_template", "Name a template of GET /v1/plan-templates, and its version.")
        raise Invalid("The plan cannot be published as written.", [fault])


@cache
def templates() -> Mapping[str, Template]:
    """Return every template by its key."""
    found = [_template(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))]
    return MappingProxyType({each.key: each for each in found})


def _template(kept: Mapping[str, Any]) -> Template:
    zones = [kept["zones"][colour.value] for colour in COLOURS]
    return Template(
        key=kept["key"],
        version=kept["version"],
        written_on=kept["written_on"],
        review_on=kept["review_on"],
        approved_by=kept["approved_by"],
        condition=Condition(kept["condition"]),
        title=kept["title"],
        sources=MappingProxyType(dict(kept["sources"])),
        actions=tuple(_action(each) for each in kept["actions"]),
        zones=tuple(_zone(colour, each) for colour, each in zip(COLOURS, zones, strict=True)),
        citations=tuple(
            Citation(f"/zones/{place}/any_of/{number}/all_of/{each}", criterion["source"])
            for place, zone in enumerate(zones)
            for number, group in enumerate(zone["any"])
            for each, criterion in enumerate(group["all"])
        ),
    )


def _action(kept: Mapping[str, Any]) -> TemplateAction:
    times = tuple(time.fromisoformat(at) for at in kept.get("times", ()))
    asks = kept.get("asks_for")
    asks_for = None if asks is None else AskedFor(RecordKind(asks["kind"]), asks.get("of"))
    return TemplateAction(kept["title"], kept.get("instructions"), kept["rrule"], times, asks_for)


def _zone(colour: Colour, kept: Mapping[str, Any]) -> AgreedZone:
    groups = tuple(tuple(_criterion(each) for each in group["all"]) for group in kept["any"])
    return AgreedZone(Zone(colour, groups), kept["instructions"], None)


def _criterion(kept: Mapping[str, Any]) -> Criterion:
    comparator, days = Comparator(kept["comparator"]), kept.get("days", 1)
    if "symptom" in kept:
        return SymptomCriterion(kept["symptom"], comparator, kept["level"], days)
    return ReadingCriterion(
        sign=kept["sign"],
        part=kept.get("part"),
        basis=ReadingBasis(kept["basis"]),
        comparator=comparator,
        value=Decimal(kept["value"]),
        days=days,
        times=kept.get("times", 1),
    )
