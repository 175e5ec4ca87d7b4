"""What each problem type means, at the address that its `type` member names. Public: it says nothing of anybody."""

from fastapi import APIRouter

from api.problems import PROBLEM_TYPES
from api.schemas.strict import Out
from api.strict_routing import StrictRoute
from domain.errors import NotFound

router = APIRouter(prefix="/problems", tags=["problems"], route_class=StrictRoute)


class ProblemTypeOut(Out):
    """One kind of problem."""

    type: str
    status: int
    title: str
    meaning: str


class ProblemTypesOut(Out):
    """Every kind of problem."""

    items: list[ProblemTypeOut]


@router.get("")
async def list_problem_types() -> ProblemTypesOut:
    """Return every kind of problem that this service answers with."""
    return ProblemTypesOut(items=[_shown(slug) for slug in sorted(PROBLEM_TYPES)])


@router.get("/{slug}")
async def get_problem_type(slug: str) -> ProblemTypeOut:
    """Return what one kind of problem means."""
    if slug not in PROBLEM_TYPES:
        raise NotFound("There is no such kind of problem.")
    return _shown(slug)


def _shown(slug: str) -> ProblemTypeOut:
    kind = PROBLEM_TYPES[slug]
    return ProblemTypeOut(type=kind.uri, status=kind.status, title=kind.title, meaning=kind.meaning)
