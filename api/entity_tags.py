"""ETag, If-Match and If-None-Match (RFC 9110, 8.8.3 and 13): who edits says what they saw, who has it is told so.

A tag is `"version.seal.digest"`: which version of what can be edited, a seal that ties it to that very thing, and a
keyed digest of the whole answer. If-None-Match is judged by the whole tag. If-Match is judged by the version: an
answer also shows what nobody edits (a goal's progress, the home a patient lives in), and a new reading must not
refuse the new wording of a goal. Nothing of a record can be read out of a tag.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from api.deps import TheServices
from api.refusals import PreconditionMissing
from domain.versions import Seen

_PURPOSE = b"tendwell entity tag 1"  # the key signs page cursors too; neither reads as the other
_BYTES = 12  # 96 bits: nobody can make one, and no two answers will share one
_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_OURS = re.compile(r"([0-9]{1,9})\.([A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]{16}", re.ASCII)
GREATEST_LENGTH = 1024
IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"

Shown = TypeVar("Shown", bound=BaseModel)


class NotModified(Exception):
    """The caller has this very answer already: no refusal, but no body either."""

    def __init__(self, tag: str) -> None:
        super().__init__("not modified")
        self.tag = tag


def is_named(tag: str, none_match: str | None) -> bool:
    """Return whether an If-None-Match names this tag, weakly or not, or whatever there is."""
    known = none_match or ""
    return known.strip() == "*" or any(f'"{each}"' == tag for _, each in _TAG.findall(known))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request says of versions, and the answer that will carry the present one."""

    key: bytes
    response: Response
    match: str | None = None
    none_match: str | None = None

    def seen(self, about: UUID) -> Seen | None:
        """Return the versions of this thing that the caller has seen; None when they name none."""
        if self.match is None or self.match.strip() == "*":
            return None
        tags = [tag for weak, tag in _TAG.findall(self.match) if not weak]
        return frozenset(version for tag in tags if (version := self._version(about, tag)) is not None)

    def told(self, shown: Shown, *, about: UUID, version: int) -> Shown:
        """Return the answer, its tag in the headers. Raises NotModified when the caller has it already.

        A read calls it when its transaction has been committed: that somebody looked is audited either way. A deed
        that is done once calls it before `deed.reply`, which keeps the tag for a repeat; it has no If-None-Match.
        """
        tag = self._tag(shown, about, version)
        if self.none_match is not None and self._is_known(tag):
            raise NotModified(tag)
        self.response.headers["ETag"] = tag
        return shown

    def _tag(self, shown: BaseModel, about: UUID, version: int) -> str:
        digest = _written(self._keyed(b"shown", shown.model_dump_json().encode()))
        return f'"{version}.{self._seal(about, version)}.{digest}"'

    def _seal(self, about: UUID, version: int) -> str:
        return _written(self._keyed(b"version", about.bytes, str(version).encode()))

    def _keyed(self, *parts: bytes) -> bytes:
        return hmac.digest(self.key, b"\0".join((_PURPOSE, *parts)), hashlib.sha256)[:_BYTES]

    def _version(self, about: UUID, tag: str) -> int | None:
        """Return the version that a tag of ours for this thing names; None for any other."""
        ours = _OURS.fullmatch(tag)
        if ours is None:
            return None
        version = int(ours[1])
        return version if hmac.compare_digest(ours[2], self._seal(about, version)) else None

    def _is_known(self, tag: str) -> bool:
        return is_named(tag, self.none_match)


@dataclass(frozen=True, slots=True)
class Edit(Conditions):
    """The conditions of an edit, which always names what was seen."""

    def __post_init__(self) -> None:
        """Raise PreconditionMissing when the caller names nothing; '*' is whatever there is, seen or not."""
        if self.match is None or self.match.strip() == "*":
            raise PreconditionMissing

    def seen(self, about: UUID) -> Seen:
        """Return the versions of this thing that the caller has seen; none when they name another's, or no tag."""
        return Conditions.seen(self, about) or frozenset()


_NoneMatch = Annotated[
    str | None,
    Header(alias=IF_NONE_MATCH, max_length=GREATEST_LENGTH, description="An ETag you have: 304 if it still holds."),
]
_Match = Annotated[
    str | None,
    Header(
        alias=IF_MATCH,
        max_length=GREATEST_LENGTH,
        description="The ETag of what you read: 412 if it has changed since.",
    ),
]
_RequiredMatch = Annotated[
    str | None,
    Header(
        alias=IF_MATCH,
        max_length=GREATEST_LENGTH,
        description="The ETag of what you read: 412 if it has changed since, 428 without.",
        json_schema_extra={"x-required": True},
    ),
]


async def _reading(
    request: Request, response: Response, held: TheServices, none_match: _NoneMatch = None
) -> Conditions:
    return Conditions(held.cursor_secret, response, none_match=_whole(request, IF_NONE_MATCH, none_match))


async def _moving(request: Request, response: Response, held: TheServices, match: _Match = None) -> Conditions:
    return Conditions(held.cursor_secret, response, match=_whole(request, IF_MATCH, match))


async def _editing(request: Request, response: Response, held: TheServices, match: _RequiredMatch = None) -> Edit:
    return Edit(held.cursor_secret, response, match=_whole(request, IF_MATCH, match))


def _whole(request: Request, name: str, first: str | None) -> str | None:
    """Return a header that may stand on several lines as one."""
    return None if first is None else ", ".join(request.headers.getlist(name))


# For a GET, a step that may be taken unseen, and an edit that may not.
Tagged = Annotated[Conditions, Depends(_reading)]
IfMatch = Annotated[Conditions, Depends(_moving)]
MustMatch = Annotated[Edit, Depends(_editing)]


def not_modified(error: NotModified) -> Response:
    """Return the answer to who has it already."""
    return Response(status_code=304, headers={"ETag": error.tag})


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
