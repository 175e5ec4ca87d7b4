"""How a version of a care and support plan comes into force, and who must have agreed. Pure.

Draft, then published, then superseded by the next; or withdrawn, or overtaken by another that was published before it.
Nothing in a version ever changes: a draft that is to be worded otherwise is another draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.access.ground import Basis
from domain.care_plans.section import ORDER, CareSection, WordsOf


class CarePlanStatus(StrEnum):
    """Where a version stands. Of a person's versions at most one is `published`: the one in force."""

    draft = "draft"
    published = "published"
    superseded = "superseded"
    withdrawn = "withdrawn"
    overtaken = "overtaken"


class Decided(StrEnum):
    """What became of a draft, once and for good."""

    published = "published"
    withdrawn = "withdrawn"


class Agreement(StrEnum):
    """How a version was agreed: by the person themself, by who decides for them in law, or as a clinician says.

    Best interests: of a person who cannot decide about it (Mental Capacity Act 2005, section 4), with the reason.
    """

    by_person = "by_person"
    by_delegate = "by_delegate"
    with_person = "with_person"
    best_interests = "best_interests"


@dataclass(frozen=True, slots=True)
class Written:
    """One section as it stands: its text, whose words they are, who wrote them down, by which tie, and when."""

    section: CareSection
    text: str
    words_of: WordsOf
    written_by: UUID
    written_as: Basis
    written_at: datetime

    @property
    def says(self) -> tuple[CareSection, str, WordsOf]:
        """Return what it says, whoever wrote it and when."""
        return self.section, self.text, self.words_of


_CLINICIANS = frozenset({Basis.care_team, Basis.practice})
_PERSON = frozenset({Basis.self_})
# Who must have a hand in changing what somebody wrote: whoever it was, or who speaks for them. The person's own words
# are theirs to change, whoever wrote them down: what somebody said to a nurse they may say otherwise.
_ANSWER_FOR: Mapping[Basis, frozenset[Basis]] = MappingProxyType(
    {
        Basis.self_: _PERSON,
        Basis.delegate: _PERSON | {Basis.delegate},
        Basis.care_home: _CLINICIANS | {Basis.care_home},
        Basis.care_team: _CLINICIANS,
        Basis.practice: _CLINICIANS,
    }
)


def status(
    decided: Decided | None, *, plan_id: UUID, supersedes_id: UUID | None, in_force_id: UUID | None
) -> CarePlanStatus:
    """Return where a version stands; `in_force_id` is the person's latest published version."""
    if decided is Decided.withdrawn:
        return CarePlanStatus.withdrawn
    if decided is Decided.published:
        return CarePlanStatus.published if plan_id == in_force_id else CarePlanStatus.superseded
    return CarePlanStatus.draft if supersedes_id == in_force_id else CarePlanStatus.overtaken


def changed(before: Iterable[Written], after: Iterable[Written]) -> dict[CareSection, Written | None]:
    """Return the sections that read otherwise or are new or gone, in order, with what stood there before."""
    old, new = {each.section: each for each in before}, {each.section: each for each in after}
    return {
        each: old.get(each)
        for each in ORDER
        if (old[each].says if each in old else None) != (new[each].says if each in new else None)
    }


def not_agreed(
    sections: Mapping[CareSection, Written | None], *, drafted_as: Basis, published_as: Basis, agreement: Agreement
) -> list[CareSection]:
    """Return the changed sections that whoever wrote what stood there has not agreed to.

    Nobody rewrites by themself what the other side wrote: what the person wrote wants the person, what a clinician
    wrote wants a clinician, each by drafting it or by publishing it; the person's own words that another wrote down
    want either. Who decides for a person in law publishes in their
    place, and what is in somebody's best interests stands for their agreement; a delegate's draft does neither.
    """
    had_a_hand = {drafted_as, published_as}
    if agreement in (Agreement.by_delegate, Agreement.best_interests):
        had_a_hand |= {Basis.self_, Basis.delegate}
    return [section for section, stood in sections.items() if stood is not None and not had_a_hand & _answer_for(stood)]


def _answer_for(stood: Written) -> frozenset[Basis]:
    wrote = _ANSWER_FOR[stood.written_as]
    return wrote | _PERSON if stood.words_of is WordsOf.person else wrote
