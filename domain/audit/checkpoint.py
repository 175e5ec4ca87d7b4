"""Checkpoints of the sealed trail, as signed notes to keep outside the database. Pure.

The form is C2SP's tlog-checkpoint in a signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): origin, size, tree
hash; then signatures, here ECDSA on P-256 (type 0x02: the key's id is the hash of its SPKI form). Refuses to know
where keys are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.audit.chain import HASH_BYTES

_DASH = "\N{EM DASH} "
_KEY_ID_BYTES = 4
_ALGORITHM = ec.ECDSA(hashes.SHA256())


class NotACheckpoint(ValueError):
    """A text that is not a checkpoint in a signed note."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the trail was at a size: everything up to that position stands behind the one hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A checkpoint with its signatures: the key's name, its short id, and the signature's bytes."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def is_signed_by(self, public_pems: Iterable[str]) -> bool:
        """Return whether one of these keys has signed it. False too when one of them signed something else."""
        known = {_key_id(pem): pem for pem in public_pems}
        ours = [
            (known[key_id], signature)
            for name, key_id, signature in self.signatures
            if name == self.checkpoint.origin and key_id in known
        ]
        return bool(ours) and all(_verifies(pem, signature, self.checkpoint.text()) for pem, signature in ours)


def signed(checkpoint: Checkpoint, private_pem: str) -> str:
    """Return the checkpoint as a signed note. Raises ValueError for a key that is not EC P-256."""
    private = serialization.load_pem_private_key(private_pem.encode(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signature = _key_id(public.decode()) + private.sign(checkpoint.text().encode(), _ALGORITHM)
    return f"{checkpoint.text()}\n{_DASH}{checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def read_notes(text: str) -> list[SignedNote]:
    """Return the checkpoints of a text that holds one after another. Raises NotACheckpoint."""
    lines = text.split("\n")
    notes: list[SignedNote] = []
    place = 0
    while any(lines[place:]):
        if not lines[place]:
            place += 1
            continue
        blank = _blank_after(lines, place)
        end = blank + 1
        while end < len(lines) and lines[end].startswith(_DASH):
            end += 1
        notes.append(SignedNote(_checkpoint(lines[place:blank]), tuple(map(_signature, lines[blank + 1 : end]))))
        place = end
    if not notes:
        raise NotACheckpoint("The file holds no checkpoint.")
    return notes


def _blank_after(lines: list[str], place: int) -> int:
    try:
        return lines.index("", place)
    except ValueError:
        raise NotACheckpoint("A checkpoint ends before its signatures.") from None


def _checkpoint(lines: list[str]) -> Checkpoint:
    if len(lines) != 3 or not lines[1].isascii() or not lines[1].isdigit() or lines[1] != str(int(lines[1])):
        raise NotACheckpoint("A checkpoint is an origin, a size and a hash, each on a line.")
    root = _decoded(lines[2])
    if len(root) != HASH_BYTES:
        raise NotACheckpoint("A checkpoint's hash has 32 bytes.")
    return Checkpoint(lines[0], int(lines[1]), root)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).rpartition(" ")
    raw = _decoded(encoded)
    return name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotACheckpoint("Hashes and signatures are base64.") from None


def _public(pem: str) -> ec.EllipticCurvePublicKey:
    public = serialization.load_pem_public_key(pem.encode())
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    return public


def _key_id(public_pem: str) -> bytes:
    der = _public(public_pem).public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()[:_KEY_ID_BYTES]


def _verifies(public_pem: str, signature: bytes, text: str) -> bool:
    try:
        _public(public_pem).verify(signature, text.encode(), _ALGORITHM)
    except InvalidSignature:
        return False
    return True
