"""A questionnaire, read from FHIR R4 JSON: the part of it that is understood here, and nothing else. Pure.

Items are groups, displayed text or questions of seven types; a question may be asked only when answers before it say
so (enableWhen). Whatever else FHIR knows (repeats, initial values, value sets, nested questions) is refused when it is
read: an instrument that is half understood is scored wrongly. Source: hl7.org/fhir/R4/questionnaire.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

ORDINAL: Final = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_WHOLE: Final = frozenset(
    {"resourceType", "id", "version", "name", "title", "status", "subjectType", "language", "code", "copyright", "item"}
)
_OF_ITEM: Final = frozenset(
    {"linkId", "code", "text", "type", "required", "repeats", "answerOption", "enableWhen", "enableBehavior", "item"}
)
_OF_CODING: Final = frozenset({"system", "code", "display", "extension"})

Value = str | int | bool | Decimal | date
"""An answer: of a choice its option's code, of the other types what they say."""


class NotUnderstood(ValueError):
    """A questionnaire that has something in it which is not understood here."""


class Kind(StrEnum):
    """What an item is."""

    group = "group"
    display = "display"
    choice = "choice"
    integer = "integer"
    decimal = "decimal"
    string = "string"
    text = "text"
    boolean = "boolean"
    date = "date"


class Operator(StrEnum):
    """How an answer is compared with what a question waits for."""

    exists = "exists"
    equal = "="
    unequal = "!="
    greater = ">"
    less = "<"
    at_least = ">="
    at_most = "<="


ASKED: Final = frozenset(Kind) - {Kind.group, Kind.display}
_ANSWERS: Final = frozenset(
    {"answerBoolean", "answerCoding", "answerInteger", "answerDecimal", "answerString", "answerDate"}
)
_ORDERED: Final = frozenset({Kind.integer, Kind.decimal, Kind.date})
_EITHER_WAY: Final = frozenset({Operator.equal, Operator.unequal})


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice: its code, its words, and its score if it is scored."""

    code: str
    display: str
    score: int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What an earlier question must have been answered with. Without an answer only "exists: false" holds."""

    question: str
    operator: Operator
    value: Value

    def holds(self, answer: Value | None) -> bool:
        """Return whether the answer meets it; None for a question without one."""
        if self.operator is Operator.exists:
            return (answer is not None) == self.value
        if answer is None:
            return False
        if self.operator in _EITHER_WAY:
            return (answer == self.value) == (self.operator is Operator.equal)
        return self._is_ordered(answer)

    def _is_ordered(self, answer: Value) -> bool:
        difference = _compared(answer, self.value)
        return {
            Operator.greater: difference > 0,
            Operator.less: difference < 0,
            Operator.at_least: difference >= 0,
            Operator.at_most: difference <= 0,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Item:
    """One item, with those within it if it is a group, and when it is asked: `needs_all` or any of the conditions."""

    link_id: str
    kind: Kind
    text: str
    required: bool
    options: tuple[Option, ...]
    conditions: tuple[Condition, ...]
    needs_all: bool
    items: tuple[Item, ...]

    def option(self, code: object) -> Option | None:
        """Return the option of this code."""
        return next((each for each in self.options if each.code == code), None)

    @property
    def is_scored(self) -> bool:
        """Return whether its answer counts."""
        return any(each.score is not None for each in self.options)

    def is_enabled(self, answers: Mapping[str, Value]) -> bool:
        """Return whether it is asked, going by the answers to what is asked before it."""
        if not self.conditions:
            return True
        held = (each.holds(answers.get(each.question)) for each in self.conditions)
        return all(held) if self.needs_all else any(held)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of an instrument."""

    key: str
    version: str
    title: str
    copyright: str
    items: tuple[Item, ...]

    def every(self) -> Iterator[Item]:
        """Return all items, in the order in which they are asked."""
        return _every(self.items)

    @property
    def questions(self) -> tuple[Item, ...]:
        """Return the items that are answered, in the order in which they are asked."""
        return tuple(each for each in self.every() if each.kind in ASKED)

    @property
    def scored(self) -> tuple[Item, ...]:
        """Return the questions whose answers count."""
        return tuple(each for each in self.questions if each.is_scored)


def read_questionnaire(told: Mapping[str, object]) -> Questionnaire:
    """Return the questionnaire that FHIR JSON tells. Raises NotUnderstood."""
    _require_known(told, _WHOLE)
    if told.get("resourceType") != "Questionnaire":
        raise NotUnderstood("This is no Questionnaire.")
    items = _items(told.get("item"))
    found = Questionnaire(
        _text(told, "id"), _text(told, "version"), _text(told, "title"), _text(told, "copyright"), items
    )
    _require_sound(found)
    return found


def _every(items: Sequence[Item]) -> Iterator[Item]:
    for each in items:
        yield each
        yield from _every(each.items)


def _items(told: object) -> tuple[Item, ...]:
    if told is None:
        return ()
    return tuple(_item(each) for each in _list(told))


def _item(told: object) -> Item:
    said = _mapping(told)
    _require_known(said, _OF_ITEM)
    try:
        kind = Kind(_text(said, "type"))
    except ValueError:
        raise NotUnderstood("An item's type is not understood.") from None
    if said.get("repeats", False) is not False:
        raise NotUnderstood("A question is answered once.")
    required = said.get("required", False)
    if not isinstance(required, bool):
        raise NotUnderstood("An item is required or not.")
    behaviour = said.get("enableBehavior", "all")
    if behaviour not in {"all", "any"}:
        raise NotUnderstood("An item needs all of its conditions or any.")
    return Item(
        link_id=_text(said, "linkId"),
        kind=kind,
        text=_text(said, "text"),
        required=required,
        options=tuple(_option(each) for each in _list(said.get("answerOption", []))),
        conditions=tuple(_condition(each) for each in _list(said.get("enableWhen", []))),
        needs_all=behaviour == "all",
        items=_items(said.get("item")),
    )


def _option(told: object) -> Option:
    said = _mapping(told)
    _require_known(said, frozenset({"valueCoding"}))
    coding = _mapping(said.get("valueCoding"))
    _require_known(coding, _OF_CODING)
    return Option(_text(coding, "code"), _text(coding, "display"), _score(coding.get("extension")))


def _score(told: object) -> int | None:
    if told is None:
        return None
    scores = [each.get("valueDecimal") for each in map(_mapping, _list(told)) if each.get("url") == ORDINAL]
    if len(scores) != 1 or isinstance(scores[0], bool) or not isinstance(scores[0], int):
        raise NotUnderstood("An option has one whole score or none.")
    return scores[0]


def _condition(told: object) -> Condition:
    said = dict(_mapping(told))
    question = _text(said, "question")
    try:
        operator = Operator(_text(said, "operator"))
    except ValueError:
        raise NotUnderstood("A condition's operator is not understood.") from None
    answers = [name for name in said if name.startswith("answer")]
    if len(said) != 3 or len(answers) != 1 or answers[0] not in _ANSWERS:
        raise NotUnderstood("A condition compares with one answer of a type that is understood.")
    return Condition(question, operator, _compared_with(answers[0], said[answers[0]]))


def _compared_with(name: str, told: object) -> Value:
    if name == "answerCoding":
        return _text(_mapping(told), "code")
    if name == "answerBoolean" and isinstance(told, bool):
        return told
    if name == "answerString" and isinstance(told, str):
        return told
    if name == "answerInteger" and isinstance(told, int) and not isinstance(told, bool):
        return told
    try:
        if name == "answerDate" and isinstance(told, str):
            return date.fromisoformat(told)
        if name == "answerDecimal" and isinstance(told, int | float | Decimal) and not isinstance(told, bool):
            return Decimal(str(told))
    except ValueError:
        pass  # told like every other answer of the wrong type
    raise NotUnderstood("A condition's answer is of its type.")


def _compared(answer: Value, value: Value) -> int:
    """Return whether the answer is below (negative), at or above the value; both of one type with an order."""
    if isinstance(answer, date) and isinstance(value, date):
        return (answer > value) - (answer < value)
    if isinstance(answer, int | Decimal) and isinstance(value, int | Decimal):
        return (answer > value) - (answer < value)
    raise NotUnderstood("These have no order.")


def _require_sound(found: Questionnaire) -> None:
    """Raise NotUnderstood unless links are unique, only groups hold items, and conditions look back."""
    before: dict[str, Item] = {}
    for item in found.every():
        if item.link_id in before:
            raise NotUnderstood("Two items have one link.")
        if bool(item.items) != (item.kind is Kind.group):
            raise NotUnderstood("A group holds items, and nothing else does.")
        if bool(item.options) != (item.kind is Kind.choice):
            raise NotUnderstood("A choice has options, and nothing else has.")
        if len({each.code for each in item.options}) != len(item.options):
            raise NotUnderstood("Two options have one code.")
        if item.is_scored and not all(each.score is not None for each in item.options):
            raise NotUnderstood("Of a scored question each option has a score.")
        for condition in item.conditions:
            _require_looking_back(condition, before.get(condition.question))
        before[item.link_id] = item


def _require_looking_back(condition: Condition, question: Item | None) -> None:
    if question is None or question.kind not in ASKED:
        raise NotUnderstood("A condition looks back at a question.")
    if condition.operator is Operator.exists:
        fits = isinstance(condition.value, bool)
    else:
        fits = _is_answer_to(question, condition.value)
        fits &= condition.operator in _EITHER_WAY or question.kind in _ORDERED
    if not fits:
        raise NotUnderstood("A condition fits the question that it looks back at.")


def _is_answer_to(question: Item, value: Value) -> bool:
    if question.kind is Kind.choice:
        return question.option(value) is not None
    expected = {
        Kind.integer: int,
        Kind.decimal: Decimal,
        Kind.string: str,
        Kind.text: str,
        Kind.boolean: bool,
        Kind.date: date,
    }
    return type(value) is expected[question.kind]


def _require_known(told: Mapping[str, object], known: frozenset[str]) -> None:
    if not told.keys() <= known:
        raise NotUnderstood(f"Not understood here: {', '.join(sorted(told.keys() - known))}.")


def _mapping(told: object) -> Mapping[str, object]:
    if not isinstance(told, Mapping):
        raise NotUnderstood("An object is expected here.")
    return told


def _list(told: object) -> Sequence[object]:
    if not isinstance(told, list):
        raise NotUnderstood("A list is expected here.")
    return told


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise NotUnderstood(f"{name} is text.")
    return value
