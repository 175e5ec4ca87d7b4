"""The cast with a pathway, at the instant from which everything here is counted."""

from __future__ import annotations

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.databases import Troupe, Troupes
from tests.import_cast import Writing, transactions_within
from tests.pathway_cast import assemble_with_pathway, worked_example


@pytest.fixture(scope="session")
def troupe(troupes: Troupes) -> Troupe:
    return troupes.assembled_by(assemble_with_pathway)


@pytest.fixture
async def worked(session: AsyncSession, cast: Cast) -> Cast:
    """Return the cast with the worked example's people on the pathway."""
    await worked_example(session, cast)
    return cast


@pytest.fixture
def writing(session: AsyncSession) -> Writing:
    return transactions_within(session)
