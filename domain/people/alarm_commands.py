"""Telling by letter that a glass was broken, in the transaction that opened the record: nobody has to look by chance.

A letter names neither the person nor the clinician: who it was, when and why stands in the alert, for whoever answers
for privacy, and in the list of who has looked, for the person. Refuses to know who may open what.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.address_queries import address_of, addresses_of_administrators, addresses_of_privacy_officers
from domain.accounts.queries import organisation
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import Letter, opened_unusually, privacy_alert, privacy_unattended

# Asked of PostgreSQL's own function: this transaction began before the glass was broken, and sees no such person.
_TOLD = text("select account_id, is_own from told_of_opening(:break_glass)")


@dataclass(frozen=True, slots=True)
class Pages:
    """Where officers see the alert, administrators give somebody the role, and people read who has looked.

    `acting`: the latter for those who decide in a person's place by law.
    """

    alerts: str
    accounts: str
    looked: str
    acting: str


async def tell_officers(
    session: AsyncSession, actor: Actor, places: tuple[UUID, ...], sealing: Sealing, pages: Pages
) -> None:
    """Write to whoever answers for privacy at each of the places, or at the nearest above; nobody gets two.

    Not to the one who broke the glass: nobody looks into their own. Where nobody is left to, whoever administers the
    place, or the nearest above it, is told so: they can give somebody the role, and see nothing of it themselves.
    """
    letters: dict[str, Letter] = {}
    for place in places:
        officers = await addresses_of_privacy_officers(session, place, actor.at, but=actor.account_id)
        letters |= dict.fromkeys(officers, privacy_alert(pages.alerts))
        if not officers:
            named = (await organisation(session, place)).name
            for address in await addresses_of_administrators(session, place, actor.at):
                letters.setdefault(address, privacy_unattended(pages.accounts, named))
    for address, letter in letters.items():
        await queue_letter(session, address, letter, sealing, at=actor.at)


async def tell_whose_record(
    session: AsyncSession, actor: Actor, break_glass_id: UUID, sealing: Sealing, pages: Pages
) -> None:
    """Write to the person whose record the actor has just opened; without an account, to who decides by law for them.

    Not to the latter of a safeguarding matter, which may be about them. Nobody is written to where nobody is there.
    """
    for told in (await session.execute(_TOLD, {"break_glass": break_glass_id})).all():
        letter = opened_unusually(pages.looked if told.is_own else pages.acting, is_own=told.is_own)
        address = await address_of(session, told.account_id)
        if address is not None:
            await queue_letter(session, address, letter, sealing, at=actor.at)
