"""Every way the domain says no has its problem type; no answer repeats what was sent."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import domain
from api import refusals
from api.problems import INTERNAL, PROBLEM_TYPES, PROBLEMS, TYPE_PREFIX, problem_of, problem_type
from api.validation_faults import faults_of
from domain.errors import (
    AlreadyExists,
    Conflict,
    DomainError,
    Fault,
    Gone,
    IllegalTransition,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
)
from integrations.postgres.errors import DatabaseUnavailable


def _subclasses(of: type[Exception]) -> Iterator[type[Exception]]:
    for found in of.__subclasses__():
        yield found
        yield from _subclasses(found)


def _import_all_of_domain() -> None:
    for found in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(found.name)


def test_every_domain_error_has_a_row_of_its_own_or_its_parents_that_is_not_the_catch_all() -> None:
    _import_all_of_domain()
    catch_all = PROBLEMS[DomainError]
    told = {error: next(PROBLEMS[c] for c in error.__mro__ if c in PROBLEMS) for error in _subclasses(DomainError)}
    assert len(told) >= 9
    assert [error.__name__ for error, row in told.items() if row is catch_all] == []


def test_every_refusal_of_the_edge_has_a_row_of_its_own() -> None:
    assert [error.__name__ for error in _subclasses(refusals.Refusal) if error not in PROBLEMS] == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAuthenticated("x"), 401),
        (NotPermitted("x"), 403),
        (NotFound(), 404),
        (Conflict("x"), 409),
        (AlreadyExists("x"), 409),
        (IllegalTransition("x"), 409),
        (Gone("x"), 410),
        (Invalid("x"), 422),
        (TooManyAttempts("x", 30), 429),
        (DatabaseUnavailable(), 503),
        (refusals.MalformedJson("x"), 400),
        (refusals.BodyTooSlow(), 408),
        (refusals.BodyTooLarge(), 413),
        (refusals.UnsupportedMedia(), 415),
        (refusals.HeadTooLarge(), 431),
        (refusals.Overloaded(), 503),
        (RuntimeError("x"), 500),
    ],
)
def test_each_kind_of_no_has_its_status(error: Exception, status: int) -> None:
    answer = problem_of(error, "request-1")
    told = json.loads(bytes(answer.body))
    assert answer.status_code == told["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "request_id"} <= told.keys()


def test_a_subclass_without_a_row_is_told_as_its_parent() -> None:
    class TwoAtOnce(IllegalTransition):
        pass

    assert problem_type(TwoAtOnce("x")) is PROBLEMS[IllegalTransition]


def test_types_are_stable_relative_addresses_and_no_name_means_two_things() -> None:
    rows = {id(row): row for row in PROBLEMS.values()}.values()
    assert len({row.slug for row in rows}) == len(rows)
    for slug, row in PROBLEM_TYPES.items():
        assert row.uri == f"{TYPE_PREFIX}{slug}"
        assert slug == slug.lower()
        assert slug.replace("-", "").isalpha()
        assert 400 <= row.status <= 599
        assert row.meaning.endswith(".")


def test_who_is_not_signed_in_is_told_how_to_be() -> None:
    assert problem_of(NotAuthenticated("x"), "r").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("error", [TooManyAttempts("x", 30), DatabaseUnavailable(), refusals.Overloaded()])
def test_who_may_come_back_is_told_when(error: Exception) -> None:
    assert int(problem_of(error, "r").headers["retry-after"]) >= 1


def test_an_unexpected_error_tells_nothing_of_itself() -> None:
    error = RuntimeError("Doris Example, 9434765919")
    assert problem_type(error) is INTERNAL
    assert b"Doris" not in bytes(problem_of(error, "r").body)


def test_faults_stand_in_the_answer_and_are_bounded() -> None:
    answer = problem_of(Invalid("x", [Fault(f"/readings/{n}", "c", "m") for n in range(1000)]), "r")
    told = json.loads(bytes(answer.body))["errors"]
    assert told[0] == {"pointer": "/readings/0", "code": "c", "message": "m"}
    assert len(told) == 50


def test_a_problem_can_carry_more_members() -> None:
    assert json.loads(bytes(problem_of(Invalid("x"), "r", extra={"verdicts": [1]}).body))["verdicts"] == [1]


@pytest.mark.parametrize(
    ("place", "body", "pointer"),
    [
        (("body", "readings", 3, "unit"), {"readings": [{}] * 4}, "/readings/3/unit"),
        (("body", "readings", 0, "tag", "value"), {"readings": [{"value": 1}]}, "/readings/0/value"),
        (("body",), None, ""),
        (("query", "limit"), None, "query/limit"),
        (("path", "patient_id"), None, "path/patient_id"),
        (("body", "Doris Example born 1948"), {"Doris Example born 1948": 1}, ""),
        (("query", "Doris Example"), None, "query"),
    ],
)
def test_a_fault_points_into_the_body_or_names_the_parameter(
    place: tuple[str | int, ...], body: object, pointer: str
) -> None:
    assert faults_of([{"type": "missing", "loc": place, "msg": ""}], body)[0].pointer == pointer


def test_a_fault_says_our_words_and_never_pydantics_which_may_quote_the_input() -> None:
    found: list[dict[str, object]] = [
        {"type": "uuid_parsing", "loc": ("body", "id"), "msg": "found `DORIS` at 1", "input": "DORIS"},
        {"type": "something_new", "loc": ("body", "x"), "msg": "DORIS", "input": "DORIS"},
        {"type": "value_error", "loc": ("body", "x"), "msg": "Value error, DORIS", "ctx": {"error": "DORIS"}},
        {"type": "string_too_long", "loc": ("body", "n"), "msg": "", "ctx": {"max_length": 5}, "input": "DORIS"},
        {"type": "enum", "loc": ("body", "n"), "msg": ""},
    ]
    faults = faults_of(found, {"id": "DORIS", "x": "DORIS", "n": "DORIS"})
    assert "DORIS" not in str(faults)
    assert faults[3].message == "This must have at most 5 characters."
