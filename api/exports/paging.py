"""How a section of a copy goes on: pages of what was found, and where the next one begins. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a section, and where in it to go on: None when this was its last page."""

    items: list[Any]
    after: str | None = None


class HasId(Protocol):
    """Something that is known by its id."""

    @property
    def id(self) -> UUID:
        """Return the id."""
        ...


Found = TypeVar("Found")
Kept = TypeVar("Kept", bound=HasId)


def paged(
    found: list[Found], limit: int, tell: Callable[[Found], dict[str, Any]], place: Callable[[Found], str]
) -> Page:
    """Return the page of what was found, which is one more than the limit when it goes on."""
    shown = found[:limit]
    return Page([tell(each) for each in shown], place(shown[-1]) if len(found) > limit else None)


def paged_by_id(found: list[Kept], limit: int, tell: Callable[[Kept], BaseModel]) -> Page:
    """Return the page of things that are told from the latest on, by their ids."""
    return paged(found, limit, lambda each: tell(each).model_dump(mode="json"), lambda last: str(last.id))


def instant_place(at: datetime, number: UUID | int) -> str:
    """Return where to go on after something of an instant."""
    return f"{at.isoformat()} {number}"


def after_instant(after: str | None) -> tuple[datetime, UUID] | None:
    """Return after which instant and id to go on, if not from the beginning."""
    if after is None:
        return None
    at, _, number = after.partition(" ")
    return datetime.fromisoformat(at), UUID(number)


def after_entry(after: str | None) -> tuple[datetime, int] | None:
    """Return after which instant and number to go on, if not from the beginning."""
    if after is None:
        return None
    at, _, number = after.partition(" ")
    return datetime.fromisoformat(at), int(number)


def after_id(after: str | None) -> UUID | None:
    """Return after which id to go on, if not from the beginning."""
    return None if after is None else UUID(after)
