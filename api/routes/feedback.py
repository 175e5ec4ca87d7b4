"""The Friends and Family Test: answered by anybody, anonymously; read by month."""

from fastapi import APIRouter

from api.deps import Counting, CurrentActor, TheServices
from api.schemas.feedback import FeedbackIn, FeedbackMonthOut, FeedbackMonthsOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.feedback.commands import give_feedback as kept
from domain.feedback.queries import feedback_read
from domain.outcomes.policy import HES_2018

router = APIRouter(
    prefix="/v1/organisations/{organisation_id}/feedback", tags=["questionnaires"], route_class=StrictRoute
)


@router.post("", status_code=204)
async def give_feedback(organisation_id: Id, body: FeedbackIn, held: TheServices) -> None:
    """Say how a service was, anonymously: without signing in, and without anything by which one is known again.

    Sent twice it counts twice: to know a repeat would be to know who asks.
    """
    async with held.database.identifying() as session:
        await kept(session, organisation_id, body.experience, body.comment, at=held.clock())


@router.get("")
async def get_feedback(organisation_id: Id, actor: CurrentActor, counting: Counting) -> FeedbackMonthsOut:
    """Return what was said in the months that are over: for the organisation's own people and its commissioners."""
    async with counting() as session:
        found = await feedback_read(session, actor, organisation_id)
    return FeedbackMonthsOut(policy=HES_2018.name, items=[FeedbackMonthOut.of(each) for each in found])
