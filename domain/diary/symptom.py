"""The catalogue of symptoms: what can be noticed without a device, and the steps it is told in. Pure.

A symptom is known by its key, which never changes its meaning and is never taken away: entries and zones of plans name
it. Each has four steps, 0 to 3, the worse the higher, so that "from step 2 on" means something for every one of them.
Refuses to judge: what a step is a reason for stands in somebody's own plan.

SNOMED CT codes stand where a public value set gives the concept under this very name, and are left out elsewhere: that
of HL7 Belgium for heart failure and for rhythm screening (hl7-be/patient-monitoring, HeartFailureSymptoms and
PPGSymptomCodes) and HL7's of COVID-19 signs and symptoms (COVID19SignsAndSymptomsVS). Of confusion they name one code
by two names, so it has none here. Which symptoms belong to which condition is our proposal, after the action plans and
guidance cited in `docs/check-ins.md`; no clinician has confirmed it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

LEAST_LEVEL, GREATEST_LEVEL = 0, 3


class Scale(StrEnum):
    """By which words a symptom's four steps go."""

    severity = "severity"
    compared_with_usual = "compared_with_usual"
    sputum_colour = "sputum_colour"


class Condition(StrEnum):
    """A long-term condition that a symptom is looked out for in."""

    heart_failure = "heart_failure"
    copd = "copd"
    asthma = "asthma"
    diabetes = "diabetes"
    hypertension = "hypertension"


LEVELS: Mapping[Scale, tuple[str, str, str, str]] = MappingProxyType(
    {
        Scale.severity: ("None", "Mild", "Moderate", "Severe"),
        Scale.compared_with_usual: (
            "No more than usual",
            "A little more than usual",
            "More than usual",
            "Much more than usual",
        ),
        Scale.sputum_colour: ("None, clear or white", "Yellow", "Green", "Brown"),
    }
)


@dataclass(frozen=True, slots=True)
class Symptom:
    """Something that can be noticed: its key, its name in plain words, its scale, its SNOMED CT code if known."""

    key: str
    label: str
    conditions: frozenset[Condition]
    scale: Scale = Scale.severity
    snomed: str | None = None

    @property
    def levels(self) -> tuple[str, str, str, str]:
        """Return the words of the steps 0, 1, 2 and 3."""
        return LEVELS[self.scale]


_C = Condition
_LUNGS = frozenset({_C.copd, _C.asthma})
_BREATH = _LUNGS | {_C.heart_failure}
_HEART = frozenset({_C.heart_failure})
_SUGAR = frozenset({_C.diabetes})
_PRESSURE = frozenset({_C.hypertension})
_LISTED = (
    Symptom("breathlessness", "Short of breath", _BREATH, snomed="267036007"),
    Symptom("breathlessness_compared", "Short of breath, compared with usual", _BREATH, Scale.compared_with_usual),
    Symptom("breathless_speaking", "Too breathless to finish a sentence", _BREATH),
    Symptom("breathless_lying_flat", "Short of breath lying flat", _HEART),
    Symptom("breathless_at_night", "Short of breath at night", _BREATH, snomed="248548009"),
    Symptom("night_waking", "Woken at night by cough, wheeze or chest tightness", _LUNGS),
    Symptom("ankle_swelling", "Swollen ankles or feet", _HEART),
    Symptom("chest_pain", "Chest pain", _BREATH | _PRESSURE, snomed="29857009"),
    Symptom("chest_tightness", "Tight chest", _LUNGS),
    Symptom("cough", "Cough", _BREATH, snomed="49727002"),
    Symptom("sputum_amount", "Phlegm, compared with usual", _LUNGS, Scale.compared_with_usual),
    Symptom("sputum_colour", "Colour of phlegm", _LUNGS, Scale.sputum_colour),
    Symptom("coughing_blood", "Coughing up blood", _BREATH, snomed="66857006"),
    Symptom("wheeze", "Wheezing", _LUNGS, snomed="56018004"),
    Symptom("feeling_feverish", "Feeling feverish", _LUNGS | _SUGAR, snomed="103001002"),
    Symptom("dizziness", "Dizzy", _HEART | _PRESSURE | _SUGAR, snomed="404640003"),
    Symptom("fainting", "Fainted or nearly fainted", _HEART | _PRESSURE),
    Symptom("palpitations", "Heart racing, fluttering or pounding", _HEART | _PRESSURE, snomed="80313002"),
    Symptom("tiredness", "Tired", _BREATH | _SUGAR, snomed="84229001"),
    Symptom("reduced_appetite", "Eating less than usual", _HEART | {_C.copd}, snomed="64379006"),
    Symptom("thirst", "Very thirsty", _SUGAR),
    Symptom("passing_urine_often", "Passing urine often", _SUGAR),
    Symptom("nausea", "Feeling sick", _SUGAR, snomed="422587007"),
    Symptom("confusion", "Confused", _BREATH | _SUGAR | _PRESSURE),
    Symptom("drowsiness", "Unusually drowsy", _BREATH | _SUGAR, snomed="271782001"),
    Symptom("low_sugar_signs", "Signs of low blood sugar: shaky, sweaty, hungry or light-headed", _SUGAR),
    Symptom("blurred_vision", "Blurred sight", _SUGAR | _PRESSURE),
    Symptom("headache", "Headache", _PRESSURE, snomed="25064002"),
)
SYMPTOMS: Mapping[str, Symptom] = MappingProxyType({symptom.key: symptom for symptom in _LISTED})
