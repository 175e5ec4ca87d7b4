"""The steps of signing in after the password: a second factor, its enrolment, a password of one's own."""

from fastapi import APIRouter, Request, Response

from api.deps import TheServices
from api.passwords import require_acceptable
from api.schemas.accounts import TokensOut
from api.schemas.factors import FirstPasswordIn, SecondFactorIn, SignInTokenIn, TotpOut
from api.session_answers import TWO_ANSWERS, Responses, next_answer, tokens_of
from api.strict_routing import StrictRoute
from domain.accounts import sign_in_commands
from domain.accounts.totp import otpauth_uri
from domain.errors import Fault, Invalid, NotAuthenticated

router = APIRouter(prefix="/sessions", tags=["sessions"], route_class=StrictRoute)
ISSUER = "Tendwell"
_UNUSABLE: Responses = {401: {"description": "The sign-in token, or what was shown with it, is not good."}}


@router.post("/second-factor", status_code=201, responses=_UNUSABLE)
async def show_second_factor(body: SecondFactorIn, request: Request, held: TheServices) -> TokensOut:
    """Open the session of a sign-in that waits for a second factor; each code is good once.

    The first code of an app just set up enrols it. After five wrong ones the sign-in begins again with the password.
    """
    async with held.database.writing() as session:
        opened = await sign_in_commands.show_second_factor(
            session,
            body.sign_in_token,
            body.proof,
            held.sealing,
            at=held.clock(),
            request_id=request.state.request_id,
        )
    if opened is None:
        raise NotAuthenticated("The code is wrong, was used before, or came too late.")
    return await tokens_of(held, opened)


@router.post("/enrolment", status_code=201, responses=_UNUSABLE)
async def begin_enrolment(body: SignInTokenIn, request: Request, held: TheServices) -> TotpOut:
    """Set up an authenticator app during a sign-in that asks for it; its first code then opens the session."""
    async with held.database.writing() as session:
        begun = await sign_in_commands.begin_enrolment(
            session, body.sign_in_token, held.sealing, at=held.clock(), request_id=request.state.request_id
        )
    return TotpOut(secret=begun.secret, otpauth_uri=otpauth_uri(begun.secret, account_name=begun.email, issuer=ISSUER))


@router.post("/new-password", status_code=201, response_model=TokensOut, responses={**TWO_ANSWERS, **_UNUSABLE})
async def set_first_password(body: FirstPasswordIn, request: Request, held: TheServices) -> TokensOut | Response:
    """Choose a password that nobody else knows, in a sign-in that asks for it, and go on signing in."""
    at, request_id = held.clock(), request.state.request_id
    async with held.database.reading() as session:
        waiting = await sign_in_commands.who_sets_first_password(session, body.sign_in_token, at=at)
    require_acceptable(body.new_password, waiting.email, pointer="/new_password")
    if await held.passwords.verify(body.new_password, waiting.password_hash):
        raise Invalid("The password cannot be used.", [_THE_OLD_ONE])
    new = await held.passwords.hash(body.new_password)
    async with held.database.writing() as session:
        reached = await sign_in_commands.set_first_password(
            session, body.sign_in_token, new, held.factor_rule, at=at, request_id=request_id
        )
    return await next_answer(held, reached)


_THE_OLD_ONE = Fault("/new_password", "not_new", "Choose another than the one you were given.")
