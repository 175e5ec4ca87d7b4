"""The bill of materials is of the standard form, whole, and the same wherever it is made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.supply_chain.bill_of_materials import bill
from tests.supply_chain.locks import ROOT, npm_packages, python_packages
from tests.supply_chain.vulnerabilities import ACCEPTED

Told = dict[str, Any]


@pytest.fixture(scope="module")
def written() -> str:
    """Return the bill as it is written."""
    return bill()


@pytest.fixture(scope="module")
def told(written: str) -> Told:
    """Return what the bill says."""
    read: Told = json.loads(written)
    return read


def test_it_is_cyclonedx_1_6(told: Told, written: str) -> None:
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None


def test_it_names_every_locked_package_with_its_licence_and_hashes(told: Told) -> None:
    named = {(c["purl"].partition(":")[2].partition("/")[0], c["name"], c["version"]) for c in told["components"]}
    assert named == {package.key for package in [*python_packages(), *npm_packages()]}
    for component in told["components"]:
        assert component["licenses"][0]["expression"]
        assert component["externalReferences"][0]["hashes"], component["name"]


def test_it_says_what_needs_what(told: Told) -> None:
    needs = {edge["ref"]: set(edge.get("dependsOn", ())) for edge in told["dependencies"]}
    assert needs.keys() == {"tendwell", *(component["bom-ref"] for component in told["components"])}
    names = {ref.partition("@")[0] for ref in needs["tendwell"]}
    assert {"pkg:pypi/fastapi", "pkg:pypi/python-jose", "pkg:npm/preact"} <= names
    (jose,) = (asked for ref, asked in needs.items() if ref.startswith("pkg:pypi/python-jose@"))
    assert {ref.partition("@")[0] for ref in jose} >= {"pkg:pypi/ecdsa", "pkg:pypi/cryptography"}
    reached, waiting = set(), ["tendwell"]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs[ref]
    assert {ref for ref in needs if ref.startswith("pkg:pypi/")} <= reached, "nobody asked for it, so why is it here?"


def test_what_only_builds_or_tests_is_told_from_what_serves(told: Told) -> None:
    scopes = {component["name"]: component["scope"] for component in told["components"]}
    assert (scopes["fastapi"], scopes["preact"], scopes["pytest"], scopes["vite"]) == (
        "required",
        "required",
        "excluded",
        "excluded",
    )


def test_each_accepted_vulnerability_stands_in_it_with_its_reason(told: Told) -> None:
    known = {one["id"]: one for one in told["vulnerabilities"]}
    assert known.keys() == ACCEPTED.keys()
    refs = {component["bom-ref"] for component in told["components"]}
    for one in known.values():
        assert one["analysis"]["detail"]
        assert {target["ref"] for target in one["affects"]} <= refs


def test_it_names_no_address_to_download_from(written: str) -> None:
    assert re.findall(r"https?://(?!cyclonedx\.org/schema/)[^\"]+", written) == []


def test_made_again_elsewhere_it_is_the_same_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795316400")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    command = [sys.executable, "-m", "tests.supply_chain.bill_of_materials", str(tmp_path / "bill.json")]
    subprocess.run(command, cwd=ROOT, check=True)
    assert (tmp_path / "bill.json").read_text() == bill()
    assert json.loads(bill())["metadata"]["timestamp"] == "2026-11-22T03:00:00+00:00"
