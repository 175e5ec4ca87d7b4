"""Changing one's password: the present one is proven, the new one judged and hashed, and everybody else is out."""

from __future__ import annotations

from api.deps import Services
from api.password_proof import begun, checked, new_device_token
from api.passwords import require_acceptable
from domain.access.actor import Actor
from domain.accounts.password_commands import replace_password
from domain.accounts.password_queries import password_holder
from domain.accounts.throttle import Scope
from domain.errors import Fault, Invalid


async def change_password(held: Services, actor: Actor, current: str, new: str) -> str:
    """Return a fresh device token for the caller's device, once the new password is in force.

    Raises Invalid (a wrong present password, or a new one that cannot be used), TooManyAttempts, Overloaded.
    """
    async with held.database.looking_up() as session:
        holder = await password_holder(session, actor.account_id)
    require_acceptable(new, *holder.words, pointer="/new_password")
    attempt = await begun(held, Scope.session, actor.account_id.bytes)
    if not await checked(held, attempt, current, holder.password_hash):
        raise _not_yours()
    if new == current:
        raise Invalid("The password was not changed.", [Fault("/new_password", "not_new", "Choose another one.")])
    password_hash = await held.passwords.hash(new)
    async with held.database.identifying() as session:
        is_changed = await replace_password(session, actor, password_hash, held.sealing, present=holder.password_hash)
    if not is_changed:  # somebody else has changed it since it was compared
        raise _not_yours()
    return new_device_token(held, holder.email)


def _not_yours() -> Invalid:
    fault = Fault("/current_password", "wrong_password", "This is not your present password.")
    return Invalid("The password was not changed.", [fault])
