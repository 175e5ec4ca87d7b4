"""What sort of notice there is, by which way it goes and in which language: the words all of it is said in. Pure.

What is said on a lock screen or in a letter is one of a few sentences, which name nobody and nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class NoticeKind(StrEnum):
    """What sort of thing it is."""

    something_due = "something_due"
    something_new = "something_new"
    message = "message"
    try_out = "try_out"
    confirm = "confirm"


# What people choose to be told of, by the ways they choose: nothing, until they do.
CHOOSABLE = (NoticeKind.something_due, NoticeKind.something_new)


class Channel(StrEnum):
    """By which way a notice goes."""

    web_push = "web_push"
    apns = "apns"
    fcm = "fcm"
    sms = "sms"
    email = "email"


# Whoever gives one of these must show that it is theirs, by a code that is sent there. A browser or an app gives its
# own, which it alone has.
CONFIRMED_BY_CODE = frozenset({Channel.sms, Channel.email})


class Language(StrEnum):
    """In which language somebody is told."""

    english = "en"
    welsh = "cy"


TITLE = "Tendwell"
_ENGLISH: Mapping[NoticeKind, str] = {
    NoticeKind.something_due: "Something is due. Open Tendwell to see it.",
    NoticeKind.something_new: "There is something new for you. Open Tendwell to see it.",
    NoticeKind.message: "You have a message. Open Tendwell to read it.",
    NoticeKind.try_out: "This is how Tendwell tells you something.",
    NoticeKind.confirm: "Your Tendwell code is {code}. Never tell it to anybody.",
}
# [to be read by a Welsh speaker before real people's data come in]
_WELSH: Mapping[NoticeKind, str] = {
    NoticeKind.something_due: "Mae rhywbeth i'w wneud. Agorwch Tendwell i'w weld.",
    NoticeKind.something_new: "Mae rhywbeth newydd i chi. Agorwch Tendwell i'w weld.",
    NoticeKind.message: "Mae gennych neges. Agorwch Tendwell i'w darllen.",
    NoticeKind.try_out: "Dyma sut mae Tendwell yn rhoi gwybod i chi am rywbeth.",
    NoticeKind.confirm: "Eich cod Tendwell yw {code}. Peidiwch byth â'i rannu â neb.",
}
WORDS: Mapping[Language, Mapping[NoticeKind, str]] = MappingProxyType(
    {Language.english: _ENGLISH, Language.welsh: _WELSH}
)
