"""The letter that a row has for the basis on which a reading was recorded."""

from __future__ import annotations

from domain.access.ground import Basis
from domain.observations.basis_letter import letter_of, recorded_as


def test_every_basis_is_told_as_what_was_stored() -> None:
    letters = {letter_of(basis) for basis in Basis}
    assert {len(letter) for letter in letters} == {1}
    assert [recorded_as(letter_of(basis)) for basis in Basis] == [basis.value for basis in Basis]


def test_a_word_from_before_is_told_as_it_stands() -> None:
    assert [recorded_as(basis.value) for basis in Basis] == [basis.value for basis in Basis]
