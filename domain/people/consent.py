"""What a person decides about the use of their record, purpose by purpose. Pure. The words are FHIR R4's (Consent)."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from domain.access.ground import Basis


class Purpose(StrEnum):
    """What a decision is about.

    care_sharing: beyond the practice, with care teams and care homes. delegate: that people the person chose act for
    them. research: any use beyond the person's own care. national_data_opt_out: what they told the national service.
    """

    care_sharing = "care_sharing"
    delegate = "delegate"
    research = "research"
    national_data_opt_out = "national_data_opt_out"


class Provision(StrEnum):
    """Whether a decision permits or denies. Without a decision care is shared, as the law presumes for direct care."""

    permit = "permit"
    deny = "deny"


class Authority(StrEnum):
    """In whose right a decision was made."""

    person = "person"
    delegate_by_law = "delegate_by_law"
    practice_on_behalf = "practice_on_behalf"


class Weight(IntEnum):
    """Whose a refusal is, the person's own the weightiest: it is taken back, or replaced, by nobody whose weighs less.

    restriction: asked for in writing and granted, to be lifted only once the person was told (UK GDPR article 18(3)).
    """

    recorded_for_them = 1
    in_their_place_by_law = 2
    their_own = 3
    restriction = 4


WEIGHTS = {
    Basis.practice: Weight.recorded_for_them,
    Basis.delegate: Weight.in_their_place_by_law,
    Basis.self_: Weight.their_own,
}


# A refusal of either takes the person out of every count for commissioners.
SECONDARY_USE = frozenset({Purpose.research, Purpose.national_data_opt_out})
