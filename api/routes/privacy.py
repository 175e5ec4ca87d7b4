"""What whoever runs this installation tells people about their data, before they give any."""

from fastapi import APIRouter

from api.deps import TheServices
from api.schemas.privacy import PrivacyNoticeOut
from api.strict_routing import StrictRoute

router = APIRouter(prefix="/v1/privacy-notice", tags=["rights"], route_class=StrictRoute)


@router.get("")
async def get_privacy_notice(held: TheServices) -> PrivacyNoticeOut:
    """Return who answers for people's data here, what they are used for, on which lawful basis, and for how long."""
    return PrivacyNoticeOut.of(held.privacy)
