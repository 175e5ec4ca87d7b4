"""What a new password must not be: what everybody tries first. Pure, but for a list that is read once.

NIST SP 800-63B-4 (3.1.1.2) and ASVS 5.0 (6.2): long enough, not common, not made of the words of the place; no rules on
which characters, nothing trimmed, folded or cut. What is compared here is a copy; what is hashed is what was typed.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from domain.errors import Fault

LEAST_LENGTH, GREATEST_LENGTH = 12, 256

_LIST = Path(__file__).parent / "common_passwords" / "common_passwords.txt.gz"
_OURS = ("nhs", "tendwell", "national health service", "clinician", "carer", "patient", "nurse", "doctor", "surgery")
_LEAST_WORD = 3  # a name of two letters stands by chance in many a good password
_LONGEST_CHANCE_WORD = 3  # one of three does in many a word ("lee" in "sleep"): it counts at the edge of letters only
# What must be left without the words of the place, years and signs: less is guessed in a few million tries.
_LEAST_REST = 8
_LONGEST_EDGE = 8  # what is put around a common word; more random digits than that are a password by themselves
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")
_YEAR_OR_SIGN = re.compile(r"(?:19|20)[0-9]{2}|[^a-z0-9]")
_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"[\W_]+")
_LONGEST_LITTLE_WORD = 3  # "for", "my", "at": what is put beside a common word adds nothing to it
_LOOK_ALIKE = str.maketrans("@4031!$57", "aaoelisst")
_OR_ELSE = _LOOK_ALIKE | str.maketrans("1", "i")


def fault_of(password: str, context: Iterable[str], *, pointer: str) -> Fault | None:
    """Return what is wrong with a new password, None when nothing is.

    `context`: the person's e-mail address, names, organisation: nobody's password may be made of its holder's.
    """
    if not LEAST_LENGTH <= len(password) <= GREATEST_LENGTH:
        return Fault(pointer, "invalid", f"Use {LEAST_LENGTH} to {GREATEST_LENGTH} characters.")
    folded = unicodedata.normalize("NFKC", password).casefold()
    words = _words(context)
    if any(folded == given.casefold() for given in context):
        return Fault(pointer, "is_email", "Use something else than your address or name.")
    if _is_common(folded):
        return Fault(pointer, "common_password", "Many people use this, or one like it: it is guessed first.")
    if _is_pattern(folded):
        return Fault(pointer, "pattern", "This repeats itself or counts up. Use several words, or something random.")
    if any(_is_of_words(text, words) for text in (folded, *map(folded.translate, (_LOOK_ALIKE, _OR_ELSE)))):
        return Fault(pointer, "context_word", "This is made of your name, your address, or where you are. Add to it.")
    return None


@cache
def common_passwords() -> frozenset[str]:
    """Return the most common passwords, in lower case (see the NOTICE beside the list)."""
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode().split("\n"))


def _is_common(folded: str) -> bool:
    """Return whether it is common, or one common word repeated, spelled or spaced with signs, or between such."""
    texts = [text for whole in (folded, _SEPARATORS.sub("", folded)) for text in (whole, *_core(whole))]
    return any(unit in common_passwords() for text in texts for unit in (_unit(text), _unit(_plain(text))))


def _core(text: str) -> tuple[str, ...]:
    """Return what stands between digits and signs, if those are so few that they are no password by themselves."""
    core = _EDGES.sub("", text)
    return (core,) if len(text) - len(core) <= _LONGEST_EDGE else ()


def _plain(text: str) -> str:
    return _EDGES.sub("", text.translate(_LOOK_ALIKE))


def _unit(text: str) -> str:
    """Return the shortest text of which this one is a repetition: of 'abcabc', 'abc'."""
    return text[: (text + text).find(text, 1)] if text else text


def _is_pattern(folded: str) -> bool:
    """Return whether it repeats up to four characters, with one sign put in or not, or goes on in equal steps.

    'abcdefghijkl', '987654321098', 'a1b2c3d4e5f6': two rows in turn are no better than one.
    """
    spaced = _SEPARATORS.sub("", folded) if len(set(_SEPARATORS.findall(folded)) | {" "}) <= 2 else folded
    steps = [(ord(after) - ord(before)) % 10 for before, after in pairwise(folded)]
    counts = folded.isdigit() and len(set(steps)) == 1
    in_turn = folded[::2], folded[1::2]
    goes_on = _follows(folded) >= len(folded) - 2 or all(_follows(row) >= len(row) - 1 for row in in_turn)
    return min(len(_unit(folded)), len(_unit(spaced)) or LEAST_LENGTH) <= 4 or counts or goes_on


def _follows(text: str) -> int:
    """Return how often a character is the neighbour of the one before it, in the alphabet or on a keyboard."""
    rows = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890")
    return sum(before + after in row or after + before in row for before, after in pairwise(text) for row in rows)


def _words(context: Iterable[str]) -> list[str]:
    """Return the words of the place and the person, the longest first."""
    found = {word for text in (*context, *_OURS) for word in _WORD.findall(text.casefold())}
    return sorted((word for word in found if len(word) >= _LEAST_WORD), key=len, reverse=True)


def _is_of_words(folded: str, words: Sequence[str]) -> bool:
    """Return whether too little is left without these words, or only something common."""
    rest = folded
    for word in words:
        rest = re.sub(_where_it_counts(word), " ", rest)
    if rest == folded:
        return False
    left = [word for word in _WORD.findall(folded) if word not in words and len(word) > _LONGEST_LITTLE_WORD]
    rest = _YEAR_OR_SIGN.sub("", rest)
    return len(rest) < _LEAST_REST or _is_common(rest) or (len(left) == 1 and _is_common(left[0]))


def _where_it_counts(word: str) -> str:
    anywhere = re.escape(word)
    if len(word) > _LONGEST_CHANCE_WORD:
        return anywhere
    return rf"(?<![^\W\d_]){anywhere}|{anywhere}(?![^\W\d_])"
