"""Copies of one's own record."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from api.schemas.strict import Out
from domain.rights.export_queries import OwnExport

ExportState = Literal["waiting", "working", "ready", "handed_over", "expired", "failed"]


class OwnExportOut(Out):
    """A copy that was asked for: `done` of `sections` are gathered. While `ready` it can be fetched."""

    id: UUID
    state: ExportState
    asked_at: datetime
    done: int
    sections: int
    ended_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, found: OwnExport, sections: int) -> Self:
        """Return how far an export is."""
        return cls.model_validate(
            {
                "id": found.id,
                "state": found.state,
                "asked_at": found.asked_at,
                "done": found.section,
                "sections": sections,
                "ended_at": found.ended_at,
                "expires_at": found.expires_at,
            }
        )


class OwnExportPage(Out):
    """A page of the caller's copies, newest first."""

    items: list[OwnExportOut]
    next_cursor: str | None
