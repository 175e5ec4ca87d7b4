"""The steps of signing in after the password: a second factor, its enrolment, a password of one's own."""

from fastapi import APIRouter, Request, Response

from api.deps import Services, TheServices
from api.passwords import require_acceptable
from api.schemas.accounts import TokensOut
from api.schemas.factors import FirstPasswordIn, SecondFactorIn, SignInTokenIn, TotpOut
from api.session_answers import TWO_ANSWERS, Responses, next_answer, tokens_of
from api.strict_routing import StrictRoute
from domain.accounts import sign_in_commands
from domain.accounts.password_queries import password_holder
from domain.accounts.throttle_commands import Wait
from domain.accounts.totp import otpauth_uri
from domain.errors import Fault, Invalid, NotAuthenticated, TooManyAttempts

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=StrictRoute)
ISSUER = "Tendwell"
_TOO_MANY = (
    "Too many wrong codes for this account: whoever showed them knows its password. Wait, use a device on which you"
    " have signed in before, or choose a new password."
)
_UNUSABLE: Responses = {401: {"description": "The sign-in token, or what was shown with it, is not good."}}


@router.post("/second-factor", status_code=201, responses={**_UNUSABLE, 429: {"description": _TOO_MANY}})
async def show_second_factor(body: SecondFactorIn, request: Request, held: TheServices) -> TokensOut:
    """Open the session of a sign-in that waits for a second factor; each code is good once.

    The first code of an app just set up enrols it. After five wrong ones the sign-in begins again with the password.
    """
    at, request_id, token = held.clock(), request.state.request_id, body.sign_in_token
    async with held.database.identifying() as session:
        opened = await sign_in_commands.show_second_factor(
            session, token, body.proof, held.sealing, at=at, request_id=request_id
        )
    if isinstance(opened, Wait):
        raise TooManyAttempts(_TOO_MANY, opened.seconds)
    if opened is None:
        raise NotAuthenticated("The code is wrong, was used before, or came too late.")
    return await tokens_of(held, opened)


@router.post("/enrolment", status_code=201, responses=_UNUSABLE)
async def begin_enrolment(body: SignInTokenIn, request: Request, held: TheServices) -> TotpOut:
    """Set up an authenticator app during a sign-in that asks for it; its first code then opens the session."""
    async with held.database.identifying() as session:
        begun = await sign_in_commands.begin_enrolment(
            session, body.sign_in_token, held.sealing, at=held.clock(), request_id=request.state.request_id
        )
    return TotpOut(secret=begun.secret, otpauth_uri=otpauth_uri(begun.secret, account_name=begun.email, issuer=ISSUER))


@router.post("/new-password", status_code=201, response_model=TokensOut, responses={**TWO_ANSWERS, **_UNUSABLE})
async def set_first_password(body: FirstPasswordIn, request: Request, held: TheServices) -> TokensOut | Response:
    """Choose a password that nobody else knows, in a sign-in that asks for it, and go on signing in."""
    at, request_id = held.clock(), request.state.request_id
    password_hash = await _judged_and_hashed(held, body.sign_in_token, body.new_password)
    async with held.database.identifying() as session:
        reached = await sign_in_commands.set_first_password(
            session, body.sign_in_token, password_hash, held.factor_rule, at=at, request_id=request_id
        )
    return await next_answer(held, reached)


async def _judged_and_hashed(held: Services, sign_in_token: str, password: str) -> str:
    """Return the hash of an acceptable password that is not the given one. Raises Invalid, NotAuthenticated."""
    async with held.database.looking_up() as session:
        waiting = await sign_in_commands.who_sets_first_password(session, sign_in_token, at=held.clock())
        holder = await password_holder(session, waiting.account_id)
    require_acceptable(password, *holder.words, pointer="/new_password")
    if await held.passwords.verify(password, holder.password_hash):
        raise Invalid("The password cannot be used.", [_THE_OLD_ONE])
    return await held.passwords.hash(password)


_THE_OLD_ONE = Fault("/new_password", "not_new", "Choose another than the one you were given.")
