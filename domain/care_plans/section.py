"""The sections of a personalised care and support plan, and whose words stand in them. Pure data.

Headings and codes: PRSB, Personalised Care and Support Plan V2.0 (information standard DAPB4022) and its About Me
(SNOMED CT, UK edition, 1515851000000101); treatment escalation plan: HL7 FHIR, care-plan-category. A section whose code
no source of ours names has none: a code that is guessed would be read by other systems as known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.access.ground import Basis

# Care plan of the PRSB's standard, as SNOMED CT names it.
PLAN_CODE = "713663002"


class CareSection(StrEnum):
    """A section, in the order in which a plan is read."""

    matters = "matters"
    people = "people"
    communication = "communication"
    wellness = "wellness"
    please_do = "please_do"
    support = "support"
    also = "also"
    strengths = "strengths"
    needs = "needs"
    decisions = "decisions"
    contingency = "contingency"


class WordsOf(StrEnum):
    """Whose words they are, whoever wrote them down."""

    person = "person"
    carer = "carer"
    clinician = "clinician"


@dataclass(frozen=True, slots=True)
class Heading:
    """How a section is headed, and its SNOMED CT code: None where no source of ours names one."""

    label: str
    code: str | None


HEADINGS: Mapping[CareSection, Heading] = MappingProxyType(
    {
        CareSection.matters: Heading("What is most important to me", "1515861000000103"),
        CareSection.people: Heading("People important to me", "1515871000000105"),
        CareSection.communication: Heading("How I communicate and how to communicate with me", "1515881000000107"),
        CareSection.wellness: Heading("My wellness", "1515891000000109"),
        CareSection.please_do: Heading("Please do and please don't", "1515901000000105"),
        CareSection.support: Heading("How and when to support me", "1515911000000107"),
        CareSection.also: Heading("Also worth knowing about me", "1515921000000101"),
        CareSection.strengths: Heading("My strengths", "450739009"),
        CareSection.needs: Heading("My needs, concerns or problems", "404187006"),
        CareSection.decisions: Heading("Decisions, and my wishes about treatment if I get worse", "735324008"),
        CareSection.contingency: Heading("If I become unwell", None),
    }
)
ORDER: tuple[CareSection, ...] = tuple(CareSection)

_STAFF = frozenset({WordsOf.person, WordsOf.carer, WordsOf.clinician})
# Whose words somebody may write down. Nobody speaks as a clinician who is none; of a care home's staff, who see
# somebody every day, it is the carer's word.
MAY_WRITE: Mapping[Basis, frozenset[WordsOf]] = MappingProxyType(
    {
        Basis.self_: frozenset({WordsOf.person}),
        Basis.delegate: frozenset({WordsOf.person, WordsOf.carer}),
        Basis.care_home: frozenset({WordsOf.person, WordsOf.carer}),
        Basis.care_team: _STAFF,
        Basis.practice: _STAFF,
    }
)
