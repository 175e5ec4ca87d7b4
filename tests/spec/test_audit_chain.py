"""The tree hash of RFC 6962 section 2.1, and checkpoints as C2SP writes them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.chain import COLUMNS, Tree, row_hash
from domain.audit.checkpoint import Checkpoint, NotACheckpoint, read_notes, signed
from domain.keys.key_pair import new_key_pair

ROW = dict.fromkeys(COLUMNS) | {"id": 1, "at": datetime(2026, 3, 1, 12, tzinfo=UTC), "account_id": UUID(int=7)}
SEALED_AT = datetime(2026, 3, 1, 12, 0, 2, tzinfo=UTC)


def tree_hash(leaves: list[bytes]) -> bytes:
    """Return MTH as the RFC defines it, by recursion; the leaves are hashed already."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.data())
def test_the_tree_hash_is_the_rfc_s_however_often_its_state_is_stored_on_the_way(
    leaves: list[bytes], data: st.DataObject
) -> None:
    tree = Tree(0, [])
    for leaf in leaves:
        tree.append(leaf)
        if data.draw(st.booleans()):
            tree = Tree.read(tree.size, tree.stored())
    assert (tree.size, tree.root()) == (len(leaves), tree_hash(leaves))


def test_the_published_roots_of_the_rfc_s_reference_implementation() -> None:
    # certificate-transparency's merkletree tests: these eight inputs, and the roots of the first 1 to 8 of them.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = Tree(0, [])
    for data, root in zip(inputs, roots, strict=True):
        tree.append(hashlib.sha256(b"\x00" + bytes.fromhex(data)).digest())
        assert tree.root().hex() == root


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_and_the_place_and_the_time_of_sealing_are_hashed(column: str) -> None:
    before = row_hash(ROW, position=1, sealed_at=SEALED_AT)
    other = datetime(2026, 3, 2, tzinfo=UTC) if column == "at" else "x"
    assert row_hash(ROW | {column: other}, position=1, sealed_at=SEALED_AT) != before
    assert row_hash(ROW, position=2, sealed_at=SEALED_AT) != before
    assert row_hash(ROW, position=1, sealed_at=datetime(2026, 3, 2, tzinfo=UTC)) != before


def test_what_is_absent_is_not_hashed_like_an_empty_text() -> None:
    told = [row_hash(ROW | {"reason": reason}, position=1, sealed_at=SEALED_AT) for reason in (None, "", "null")]
    assert len(set(told)) == 3


def test_a_checkpoint_is_a_signed_note_of_origin_size_and_root() -> None:
    pair = new_key_pair()
    note = signed(Checkpoint("tendwell.example/audit/1", 3, bytes(range(32))), pair.private_pem)
    text, _, signatures = note.partition("\n\n")
    assert text == "tendwell.example/audit/1\n3\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    dash, name, encoded = signatures.split()
    assert (dash, name) == ("—", "tendwell.example/audit/1")
    raw = base64.b64decode(encoded)
    public = serialization.load_pem_public_key(pair.public_pem.encode())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert raw[:4] == hashlib.sha256(spki).digest()[:4]
    public.verify(raw[4:], f"{text}\n".encode(), ec.ECDSA(hashes.SHA256()))


def test_notes_kept_one_after_another_are_read_back_and_only_their_signer_s_key_verifies_them() -> None:
    pair, other = new_key_pair(), new_key_pair()
    stated = [Checkpoint("tendwell.example/audit/1", size, bytes(32)) for size in (3, 7)]
    notes = read_notes("\n".join(signed(each, pair.private_pem) for each in stated))
    assert [note.checkpoint for note in notes] == stated
    assert all(note.is_signed_by([other.public_pem, pair.public_pem]) for note in notes)
    assert not any(note.is_signed_by([other.public_pem]) for note in notes)
    forged = read_notes(signed(stated[0], pair.private_pem).replace("\n3\n", "\n2\n"))
    assert not forged[0].is_signed_by([pair.public_pem])


@pytest.mark.parametrize("text", ["", "\n\n", "a\n1\n", "a\n1\nAA==\n\n", "a\n01\nAA==\n\n— a AA==\n", "a\nx\ny\n\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotACheckpoint):
        read_notes(text)
