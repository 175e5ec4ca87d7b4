"""The list of licences is that of what is locked, and holds none that would bind whoever builds on Tendwell."""

from __future__ import annotations

import pytest

from tests.supply_chain import licences
from tests.supply_chain.licences import LIST, READ, UnclearLicence, is_allowed, licence_of, the_list
from tests.supply_chain.locks import Locked, npm_packages, python_packages

PACKAGES = [*python_packages(), *npm_packages()]


def test_the_list_is_what_is_locked() -> None:
    assert LIST.read_text() == the_list(), "make licences"


def test_every_licence_is_allowed() -> None:
    assert {package.name: licence_of(package) for package in PACKAGES if not is_allowed(licence_of(package))} == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-2.0-only OR MIT", True),
        ("MIT AND PSF-2.0", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("LGPL-2.1-or-later", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("BSD", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_is_allowed_by_name_or_not_at_all(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def locked(name: str, version: str = "1.0", licence: str | None = None) -> Locked:
    return Locked("pypi", name, version, ("0" * 64,), frozenset(), is_runtime=True, licence=licence)


def test_a_package_that_says_nothing_clear_has_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "READ", {})
    with pytest.raises(UnclearLicence, match="libpass says"):
        licence_of(locked("libpass"))
    with pytest.raises(UnclearLicence, match="nowhere-installed is not installed here"):
        licence_of(locked("nowhere-installed"))


def test_what_was_read_by_a_person_is_still_locked() -> None:
    assert READ.keys() <= {package.name for package in PACKAGES}
