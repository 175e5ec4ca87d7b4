"""The NHS number: ten digits whose last is a check on the other nine, issued in known ranges.

Pure. A number that passes is well formed; whose it is, is not known here. Source: NHS Data Dictionary, attribute
NHS NUMBER (modulus 11). Ranges as published with it; Scottish CHI and Northern Irish H&C numbers share the form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Fault, Invalid

# ASCII digits only: Python's \d and int() would also take Arabic-Indic and full-width ones, which match no record.
_WRITTEN = re.compile(r"([0-9]{3})([ -]?)([0-9]{3})\2([0-9]{4})")
_WEIGHTS = range(10, 1, -1)
_MODULUS = 11


class Region(StrEnum):
    """Who issues numbers of a range."""

    scotland_chi = "scotland_chi"
    northern_ireland_hcn = "northern_ireland_hcn"
    england_wales_iom = "england_wales_iom"
    ireland_ihi = "ireland_ihi"
    not_issued_synthetic = "not_issued_synthetic"
    unreserved = "unreserved"


_RANGES = (
    ("0100000000", "3112999999", Region.scotland_chi),
    ("3200000000", "3999999999", Region.northern_ireland_hcn),
    ("4000000000", "4999999999", Region.england_wales_iom),
    ("6000000000", "7999999999", Region.england_wales_iom),
    ("8000000000", "8599999999", Region.ireland_ihi),
    ("9000000000", "9999999999", Region.not_issued_synthetic),
)
_ISSUED = frozenset({Region.scotland_chi, Region.northern_ireland_hcn, Region.england_wales_iom})


@dataclass(frozen=True, slots=True)
class NHSNumber:
    """A well-formed NHS number: its ten digits, and who issues its range."""

    digits: str
    region: Region

    def __str__(self) -> str:
        """Return the number as it is printed for people, 3-3-4."""
        return printed(self.digits)


def printed(digits: str) -> str:
    """Return ten digits as they are printed for people, 3-3-4."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def parse_nhs_number(text: str, *, allow_test_range: bool = False, pointer: str = "/nhs_number") -> NHSNumber:
    """Return the NHS number written in the text: ten digits, or 3-3-4 with spaces or with hyphens throughout.

    `allow_test_range` also takes 9xx xxx xxxx, which is never issued and is used for synthetic people.
    Raises Invalid, without repeating the number, for a wrong form, check digit, placeholder or range.
    """
    written = _WRITTEN.fullmatch(text.strip(" \t\r\n"))
    if written is None:
        raise _invalid(pointer, "nhs_number_form", "An NHS number is ten digits, written together or 3-3-4.")
    digits = written.group(1) + written.group(3) + written.group(4)
    if len(set(digits)) == 1:  # any digit ten times satisfies modulus 11: (10 + ... + 2) d + d = 55 d
        raise _invalid(pointer, "nhs_number_placeholder", "This is a placeholder, not an NHS number. Leave it out.")
    if not has_right_check_digit(digits):
        raise _invalid(pointer, "nhs_number_check_digit", "The check digit is wrong: a digit was mistyped.")
    region = region_of(digits)
    if region not in _ISSUED and not (allow_test_range and region is Region.not_issued_synthetic):
        raise _invalid(pointer, "nhs_number_range", "NHS numbers of this range are not issued.")
    return NHSNumber(digits, region)


def has_right_check_digit(digits: str) -> bool:
    """Return whether the tenth of ten ASCII digits is the modulus 11 check on the first nine."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:9], strict=True))
    check = (_MODULUS - total % _MODULUS) % _MODULUS
    return check == int(digits[9])  # a check of 10 equals no digit: such a number is never issued


def region_of(digits: str) -> Region:
    """Return who issues the range that ten ASCII digits lie in."""
    return next((region for low, high, region in _RANGES if low <= digits <= high), Region.unreserved)


def _invalid(pointer: str, code: str, message: str) -> Invalid:
    return Invalid("The NHS number is not usable.", [Fault(pointer, code, message)])
