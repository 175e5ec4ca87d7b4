"""Whether answers fit their questions, which questions are asked, and what is missing. Pure.

A choice is answered by its option's code, or by its score where it has one. Only what is asked may be answered: whether
it is, is worked out here from the answers before it, and not believed of whoever sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from domain.errors import Fault, Invalid
from domain.instant import NotAnInstant, parse_date
from domain.questionnaires.questionnaire import Item, Kind, Questionnaire, Value
from domain.questionnaires.scoring import code_of_score

LONGEST_STRING, LONGEST_TEXT = 200, 4000
_GREATEST = 10**9


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a question, as it was sent."""

    link_id: str
    value: object


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers that fit, in the order of the questions, and which required questions that were asked lack one."""

    answers: Mapping[str, Value]
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Return whether everything that had to be answered is."""
        return not self.missing


def answered(questionnaire: Questionnaire, given: Sequence[Answer]) -> Answered:
    """Return what was answered. Raises Invalid with the place of each answer that does not fit or was not asked for."""
    places = {each.link_id: place for place, each in reversed(list(enumerate(given)))}
    questions = {item.link_id: item for item in questionnaire.questions}
    faults = [
        Fault(f"/answers/{place}/link_id", "unknown_question", "The questionnaire has no such question.")
        for place, each in enumerate(given)
        if each.link_id not in questions
    ]
    faults += [
        Fault(f"/answers/{place}/link_id", "answered_twice", "Answer each question once.")
        for place, each in enumerate(given)
        if places[each.link_id] != place
    ]
    fits: dict[str, Value] = {}
    for link_id, place in places.items():
        if link_id in questions:
            value = _value(questions[link_id], given[place].value)
            if value is None:
                faults.append(Fault(f"/answers/{place}/value", "not_an_answer", _SAID[questions[link_id].kind]))
            else:
                fits[link_id] = value
    asked, missing = _asked(questionnaire, fits)
    faults += [
        Fault(f"/answers/{places[link_id]}/link_id", "not_asked", "By the other answers this is not asked.")
        for link_id in fits
        if link_id not in asked
    ]
    if faults:
        raise Invalid("The answers do not fit the questionnaire.", sorted(faults, key=lambda fault: fault.pointer))
    return Answered(MappingProxyType(asked), missing)


def read_in_part(questionnaire: Questionnaire, given: Sequence[Answer]) -> tuple[Answered, list[Answer]]:
    """Return the answers that fit and are asked for, the first of each question, and all others as they were given."""
    questions = {item.link_id: item for item in questionnaire.questions}
    fits: dict[str, Value] = {}
    places: dict[str, int] = {}
    for place, each in enumerate(given):
        value = _value(questions[each.link_id], each.value) if each.link_id in questions else None
        if value is not None and each.link_id not in fits:
            fits[each.link_id], places[each.link_id] = value, place
    asked, missing = _asked(questionnaire, fits)
    kept = {places[link_id] for link_id in asked}
    return Answered(MappingProxyType(asked), missing), [one for place, one in enumerate(given) if place not in kept]


def _asked(questionnaire: Questionnaire, fits: Mapping[str, Value]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the answers to what is asked, in its order, and the links of what is required and missing."""
    asked: dict[str, Value] = {}
    missing: list[str] = []

    def ask(items: Sequence[Item]) -> None:
        for item in items:
            if not item.is_enabled(asked):
                continue
            if item.kind is Kind.group:
                ask(item.items)
            elif item.link_id in fits:
                asked[item.link_id] = fits[item.link_id]
            elif item.required and item.kind is not Kind.display:
                missing.append(item.link_id)

    ask(questionnaire.items)
    return asked, tuple(missing)


def _choice(item: Item, value: object) -> Value | None:
    if isinstance(value, str):
        option = item.option(value)
        return None if option is None else option.code
    return code_of_score(item, value)


def _integer(_: Item, value: object) -> Value | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and isinstance(value, int) and abs(value) <= _GREATEST else None


def _decimal(_: Item, value: object) -> Value | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() and abs(number) <= _GREATEST else None


def _text(longest: int) -> Callable[[Item, object], Value | None]:
    return lambda _, value: (
        value if isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= longest else None
    )


def _date(_: Item, value: object) -> date | None:
    try:
        return parse_date(value) if isinstance(value, str) else None
    except NotAnInstant:
        return None


_READ: Mapping[Kind, Callable[[Item, object], Value | None]] = {
    Kind.choice: _choice,
    Kind.integer: _integer,
    Kind.decimal: _decimal,
    Kind.string: _text(LONGEST_STRING),
    Kind.text: _text(LONGEST_TEXT),
    Kind.boolean: lambda _, value: value if isinstance(value, bool) else None,
    Kind.date: _date,
}
_SAID: Mapping[Kind, str] = {
    Kind.choice: "Answer with the code of one of the options, or with its score.",
    Kind.integer: "Answer with a whole number.",
    Kind.decimal: "Answer with a number.",
    Kind.string: f"Answer in at most {LONGEST_STRING} characters.",
    Kind.text: f"Answer in at most {LONGEST_TEXT} characters.",
    Kind.boolean: "Answer with true or false.",
    Kind.date: "Answer with a date, as YYYY-MM-DD.",
}


def _value(item: Item, value: object) -> Value | None:
    """Return the value if it is an answer to the question."""
    return _READ[item.kind](item, value)


def as_json(value: Value) -> str | int | bool:
    """Return an answer as it is stored: decimals and dates as text."""
    return str(value) if isinstance(value, Decimal | date) else value


def from_json(item: Item, stored: str | int | bool) -> Value:
    """Return an answer from how it is stored."""
    if item.kind is Kind.decimal:
        return Decimal(str(stored))
    return parse_date(str(stored)) if item.kind is Kind.date else stored
