"""The caller's own second factors: seeing them, setting them up, removing them; and confirming that it is they."""

from fastapi import APIRouter

from api.deps import CurrentActor, Identifying, LookingUp, Services, TheServices
from api.password_proof import begun, checked
from api.routes.sign_in import ISSUER
from api.schemas.factors import CodeIn, ConfirmationIn, FactorsOut, RecoveryCodesOut, TotpOut
from api.strict_routing import StrictRoute
from domain.access.actor import Actor
from domain.accounts import confirmation_commands, factor_commands
from domain.accounts.confirmation_commands import require_confirmed
from domain.accounts.factor_queries import factors_of, must_have_factor
from domain.accounts.queries import account_itself, own_password_hash
from domain.accounts.throttle import Scope
from domain.accounts.throttle_commands import Wait
from domain.accounts.totp import otpauth_uri
from domain.errors import Fault, Invalid, TooManyAttempts

router = APIRouter(prefix="/v1", tags=["factors"], route_class=StrictRoute)
_TOO_MANY = "Too many wrong codes for this account. Wait before the next."


@router.post(
    "/sessions/current/confirmation", status_code=204, responses={429: {"description": "Too many wrong guesses."}}
)
async def confirm_it_is_me(body: ConfirmationIn, actor: CurrentActor, held: TheServices) -> None:
    """Show the password or a second factor again: for ten minutes one may change what protects the account.

    This session's access tokens of before are refused from now on, for one may have been stolen: refresh.
    """
    shown = None if body.password is None else await _shown(held, actor, body.password)
    async with held.database.identifying() as session:
        if body.password is None:
            is_right = await confirmation_commands.confirm_by_factor(session, actor, body.proof, held.sealing)
        else:
            is_right = await confirmation_commands.confirm_by_password(session, actor, shown)
    if isinstance(is_right, Wait):
        raise TooManyAttempts(_TOO_MANY, is_right.seconds)
    if not is_right:
        raise Invalid("That is not right.", [_WRONG])


async def _shown(held: Services, actor: Actor, password: str) -> str | None:
    """Return the hash of the caller's password if this is it; guesses are counted: a session may be in other hands."""
    async with held.database.looking_up() as session:
        kept = await own_password_hash(session, actor.account_id)
    attempt = await begun(held, Scope.session, actor.account_id.bytes)
    return kept if await checked(held, attempt, password, kept) else None


_WRONG = Fault("", "wrong", "Show the account's own password, a fresh code, or an unused recovery code.")


@router.get("/me/factors")
async def get_my_factors(actor: CurrentActor, looking_up: LookingUp, held: TheServices) -> FactorsOut:
    """Return the caller's second factors, and whether they must have one."""
    async with looking_up() as session:
        found = await factors_of(session, actor.account_id)
        required = await must_have_factor(session, actor.account_id, held.factor_rule)
    return FactorsOut.of(found, required=required)


@router.post("/me/factors/totp", status_code=201)
async def begin_my_totp(actor: CurrentActor, identifying: Identifying, held: TheServices) -> TotpOut:
    """Begin to set an authenticator app up. It counts, and takes the old one's place, once its first code is shown."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        email = (await account_itself(session, actor.account_id)).email
        secret = await factor_commands.begin_totp(session, actor, held.sealing)
    return TotpOut(secret=secret, otpauth_uri=otpauth_uri(secret, account_name=email, issuer=ISSUER))


@router.post("/me/factors/totp/confirm", status_code=204)
async def confirm_my_totp(body: CodeIn, actor: CurrentActor, identifying: Identifying, held: TheServices) -> None:
    """Show the first code of the app that was begun: from now on signing in asks for one."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        await factor_commands.confirm_own_totp(session, actor, body.code, held.sealing)


@router.delete("/me/factors/totp", status_code=204, responses={404: {"description": "There is no authenticator app."}})
async def remove_my_totp(actor: CurrentActor, identifying: Identifying, held: TheServices) -> None:
    """Remove the authenticator app. Staff may not remove their only second factor."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        await factor_commands.remove_totp(session, actor, held.factor_rule, held.sealing)


@router.post("/me/recovery-codes", status_code=201)
async def make_my_recovery_codes(actor: CurrentActor, identifying: Identifying, held: TheServices) -> RecoveryCodesOut:
    """Return ten fresh recovery codes, this once; those made before no longer work."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        return RecoveryCodesOut(codes=await factor_commands.make_recovery_codes(session, actor, held.sealing))
