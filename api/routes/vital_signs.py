"""The catalogue of vital signs: the same for everybody who is signed in."""

from fastapi import APIRouter

from api.deps import CurrentActor
from api.schemas.vital_signs import VitalSignOut, VitalSignsOut
from api.strict_routing import StrictRoute
from domain.observations.catalogue import CATALOGUE

router = APIRouter(prefix="/v1/vital-signs", tags=["observations"], route_class=StrictRoute)


@router.get("")
async def list_vital_signs(actor: CurrentActor) -> VitalSignsOut:
    """Return every vital sign with its codes, units and limits, and for how long its latest value stands."""
    return VitalSignsOut(items=[VitalSignOut.of(sign) for sign in CATALOGUE.values()])
