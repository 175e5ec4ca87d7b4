"""openapi.yaml is read by people who write apps: its names are words of the field, not paths of our code."""

from __future__ import annotations

import re

from tests.promise import promise

PROMISE = promise()
METHODS = {"get", "post", "put", "delete", "patch"}


def test_a_schema_s_name_is_a_word() -> None:
    odd = [name for name in PROMISE["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)]
    assert not odd, "two models share a name, so both were given the path of their module"


def test_every_operation_says_what_it_does_under_a_name_of_its_own() -> None:
    operations = [
        operation for path in PROMISE["paths"].values() for method, operation in path.items() if method in METHODS
    ]
    assert all(operation.get("description") for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 40
