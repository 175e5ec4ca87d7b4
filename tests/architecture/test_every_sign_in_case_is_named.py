"""Every case of the vectors about signing in is named by a test."""

from __future__ import annotations

import json
import re

from tests.architecture.source import ROOT, names_of_tests
from tests.unit.test_tokens import OURS

CASES = {
    case["id"]
    for case in json.loads((ROOT / "tests/vectors/bad_inputs.json").read_text())["cases"]
    if case["id"].startswith("AUTH-")
}


def test_every_case_of_signing_in_is_named_by_a_test() -> None:
    numbers = {
        n for name in names_of_tests() if name.startswith("test_auth_") for n in re.findall(r"_(0[0-9]{2})(?=_)", name)
    }
    named = {f"AUTH-{number}" for number in numbers} | OURS.keys()
    assert CASES - named == set()
