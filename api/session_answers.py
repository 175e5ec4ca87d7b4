"""What a client gets when a session opens, or when its sign-in waits for more. Knows no credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from api.authentication import issue_access_token
from api.deps import Services
from api.password_proof import new_device_token
from api.schemas.accounts import MeOut, TokensOut
from api.schemas.factors import SignInStepOut
from domain.accounts.queries import account_itself
from domain.accounts.session_age import IDLE
from domain.accounts.session_commands import OpenedSession
from domain.accounts.sign_in_commands import PendingSignIn
from domain.people.queries import acts_for_others, patient_of_account

Responses = dict[int | str, dict[str, Any]]
TWO_ANSWERS: Responses = {
    202: {"model": SignInStepOut, "description": "The password is right, and more is needed: see `state`."}
}


async def tokens_of(held: Services, opened: OpenedSession) -> TokensOut:
    """Return the tokens of a session, and whose it is."""
    at = held.clock()
    async with held.database.looking_up() as session:
        account = await account_itself(session, opened.account_id)
        patient_id = await patient_of_account(session, opened.account_id)
        acts = await acts_for_others(session, opened.account_id, at)
    keys = await held.keys.current(held.database.identity, at)
    issued = issue_access_token(
        keys, account_id=opened.account_id, session_id=opened.session_id, generation=opened.generation, now=at
    )
    return TokensOut(
        access_token=issued.token,
        token_type="Bearer",
        expires_in=issued.expires_in_seconds,
        refresh_token=opened.refresh_token,
        device_token=new_device_token(held, account.email, with_factor=opened.means.has_factor),
        session_expires_in=max(0, int((opened.expires_at - at).total_seconds())),
        session_idle_limit=_seconds(IDLE[opened.kind]),
        account=MeOut.of(account, patient_id=patient_id, acts_for_others=acts, at=at),
    )


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


async def next_answer(held: Services, reached: OpenedSession | PendingSignIn) -> TokensOut | Response:
    """Return the tokens, or with 202 what is still needed."""
    if isinstance(reached, PendingSignIn):
        return JSONResponse(SignInStepOut.of(reached).model_dump(mode="json"), 202)
    return await tokens_of(held, reached)
