"""What became of each reading of a batch, and the stable codes and words for refusing one.

A refusal never repeats the value it refuses: it is shown to callers, and callers log what they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class RefusalCode(StrEnum):
    """Why a reading was not accepted. Codes are a promise to phone apps: added to, never renamed."""

    invalid = "invalid"
    unknown_field = "unknown_field"
    sign_unknown = "sign_unknown"
    sign_derived = "sign_derived"
    unit_missing = "unit_missing"
    unit_unknown = "unit_unknown"
    unit_unexpected = "unit_unexpected"
    value_missing = "value_missing"
    value_unexpected = "value_unexpected"
    value_not_finite = "value_not_finite"
    too_many_digits = "too_many_digits"
    not_whole = "not_whole"
    comparator_unexpected = "comparator_unexpected"
    code_unknown = "code_unknown"
    code_not_permitted = "code_not_permitted"
    out_of_range = "out_of_range"
    systolic_not_above_diastolic = "systolic_not_above_diastolic"
    needs_confirmation = "needs_confirmation"
    invalid_time = "invalid_time"
    naive_time = "naive_time"
    future_time = "future_time"
    past_time = "past_time"
    before_birth = "before_birth"
    conflict = "conflict"
    withdrawn = "withdrawn"


_DETAILS = {
    RefusalCode.invalid: "This is missing, or not of the kind that is expected here.",
    RefusalCode.unknown_field: "This field is not known.",
    RefusalCode.sign_unknown: "This vital sign is not in the catalogue.",
    RefusalCode.sign_derived: "This is computed from other observations and cannot be entered.",
    RefusalCode.unit_missing: "A unit is required: a number without one cannot be kept safely.",
    RefusalCode.unit_unknown: "This vital sign is not accepted in this unit. UCUM spellings are case sensitive.",
    RefusalCode.unit_unexpected: "This vital sign has no unit.",
    RefusalCode.value_missing: "A value is required for this vital sign.",
    RefusalCode.value_unexpected: "This vital sign does not take this field.",
    RefusalCode.value_not_finite: "The value must be a finite number.",
    RefusalCode.too_many_digits: "The number has more digits than any device measures.",
    RefusalCode.not_whole: "This is counted in whole numbers only.",
    RefusalCode.comparator_unexpected: "This vital sign does not take a comparator.",
    RefusalCode.code_unknown: "This is not one of the answers of this vital sign.",
    RefusalCode.code_not_permitted: "Only a carer or clinician can record that a person does not respond normally.",
    RefusalCode.out_of_range: "This cannot be a measurement of this vital sign in this unit.",
    RefusalCode.systolic_not_above_diastolic: "Systolic pressure must be above diastolic.",
    RefusalCode.needs_confirmation: "This is unusual: measure again, then send it with confirmed set to true.",
    RefusalCode.invalid_time: "The time must be an RFC 3339 date and time.",
    RefusalCode.naive_time: "The time must carry its offset from UTC, such as Z or +01:00.",
    RefusalCode.future_time: "The time lies in the future: check the date and time, or the device's clock.",
    RefusalCode.past_time: "The time lies more than five years back.",
    RefusalCode.before_birth: "The time lies before the patient's birth.",
    RefusalCode.withdrawn: "A reading of this sign, instant and source was entered in error: say when it was taken.",
    RefusalCode.conflict: "Another reading is recorded under this client_id, or for this sign, instant and source.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one reading is not accepted: a stable code, the reading's field, and perhaps what was likely meant."""

    code: RefusalCode
    field: str
    hint: str | None = None

    @property
    def detail(self) -> str:
        """Return what to tell the person or the developer; it names no value."""
        return _DETAILS[self.code]

    @property
    def can_retry(self) -> bool:
        """Return whether the same measurement can still be accepted as it stands, once a person confirms it."""
        return self.code is RefusalCode.needs_confirmation


class Outcome(StrEnum):
    """What became of a reading."""

    stored = "stored"
    duplicate = "duplicate"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one reading. `observation_id` is what it is recorded as, or what it duplicates."""

    client_id: str | None
    outcome: Outcome
    observation_id: UUID | None = None
    refusal: Refusal | None = None
