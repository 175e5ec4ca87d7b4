"""The instruments as published: their questions, codes, scores and bands, held against vectors."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from domain.errors import Invalid
from domain.questionnaires.catalogue import GAD7, INSTRUMENTS, MRC_DYSPNOEA, PHQ9, Instrument
from domain.questionnaires.questionnaire import Kind
from domain.questionnaires.scoring import answers_of_scores, greatest_total, total
from tests.architecture.source import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/instruments/instruments.json").read_text())
BY_NAME = {"PHQ-9": PHQ9, "GAD-7": GAD7}


def scored(instrument: Instrument, items: list[Any]) -> tuple[int | None, str | None, bool]:
    answers = answers_of_scores(instrument.questionnaire, items)
    found = total(instrument.questionnaire, answers)
    assert instrument.scoring is not None
    return found, None if found is None else instrument.scoring.band(found), instrument.cannot_wait(answers)


@pytest.mark.parametrize("vector", VECTORS["phq9"], ids=lambda each: str(each["items"]))
def test_phq_9_adds_up_as_published_and_its_last_question_is_seen_whatever_the_total(vector: dict[str, Any]) -> None:
    assert scored(PHQ9, vector["items"]) == (vector["total"], vector["band"], vector["item9_positive"])


@pytest.mark.parametrize("vector", VECTORS["gad7"], ids=lambda each: str(each["items"]))
def test_gad_7_adds_up_as_published(vector: dict[str, Any]) -> None:
    assert scored(GAD7, vector["items"]) == (vector["total"], vector["band"], False)


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda each: each["error"])
def test_what_is_no_set_of_scores_has_no_total(vector: dict[str, Any]) -> None:
    instrument = BY_NAME[vector["instrument"]]
    if None in vector["items"]:
        assert scored(instrument, vector["items"])[:2] == (None, None)
        return
    with pytest.raises(Invalid) as refused:
        scored(instrument, vector["items"])
    (fault,) = refused.value.faults
    assert fault.pointer == ("" if "required" in vector["error"] else "/0")


def test_the_last_question_of_phq_9_is_there() -> None:
    """HL7's own example of PHQ-9 leaves it out."""
    assert [item.link_id for item in PHQ9.questionnaire.scored] == [f"q{number}" for number in range(1, 10)]
    assert "better off dead" in PHQ9.questionnaire.scored[-1].text
    assert (greatest_total(PHQ9.questionnaire), greatest_total(GAD7.questionnaire)) == (27, 21)


def test_the_mrc_scale_has_grades_1_to_5_and_is_not_the_modified_one() -> None:
    (grade,) = MRC_DYSPNOEA.questionnaire.questions
    assert [option.score for option in grade.options] == [1, 2, 3, 4, 5]
    assert "Medical Research Council" in MRC_DYSPNOEA.questionnaire.copyright
    with pytest.raises(Invalid):
        answers_of_scores(MRC_DYSPNOEA.questionnaire, [0])


def loinc_codes() -> set[str]:
    return {code for each in INSTRUMENTS.values() for code in re.findall(r'"code": "(\d+-\d)"', each.fhir.decode())}


def passes_mod_10(code: str) -> bool:
    """Return whether the check digit is right: LOINC's, which is Luhn's."""
    digits, check = code.split("-")
    odd = str(int(digits[::-2][::-1]) * 2)
    even = digits[-2::-2]
    return (-sum(map(int, odd + even))) % 10 == int(check)


def test_every_loinc_code_has_its_check_digit() -> None:
    assert len(loinc_codes()) == 18
    assert [code for code in loinc_codes() if not passes_mod_10(code)] == []
    assert not passes_mod_10("44260-9")


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_every_instrument_says_who_is_to_be_named_and_is_a_fhir_questionnaire(instrument: Instrument) -> None:
    told = json.loads(instrument.fhir)
    assert (told["resourceType"], told["status"], told["version"]) == ("Questionnaire", "active", "1")
    assert len(told["copyright"]) > 50
    assert all(item.required for item in instrument.questionnaire.scored)
    assert all(item.kind is Kind.choice for item in instrument.questionnaire.scored)
