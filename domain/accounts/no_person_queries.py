"""One account is not both: whoever administers accounts or reads outcomes sees no person, so is nothing to one either.

Neither the person themself nor somebody who acts for one. It is asked from both sides, as a role is given and before
an account is tied to a person, each under the account's lock: of two that are done at once the second is refused. What
holds an account of before to it is the access rule (`domain/people/reach_queries.py`), and row security beneath.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import SEES_NO_PERSON, Role
from domain.accounts.queries import lock_account, roles_now_or_later
from domain.errors import Conflict

# PostgreSQL's own functions: accounts are looked up by a role that has no right on patients or delegations.
_STANDS_TO_A_PERSON = text("select patient_of_account(:account) is not null or acts_for_others(:account, :at)")


async def require_may_see_persons(session: AsyncSession, account_id: UUID, at: datetime) -> None:
    """Raise Conflict for an account that administers, or reads outcomes, now or later; hold it to the end."""
    await lock_account(session, account_id)
    if SEES_NO_PERSON & await roles_now_or_later(session, account_id, at):
        raise Conflict("Who administers accounts or reads outcomes sees no person's record. Use another account.")


async def require_nothing_to_a_person(session: AsyncSession, account_id: UUID, role: Role, at: datetime) -> None:
    """Raise Conflict when a role that sees no person goes to an account by which somebody does; hold it to the end.

    Which of the two it is, the person's own or a delegate's, is not told.
    """
    await lock_account(session, account_id)
    if role not in SEES_NO_PERSON:
        return
    if (await session.execute(_STANDS_TO_A_PERSON, {"account": account_id, "at": at})).scalar_one():
        raise Conflict(
            "By this account somebody sees a person's record, their own or one they act for, and who administers or"
            " reads outcomes sees none. Use another account."
        )
