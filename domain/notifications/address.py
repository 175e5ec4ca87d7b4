"""Where somebody can be told something: what a browser, an app or a telephone gives, and the code that proves it.

Pure. A code is not kept: it is worked out from the installation's secret, the address and which sending of it this is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import Fault, Invalid
from domain.keys.sealing import Sealing
from domain.notifications.words import Channel

PURPOSE = "notice_address"
_CODE_PURPOSE = "notice_code"
CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=10)
# Of a million codes; after so many the address is to be given anew, and another code sent.
MOST_WRONG_CODES = 5
# What a day's texts to one account may cost whoever runs this, and annoy whoever has that number.
MOST_CODES_A_DAY = 5
MOST_ADDRESSES = 20
# British mobile numbers alone: texts to anywhere else cost more, and GOV.UK Notify asks for them to be agreed.
_MOBILE = re.compile(r"\+447[0-9]{9}")


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address to be kept: its channel, what its holder calls it, and the address itself as text ('' for email)."""

    channel: Channel
    name: str
    text: str = field(repr=False)


def mobile_number(typed: str, pointer: str = "/number") -> str:
    """Return a British mobile number as +447…, however it was typed. Raises Invalid."""
    digits = re.sub(r"[ ()-]", "", typed)
    number = f"+44{digits[1:]}" if digits.startswith("07") else re.sub(r"^0044", "+44", digits)
    if not _MOBILE.fullmatch(number):
        fault = Fault(pointer, "not_a_mobile_number", "Give a British mobile number, for example 07700 900123.")
        raise Invalid("This number cannot be texted.", [fault])
    return number


def marks_of(sealing: Sealing, channel: Channel, text: str) -> tuple[bytes, ...]:
    """Return keyed hashes by which the same address is known: the first is kept, any of them finds it."""
    told = f"{channel.value}\0{text}".encode()
    return tuple(hmac.digest(key, told, hashlib.sha256) for key in sealing.mac_keys(PURPOSE))


def code_of(sealing: Sealing, address_id: UUID, sent_at: datetime) -> str:
    """Return the code that is sent to an address at an instant."""
    return _codes(sealing, address_id, sent_at)[0]


def is_code_of(sealing: Sealing, given: str, address_id: UUID, sent_at: Sequence[datetime]) -> bool:
    """Return whether a code is one of those sent to an address at these instants."""
    return any(
        hmac.compare_digest(given.encode(), code.encode()) for at in sent_at for code in _codes(sealing, address_id, at)
    )


def _codes(sealing: Sealing, address_id: UUID, sent_at: datetime) -> list[str]:
    told = address_id.bytes + str(int(sent_at.timestamp() * 1_000_000)).encode()
    drawn = (hmac.digest(key, told, hashlib.sha256) for key in sealing.mac_keys(_CODE_PURPOSE))
    return [f"{int.from_bytes(each[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}}" for each in drawn]
