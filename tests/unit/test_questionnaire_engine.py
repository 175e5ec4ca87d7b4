"""What is understood of a questionnaire, which questions are asked, and what answers add up to."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.questionnaires.answers import Answer, answered, as_json, from_json
from domain.questionnaires.catalogue import GAD7, INSTRUMENTS, PHQ9
from domain.questionnaires.questionnaire import NotUnderstood, Questionnaire, read_questionnaire
from domain.questionnaires.scoring import answers_of_scores, total

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def questionnaire(*items: dict[str, Any]) -> Questionnaire:
    whole = {"resourceType": "Questionnaire", "id": "t", "version": "1", "title": "T", "copyright": "Ours"}
    return read_questionnaire({**whole, "item": list(items)})


def asked(link_id: str, kind: str = "boolean", **but: Any) -> dict[str, Any]:
    return {"linkId": link_id, "text": link_id, "type": kind, **but}


def when(question: str, operator: str, **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **answer}


def choice(link_id: str, *scores: int | None, **but: Any) -> dict[str, Any]:
    options = []
    for place, score in enumerate(scores):
        ordinal = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": score}
        extension = {} if score is None else {"extension": [ordinal]}
        options.append({"valueCoding": {"code": "abcdef"[place], "display": "X", **extension}})
    return asked(link_id, "choice", answerOption=options, **but)


def faults(found: Questionnaire, *answers: tuple[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        answered(found, [Answer(*each) for each in answers])
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "item",
    [
        asked("a", repeats=True),
        asked("a", initial=[{"valueBoolean": True}]),
        asked("a", answerValueSet="http://example.test/set"),
        asked("a", "quantity"),
        asked("a", required="yes"),
        asked("a", enableBehavior="most"),
        asked("a", item=[asked("b")]),
        asked("a", "group"),
        asked("a", "choice"),
        choice("a", 1, None),
        choice("a", True),
        asked("a", answerOption=[{"valueCoding": {"code": "x", "display": "X"}}]),
        asked("a", "choice", answerOption=[{"valueString": "x"}]),
        asked("a", enableWhen=[when("a", "exists", answerBoolean=True)]),
        asked("a", enableWhen=[when("later", "exists", answerBoolean=True)]),
        {"linkId": "a", "type": "boolean"},
    ],
)
def test_what_is_not_understood_is_refused_when_it_is_read(item: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        questionnaire(item)


@pytest.mark.parametrize(
    "condition",
    [
        when("a", ">", answerBoolean=True),
        when("a", "=", answerInteger=1),
        when("a", "=", answerDate="2026-02-30"),
        when("a", "=", answerQuantity={}),
        when("a", "matches", answerBoolean=True),
        when("a", "exists", answerInteger=1),
        when("a", "="),
        {"question": "a", "operator": "=", "answerBoolean": True, "answerInteger": 1},
    ],
)
def test_a_condition_that_does_not_fit_its_question_is_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        questionnaire(asked("a"), asked("b", enableWhen=[condition]))


def test_two_items_have_two_links() -> None:
    with pytest.raises(NotUnderstood):
        questionnaire(asked("a"), asked("a"))


@given(st.dictionaries(st.sampled_from(["resourceType", "id", "version", "title", "copyright", "item", "x"]), JSON))
def test_whatever_json_is_read_it_is_understood_or_refused(told: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        read_questionnaire({"resourceType": "Nothing", **told, "item": told.get("item", "none")})


@pytest.mark.parametrize(
    ("kind", "condition", "answer", "is_asked"),
    [
        ("boolean", when("a", "=", answerBoolean=True), True, True),
        ("boolean", when("a", "=", answerBoolean=True), False, False),
        ("boolean", when("a", "!=", answerBoolean=True), False, True),
        ("boolean", when("a", "exists", answerBoolean=True), False, True),
        ("boolean", when("a", "exists", answerBoolean=False), False, False),
        ("integer", when("a", ">", answerInteger=2), 3, True),
        ("integer", when("a", ">", answerInteger=2), 2, False),
        ("integer", when("a", ">=", answerInteger=2), 2, True),
        ("decimal", when("a", "<", answerDecimal=2.5), Decimal("2.4"), True),
        ("decimal", when("a", "<=", answerDecimal=2.5), Decimal("2.6"), False),
        ("date", when("a", "<", answerDate="2026-01-01"), "2025-12-31", True),
        ("string", when("a", "=", answerString="x"), "x", True),
    ],
)
def test_a_question_is_asked_when_what_was_answered_before_says_so(
    kind: str, condition: dict[str, Any], answer: object, is_asked: bool
) -> None:
    found = questionnaire(asked("a", kind), asked("b", required=True, enableWhen=[condition]))
    if is_asked:
        assert answered(found, [Answer("a", answer)]).missing == ("b",)
        assert answered(found, [Answer("a", answer), Answer("b", True)]).is_complete
    else:
        assert answered(found, [Answer("a", answer)]).is_complete
        assert faults(found, ("a", answer), ("b", True)) == [("/answers/1/link_id", "not_asked")]


def test_without_an_answer_nothing_is_equal_unequal_or_greater() -> None:
    conditions = [when("a", "=", answerBoolean=True), when("a", "!=", answerBoolean=True)]
    for condition in conditions:
        found = questionnaire(asked("a"), asked("b", required=True, enableWhen=[condition]))
        assert answered(found, []).is_complete


def test_a_question_needs_all_of_its_conditions_or_any() -> None:
    both = [when("a", "=", answerBoolean=True), when("b", "=", answerBoolean=True)]
    for behaviour, missing in (("all", ()), ("any", ("c",))):
        third = asked("c", required=True, enableWhen=both, enableBehavior=behaviour)
        found = questionnaire(asked("a"), asked("b"), third)
        assert answered(found, [Answer("a", True), Answer("b", False)]).missing == missing


def test_what_is_within_a_group_that_is_not_asked_is_not_asked_and_hides_what_follows_from_it() -> None:
    group = asked("g", "group", enableWhen=[when("a", "=", answerBoolean=True)], item=[asked("b", required=True)])
    after = asked("c", enableWhen=[when("b", "=", answerBoolean=True)])
    found = questionnaire(asked("a"), group, after)
    assert answered(found, [Answer("a", False)]).is_complete
    assert faults(found, ("a", False), ("b", True), ("c", True)) == [
        ("/answers/1/link_id", "not_asked"),
        ("/answers/2/link_id", "not_asked"),
    ]


def test_each_answer_that_does_not_fit_is_named_with_its_place() -> None:
    found = questionnaire(asked("a"), choice("b", 0, 1), asked("c", "display"))
    assert faults(found, ("b", 2), ("x", 1), ("a", 1), ("a", True), ("c", "x")) == [
        ("/answers/0/value", "not_an_answer"),
        ("/answers/1/link_id", "unknown_question"),
        ("/answers/2/value", "not_an_answer"),
        ("/answers/3/link_id", "answered_twice"),
        ("/answers/4/link_id", "unknown_question"),
    ]


@pytest.mark.parametrize("value", [True, Decimal("1.0"), Decimal("1.5"), "LA9999-9", -1, 4, "1", None, [], {}])
def test_what_is_no_option_is_no_answer(value: object) -> None:
    assert faults(PHQ9.questionnaire, ("q1", value)) == [("/answers/0/value", "not_an_answer")]


def test_how_hard_it_was_is_asked_only_of_whoever_was_bothered() -> None:
    nothing = [Answer(f"q{number}", 0) for number in range(1, 10)]
    assert faults(PHQ9.questionnaire, *((each.link_id, 0) for each in nothing), ("difficulty", "LA6572-7")) == [
        ("/answers/9/link_id", "not_asked")
    ]
    found = answered(PHQ9.questionnaire, [*nothing[:8], Answer("q9", 1), Answer("difficulty", "LA6572-7")])
    assert found.answers["difficulty"] == "LA6572-7"
    assert total(PHQ9.questionnaire, found.answers) == 1


@given(st.lists(st.none() | st.integers(0, 3), min_size=9, max_size=9))
def test_there_is_no_total_exactly_when_a_scored_question_is_not_answered(scores: list[int | None]) -> None:
    found = total(PHQ9.questionnaire, answers_of_scores(PHQ9.questionnaire, scores))
    known = [score for score in scores if score is not None]
    assert found == (sum(known) if len(known) == 9 else None)


@given(st.lists(st.integers(0, 3), min_size=7, max_size=7), st.integers(0, 6))
def test_a_worse_answer_never_lowers_the_total_nor_the_band(scores: list[int], place: int) -> None:
    assert GAD7.scoring is not None
    worse = [min(3, score + (here == place)) for here, score in enumerate(scores)]
    totals = [total(GAD7.questionnaire, answers_of_scores(GAD7.questionnaire, each)) for each in (scores, worse)]
    before, after = (each or 0 for each in totals)
    assert before <= after
    labels = [band.label for band in GAD7.scoring.bands]
    assert labels.index(str(GAD7.scoring.band(before))) <= labels.index(str(GAD7.scoring.band(after)))


@given(st.sampled_from(sorted(INSTRUMENTS)), st.lists(st.tuples(st.sampled_from(["q1", "q9", "grade", "x"]), JSON)))
def test_whatever_is_answered_it_fits_or_is_refused(key: str, given_answers: list[tuple[str, object]]) -> None:
    with suppress(Invalid):  # and nothing else
        found = answered(INSTRUMENTS[key].questionnaire, [Answer(*each) for each in given_answers])
        assert found.answers.keys() <= {link_id for link_id, _ in given_answers}


@pytest.mark.parametrize(
    ("kind", "value"),
    [("decimal", Decimal("36.60")), ("integer", 3), ("date", date(2026, 7, 1)), ("boolean", False), ("text", "Yes")],
)
def test_an_answer_comes_back_from_where_it_is_stored_as_it_was(kind: str, value: Any) -> None:
    (item,) = questionnaire(asked("a", kind)).questions
    stored = as_json(value)
    assert not isinstance(stored, Decimal | date)
    assert from_json(item, stored) == value
