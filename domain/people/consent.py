"""What a person decides about the use of their record, purpose by purpose. Pure. The words are FHIR R4's (Consent)."""

from __future__ import annotations

from enum import StrEnum


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


# A refusal of either takes the person out of every count for commissioners.
SECONDARY_USE = frozenset({Purpose.research, Purpose.national_data_opt_out})
