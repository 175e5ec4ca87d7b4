"""Every action, basis and role that the trail can hold has plain words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from domain.access.actor import Role
from domain.access.ground import Basis, Encounter
from domain.observations.catalogue import CATALOGUE
from domain.people.delegation import Ground
from domain.rights.access_words import ACTIONS, BASES, RIGHTS, ROLES, basis_in_words, deed_in_words
from tests.architecture.source import modules, tree

_RECORDERS = {"record_audit", "record_audits", "_audit"}
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def recorded_actions() -> Iterator[str]:
    """Yield every action named where something is recorded, or as the default of an `action`."""
    for path in modules("domain", "api"):
        for node in ast.walk(tree(path)):
            texts: list[ast.AST] = []
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                texts = list(node.args[:3]) if name in _RECORDERS else []
                texts += [each.value for each in node.keywords if each.arg == "action"]
            elif isinstance(node, ast.arguments):
                texts = [each for each in (*node.defaults, *node.kw_defaults) if each is not None]
            for text in texts:
                for part in ast.walk(text):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and _ACTION.fullmatch(part.value):
                        yield part.value


def test_every_action_that_is_recorded_has_plain_words() -> None:
    found = set(recorded_actions())
    assert len(found) > 50, "the search finds nothing: it shows nothing"
    assert found - set(ACTIONS) == set(), "give it its words in domain/rights/access_words.py"


def test_every_basis_and_role_has_plain_words() -> None:
    assert set(BASES) == {*Basis, *Encounter}
    assert set(ROLES) == set(Role)
    assert set(RIGHTS) == set(Ground)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_words_read_well_to_the_patient_and_to_others(action: str) -> None:
    for about in (None, *CATALOGUE):
        mine, theirs = (deed_in_words(action, about, to_the_patient=mine) for mine in (True, False))
        assert not re.search(r"[{}]", mine + theirs)
        assert not re.search(r"\byours?\b|\byou\b", theirs)


def test_a_sign_is_named_in_the_middle_of_a_sentence() -> None:
    told = [deed_in_words("observation.list", sign, to_the_patient=True) for sign in ("blood_pressure", None)]
    assert told == ["read your blood pressure readings", "read your readings"]
    assert deed_in_words("observation.series", "hba1c", to_the_patient=False).startswith("looked at a chart of the p")


def test_what_was_kept_before_reasons_were_says_so() -> None:
    assert "Not recorded" in basis_in_words(None, to_the_patient=True)
    assert (
        basis_in_words("care_home", to_the_patient=False) == "They work in the care home where the patient lived then"
    )
