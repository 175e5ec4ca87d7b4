"""The catalogue of symptoms, and what a diary takes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.diary.entry import NewEntry, Noticed, faults_of
from domain.diary.symptom import LEVELS, SYMPTOMS, Condition, Scale
from tests.spec.test_vital_signs_catalogue import passes_verhoeff

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
BORN = date(1950, 3, 14)
ENTRY = NewEntry(NOW, "A bad night", (Noticed("cough", 2),))


def codes(new: NewEntry) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults_of(new, now=NOW, born_on=BORN)]


def test_every_symptom_has_a_key_a_plain_name_four_steps_and_a_condition() -> None:
    for key, symptom in SYMPTOMS.items():
        assert re.fullmatch(r"[a-z][a-z_]{2,40}", key)
        assert key == symptom.key
        assert symptom.label[0].isupper()
        assert len(set(symptom.levels)) == 4
        assert symptom.conditions
    assert len({symptom.label for symptom in SYMPTOMS.values()}) == len(SYMPTOMS)
    assert {symptom.scale for symptom in SYMPTOMS.values()} == set(Scale) == set(LEVELS)
    assert {each for symptom in SYMPTOMS.values() for each in symptom.conditions} == set(Condition)


def test_every_code_of_a_symptom_is_one_that_snomed_can_have_given_and_names_one_symptom() -> None:
    given_codes = [symptom.snomed for symptom in SYMPTOMS.values() if symptom.snomed is not None]
    assert len(given_codes) == len(set(given_codes)) > 10
    assert all(passes_verhoeff(code) for code in given_codes)


def test_what_is_looked_out_for_in_each_condition_is_in_the_catalogue() -> None:
    for condition, keys in {
        Condition.heart_failure: {"breathlessness", "ankle_swelling", "breathless_lying_flat", "breathless_at_night"},
        Condition.copd: {"breathlessness_compared", "sputum_amount", "sputum_colour", "cough", "confusion"},
        Condition.asthma: {"wheeze", "chest_tightness", "night_waking", "breathless_speaking"},
        Condition.diabetes: {"thirst", "low_sugar_signs", "passing_urine_often", "confusion"},
        Condition.hypertension: {"chest_pain", "headache", "dizziness"},
    }.items():
        assert all(condition in SYMPTOMS[key].conditions for key in keys)


def test_an_entry_has_a_note_symptoms_or_both() -> None:
    assert codes(ENTRY) == []
    assert codes(replace(ENTRY, note=None)) == []
    assert codes(replace(ENTRY, symptoms=())) == []
    assert codes(replace(ENTRY, note=None, symptoms=())) == [("/note", "nothing_said")]


def test_a_symptom_is_known_named_once_and_told_in_its_steps() -> None:
    wrong = (Noticed("cough", 0), Noticed("cough", 1), Noticed("gloom", 1), Noticed("wheeze", 4))
    assert codes(replace(ENTRY, symptoms=wrong)) == [
        ("/symptoms/1/symptom", "named_twice"),
        ("/symptoms/2/symptom", "unknown_symptom"),
        ("/symptoms/3/level", "unknown_level"),
    ]


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW + timedelta(minutes=3), "future_time"),
        (datetime(1950, 3, 13, tzinfo=UTC), "before_birth"),
        (NOW - timedelta(days=5 * 365 + 3), "past_time"),
    ],
)
def test_an_entry_is_of_a_time_that_can_be_believed(at: datetime, code: str) -> None:
    assert codes(replace(ENTRY, effective_at=at)) == [("/effective_at", code)]


@given(
    st.datetimes(datetime(2022, 1, 1), datetime(2026, 7, 1)),
    st.integers(-12 * 4, 14 * 4),
    st.lists(st.sampled_from(sorted(SYMPTOMS)), unique=True, min_size=1),
    st.data(),
)
def test_whatever_of_the_catalogue_is_noticed_can_be_kept(
    at: datetime, quarters: int, keys: list[str], data: st.DataObject
) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    noticed = tuple(Noticed(key, data.draw(st.integers(0, 3))) for key in keys)
    assert codes(NewEntry(at.replace(tzinfo=UTC).astimezone(zone), None, noticed)) == []
