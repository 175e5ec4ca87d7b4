"""What a command says that is for the owner of the tables, and was asked as somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.postgres.errors import NotAllowed, is_not_allowed


@contextmanager
def asked_as_owner(deed: str) -> Iterator[None]:
    """Let errors through, but for PostgreSQL's refusal: raise NotAllowed, which says what it was and who may do it."""
    try:
        yield
    except Exception as error:
        if not is_not_allowed(error):
            raise
        raise NotAllowed(
            f"This login may not {deed}: TENDWELL_OWNER_DATABASE_URL must name the tables' owner."
        ) from None
