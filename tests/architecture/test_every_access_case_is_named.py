"""Every case of the vectors about who may see what is named by a test."""

from __future__ import annotations

import json
import re

from tests.architecture.source import ROOT, modules

CASES = {
    case["id"]
    for case in json.loads((ROOT / "tests/vectors/bad_inputs.json").read_text())["cases"]
    if case["area"] == "authz"
}


def test_every_case_of_who_may_see_what_is_named_by_a_test() -> None:
    text = "\n".join(path.read_text() for path in modules("tests") if path.name != "test_every_access_case_is_named.py")
    named = {f"AUTHZ-{number}" for number in re.findall(r"authz[-_](\d{3})", text, re.IGNORECASE)}
    assert len(CASES) > 15
    assert sorted(CASES - named) == []
