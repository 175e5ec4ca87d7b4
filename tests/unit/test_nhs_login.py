"""What NHS login must have proven: its published table of vectors is the text of these tests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.nhs_login import (
    DEFAULT_VECTORS,
    Demands,
    NotProven,
    is_same_family_name,
    proven_identity,
    read_vector,
    require_strong,
)

# NHS login, interface specification for federation, "Profiles supported": the vector, and whether it is two factors.
PROFILES = {
    "P0.Cp": False,
    "P0.Cp.Cd": True,
    "P0.Cp.Ck": True,
    "P0.Cm": True,
    "P5.Cp": False,
    "P5.Cp.Cd": True,
    "P5.Cp.Ck": True,
    "P5.Cm": True,
    "P9.Cp": False,
    "P9.Cp.Cd": True,
    "P9.Cp.Ck": True,
    "P9.Cm": True,
}
SENSITIVE = {"P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm"}  # "Example 1: Partner service provides access to sensitive data"
DEMANDS = Demands(DEFAULT_VECTORS, "https://trust.test", test_numbers=False)
CLAIMS = {
    "vot": "P9.Cp.Cd",
    "vtm": "https://trust.test",
    "identity_proofing_level": "P9",
    "nhs_number": "4010232137",
    "birthdate": "2001-12-30",
    "family_name": "Johnson",
}


@pytest.mark.parametrize("text", PROFILES)
def test_of_nhs_login_s_profiles_those_for_sensitive_data_are_enough(text: str) -> None:
    vector = read_vector(text)
    assert vector.has_two_factors is PROFILES[text]
    assert any(vector.satisfies(read_vector(wanted)) for wanted in DEFAULT_VECTORS) is (text in SENSITIVE)
    assert set(DEFAULT_VECTORS) == SENSITIVE


def test_more_than_was_asked_for_is_enough_and_other_than_it_is_not() -> None:
    wanted = read_vector("P5.Cp.Cd")
    assert read_vector("P9.Cd.Cp.Ck").satisfies(wanted)
    assert not read_vector("P9.Cm").satisfies(wanted)
    assert not read_vector("P4.Cp.Cd").satisfies(wanted)


@pytest.mark.parametrize(
    "text",
    ["", "P9", "Cp.Cd", "P9.P5.Cp.Cd", "P9.Cp.Cp", "P9 Cp Cd", "P9.Cp.", "p9.Cp.Cd", "PX.Cp", "P9.Cpd", "P٩.Cp.Cd"],
)
def test_what_is_no_vector_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a vector"):
        read_vector(text)
    with pytest.raises(NotProven):
        proven_identity(CLAIMS | {"vot": text}, {}, DEMANDS)


@given(st.text(alphabet="PC.019pdkm", max_size=30))
def test_whatever_is_said_only_the_highest_proofing_with_two_factors_is_let_in(text: str) -> None:
    try:
        proven_identity(CLAIMS | {"vot": text}, {}, DEMANDS)
    except NotProven:
        return
    parts = set(text.split("."))
    assert "P9" in parts
    assert {"Cp", "Cd"} <= parts or {"Cp", "Ck"} <= parts or "Cm" in parts


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"vtm": "https://trust.test/"}, "vtm"),
        ({"vtm": None}, "vtm"),
        ({"vot": None}, "vot"),
        ({"vot": ["P9.Cp.Cd"]}, "vot"),
        ({"identity_proofing_level": "P5"}, "identity_proofing_level"),
        ({"identity_proofing_level": 9}, "identity_proofing_level"),
        ({"nhs_number": "4010232138"}, "nhs_number"),
        ({"nhs_number": "9990000018"}, "nhs_number"),
        ({"nhs_number": 4010232137}, "nhs_number"),
        ({"birthdate": "30/12/2001"}, "birthdate"),
        ({"birthdate": "2001-02-30"}, "birthdate"),
        ({"family_name": None}, "family_name"),
    ],
)
def test_each_claim_is_asked_for(spoilt: dict[str, Any], code: str) -> None:
    with pytest.raises(NotProven, match=f"^{code}$"):
        proven_identity(CLAIMS | spoilt, {}, DEMANDS)


def test_claims_may_stand_in_userinfo_but_never_differ_from_the_token_s() -> None:
    fetched = {name: CLAIMS[name] for name in ("nhs_number", "birthdate", "family_name", "identity_proofing_level")}
    signed = {"vot": CLAIMS["vot"], "vtm": CLAIMS["vtm"]}
    whole = proven_identity(signed, fetched, DEMANDS)
    assert whole == proven_identity(CLAIMS, {}, DEMANDS) == proven_identity(CLAIMS, fetched, DEMANDS)
    assert whole.nhs_number == "4010232137"
    assert "4010232137" not in repr(whole)
    for name in fetched:
        with pytest.raises(NotProven, match=f"^{name}$"):
            proven_identity(CLAIMS, fetched | {name: "another"}, DEMANDS)
    for name in signed:
        with pytest.raises(NotProven, match=f"^{name}$"):
            proven_identity({}, CLAIMS, DEMANDS) if name == "vtm" else proven_identity(
                {"vtm": CLAIMS["vtm"]}, CLAIMS, DEMANDS
            )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien", "OBRIEN"),
        ("O’Brien", "o'brien"),
        ("Smith-Jones", "Smith Jones"),
        ("Núñez", "Nunez"),
        ("MacDonald", "Macdonald"),
        ("Weiß", "WEISS"),
    ],
)
def test_one_family_name_is_the_same_however_it_is_spelt(one: str, other: str) -> None:
    assert is_same_family_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("Smith", ""), ("", ""), ("-", "'"), ("Jones", "Smith Jones")]
)
def test_two_family_names_are_two_and_nothing_is_nobody_s(one: str, other: str) -> None:
    assert not is_same_family_name(one, other)


@pytest.mark.parametrize("vectors", [(), ("P5.Cp.Cd",), ("P9.Cp",), ("P9.Cp.Cd", "P9.Cp"), ("nonsense",)])
def test_less_than_what_opens_a_record_cannot_be_configured(vectors: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        require_strong(vectors)
    require_strong(DEFAULT_VECTORS)
