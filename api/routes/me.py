"""The caller's own account."""

from fastapi import APIRouter

from api.deps import CurrentActor, Reading
from api.entity_tags import Tagged
from api.schemas.accounts import MeOut
from api.strict_routing import StrictRoute
from domain.accounts.queries import account_itself
from domain.people.queries import patient_of_account

router = APIRouter(prefix="/me", tags=["accounts"], route_class=StrictRoute)


@router.get("")
async def get_me(actor: CurrentActor, reading: Reading, tagged: Tagged) -> MeOut:
    """Return the caller's account, roles in force, and the patient they are, if they are one."""
    async with reading() as session:
        account = await account_itself(session, actor.account_id)
        patient_id = await patient_of_account(session, actor.account_id)
    return tagged.told(MeOut.of(account, patient_id, actor.at), about=actor.account_id, version=account.version)
