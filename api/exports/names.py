"""The names of those who recorded, agreed or decided something, beside their ids: an id tells a person nothing.

Who looked at the record is named in it anyway, whoever they are; this tells no more of anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.queries import names_of_accounts

# Members that hold the id of whoever did something, and the member that tells their name.
NAMED: Final[Mapping[str, str]] = {
    "recorded_by": "recorded_by_name",
    "retracted_by": "retracted_by_name",
    "made_by": "made_by_name",
    "set_by": "set_by_name",
    "amended_by": "amended_by_name",
    "stated_by": "stated_by_name",
    "proposed_by": "proposed_by_name",
    "drafted_by": "drafted_by_name",
    "written_by": "written_by_name",
    "decided_by": "decided_by_name",
    "taken_by": "taken_by_name",
    "rated_by": "rated_by_name",
    "acknowledged_by": "acknowledged_by_name",
    "answered_by": "answered_by_name",
    "resolved_by": "resolved_by_name",
    "replaced_by": "replaced_by_name",
    "published_by": "published_by_name",
    "ended_by": "ended_by_name",
    "performer_id": "performer_name",
    "opened_by": "opened_by_name",
    "reviewed_by": "reviewed_by_name",
}


async def with_names(session: AsyncSession, items: list[Any]) -> list[Any]:
    """Return the items with a name beside each id of a person who did something; None where it is known no more."""
    ids = {UUID(str(each)) for item in items for each in _people(item)}
    if not ids:
        return items
    names = {str(account_id): name for account_id, name in (await names_of_accounts(session, ids)).items()}
    return [_named(item, names) for item in items]


def _people(value: Any) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _people(each)
    elif isinstance(value, dict):
        for member, inner in value.items():
            if member not in NAMED:
                yield from _people(inner)
            elif inner is not None:
                yield inner


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    told: dict[str, Any] = {}
    for member, inner in value.items():
        told[member] = _named(inner, names)
        if member in NAMED:
            told[NAMED[member]] = names.get(str(inner))
    return told
