"""What is sealed opens where it was sealed, and nowhere else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.run.first_secrets import new_secret
from domain.keys.key_pair import new_key_pair, public_members, thumbprint
from domain.keys.sealing import CannotUnseal, Sealing

OLD, NEW = new_secret(), new_secret()
SEALING, ROW = Sealing.of(NEW), uuid4()


@given(st.binary(max_size=300), st.sampled_from(["totp_secret", "access_token"]))
def test_what_was_sealed_opens_for_its_row_and_purpose(plain: bytes, purpose: str) -> None:
    sealed = SEALING.seal(plain, purpose=purpose, row_id=ROW)
    assert SEALING.unseal(sealed, purpose=purpose, row_id=ROW) == plain
    assert len(plain) < 8 or plain not in sealed


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert len({SEALING.seal(b"x", purpose="p", row_id=ROW) for _ in range(100)}) == 100


@given(st.data())
def test_nothing_that_was_changed_opens(data: st.DataObject) -> None:
    sealed = SEALING.seal(b"a private half", purpose="access_token", row_id=ROW)
    position = data.draw(st.integers(0, len(sealed) - 1))
    bent = bytearray(sealed)
    bent[position] ^= data.draw(st.integers(1, 255))
    for changed in (bytes(bent), sealed[:position], sealed + b"x"):
        with pytest.raises(CannotUnseal):
            SEALING.unseal(changed, purpose="access_token", row_id=ROW)


def test_it_opens_in_no_other_row_for_no_other_purpose_and_with_no_other_secret() -> None:
    sealed = SEALING.seal(b"secret", purpose="totp_secret", row_id=ROW)
    for sealing, purpose, row in (
        (SEALING, "totp_secret", uuid4()),
        (SEALING, "access_token", ROW),
        (Sealing.of(OLD), "totp_secret", ROW),
    ):
        with pytest.raises(CannotUnseal) as refused:
            sealing.unseal(sealed, purpose=purpose, row_id=row)
        assert NEW not in str(refused.value)


def test_after_a_change_of_secret_the_old_still_opens_and_the_new_seals() -> None:
    before = Sealing.of(OLD).seal(b"secret", purpose="p", row_id=ROW)
    both = Sealing.of(f"{NEW}\n{OLD}\n")
    assert both.unseal(before, purpose="p", row_id=ROW) == b"secret"
    assert Sealing.of(NEW).unseal(both.seal(b"more", purpose="p", row_id=ROW), purpose="p", row_id=ROW) == b"more"


def test_no_secret_shows_when_a_sealing_or_a_key_pair_is_printed() -> None:
    pair = new_key_pair()
    assert NEW not in repr(SEALING)
    assert pair.private_pem not in repr(pair)


# The public key of RFC 7517, appendix A.1, and the thumbprint that the libraries of others have for it.
PUBLISHED = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A
iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==
-----END PUBLIC KEY-----
"""


def test_a_key_s_name_is_the_thumbprint_of_its_public_half() -> None:
    assert thumbprint(PUBLISHED) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"
    assert public_members(PUBLISHED)["x"] == "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
    pair = new_key_pair()
    assert thumbprint(pair.public_pem) == pair.kid


def test_a_key_s_name_can_be_given_to_a_command() -> None:
    assert not any(new_key_pair().kid.startswith("-") for _ in range(300))
