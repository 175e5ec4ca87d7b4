"""The cast with a pathway, at the instant from which everything here is counted."""

from __future__ import annotations

import pytest

from tests.databases import Troupe, Troupes
from tests.pathway_cast import assemble_with_pathway


@pytest.fixture(scope="session")
def troupe(troupes: Troupes) -> Troupe:
    return troupes.assembled_by(assemble_with_pathway)
