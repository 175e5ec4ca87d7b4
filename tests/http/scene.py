"""What stands in the record before the matrix is asked: one of everything that has a route of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast


@dataclass
class Scene:
    """Ids by name."""

    ids: dict[str, UUID] = field(default_factory=dict)


async def set_scene(session: AsyncSession, cast: Cast) -> Scene:
    """Return the ids of an observation, a goal, a plan, a pathway and the rest, made by those who may."""
    return Scene()
