"""Every body in openapi.yaml is shown by an example, and each example is true: by its schema, and by its model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, JsonValue

import api.app  # noqa: F401 - all models are made when all routes are
from api.json_gate import parse_json
from api.schemas.examples import EXAMPLES, NOUNS
from api.schemas.observations import ReadingIn
from api.schemas.strict import In, Out
from tests.promise import promise

PROMISE = promise()
SCHEMAS: dict[str, Any] = PROMISE["components"]["schemas"]
WHERE = "write one into api/schemas/examples/<noun>.py under the model's name, or into the model (json_schema_extra)"
METHODS = {"get", "put", "post", "delete"}


def models(of: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return all models of a kind by name."""
    found: dict[str, type[BaseModel]] = {}
    for model in of.__subclasses__():
        if model.__module__.startswith("api."):  # not those that another test makes
            found |= {model.__name__: model} | models(model)
    return found


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each JSON body that an operation takes, or succeeds with, and which it is."""
    for path, operations in PROMISE["paths"].items():
        for method in METHODS & operations.keys():
            operation = operations[method]
            asked = [("request", operation["requestBody"])] if "requestBody" in operation else []
            told = [(status, answer) for status, answer in operation["responses"].items() if status < "3"]
            for which, body in [*asked, *told]:
                if (media := body.get("content", {}).get("application/json")) is not None:
                    yield f"{method} {path} {which}", media["schema"]


NAMED = sorted({schema["$ref"].rpartition("/")[2] for _, schema in bodies() if "$ref" in schema})


def shown(name: str) -> list[JsonValue]:
    """Return the examples of a schema."""
    found: list[JsonValue] = SCHEMAS[name].get("examples", [])
    return found


def test_every_body_is_a_named_schema_with_an_example() -> None:
    assert [where for where, schema in bodies() if "$ref" not in schema] == []
    assert [name for name in NAMED if not shown(name)] == [], WHERE
    assert len(NAMED) > 130


@pytest.mark.parametrize("name", [name for name in SCHEMAS if shown(name)])
def test_an_example_is_what_its_schema_asks_for(name: str) -> None:
    whole = {"$ref": f"#/components/schemas/{name}", "components": PROMISE["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    for example in shown(name):
        assert [f"{list(fault.instance_path)}: {fault.message}" for fault in validator.iter_errors(example)] == []


@pytest.mark.parametrize("name", [name for name in NAMED if name in models(In)])
def test_an_example_of_what_is_sent_is_taken(name: str) -> None:
    for example in shown(name):
        sent = parse_json(json.dumps(example).encode())
        taken = models(In)[name].model_validate(sent)
        for reading in getattr(taken, "readings", ()):
            ReadingIn.model_validate(reading)


@pytest.mark.parametrize("name", [name for name in NAMED if name in models(Out)])
def test_an_example_of_what_is_told_is_an_answer_of_ours_without_a_member_too_many_or_too_few(name: str) -> None:
    model = models(Out)[name]
    ours = {field.serialization_alias or key: key for key, field in model.model_fields.items()}
    for example in shown(name):
        told = parse_json(json.dumps(example).encode())
        model.model_validate({ours[key]: value for key, value in told.items()})


def test_every_model_that_is_a_body_was_looked_at() -> None:
    assert set(NAMED) <= models(In).keys() | models(Out).keys()


def test_no_example_is_left_of_what_is_gone_and_none_is_written_twice() -> None:
    assert EXAMPLES.keys() - SCHEMAS.keys() == set()
    written = [name for noun in NOUNS for name in noun.EXAMPLES]
    assert len(written) == len(set(written))
