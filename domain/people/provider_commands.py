"""Whose account it is that an identity provider has proven somebody to hold: the one of their own record.

A first sign-in links the provider's subject to the account for good; from then on subject and NHS number must still
lead to one person. Refuses to know what the provider said beyond who it is, and what signing in asks for after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.provider_commands import link_identity, linked_account
from domain.accounts.queries import account_is_kept, lock_account
from domain.audit.commands import record_audit
from domain.keys.sealing import Sealing
from domain.people.nhs_login import ProvenIdentity, is_same_family_name

_RECORD = text("select account_id, born_then, family_name from patient_proven(:nhs_number, :born_on)")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody by the name that an identity provider has for them."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class NoAccount:
    """There is no account to open for whoever has come. Returned, not raised, so that the trail is kept.

    `code` is for our log alone: no answer may tell which it was, or it would tell whether there is a record.
    """

    code: str


async def account_of_proven(
    session: AsyncSession, proven: ProvenIdentity, who: Subject, sealing: Sealing, *, at: datetime, request_id: str
) -> UUID | NoAccount:
    """Return the account of the person whom a provider has verified, linked now if this is their first time."""
    record = await _record_held(session, proven)
    whose = None if record is None else record.account_id
    linked = await linked_account(session, who.issuer, who.subject)
    if linked is not None:
        if whose != linked:
            return await _refused(session, Actor(linked, at, request_id=request_id), "subject_of_another_record")
    elif record is None or whose is None:
        return NoAccount("no_record" if record is None else "record_without_account")
    elif not record.born_then or not is_same_family_name(record.family_name, proven.family_name):
        return NoAccount("record_disagrees")
    if not await account_is_kept(session, whose):
        return NoAccount("account_disabled")
    actor = Actor(whose, at, request_id=request_id)
    if linked is None and not await link_identity(session, actor, who.issuer, who.subject, sealing):
        return await _refused(session, actor, "account_of_another_subject")
    return actor.account_id


async def _record_held(session: AsyncSession, proven: ProvenIdentity) -> Row[Any] | None:
    """Return the record of whom a provider has verified, and be the only one who decides what its account is.

    Without that whoever closes the account just now would not see the link that is being made, and the login would be
    tied to a closed account for good. A record that got another account meanwhile counts as none: they come again.
    """
    asked = {"nhs_number": proven.nhs_number, "born_on": proven.born_on}
    before = (await session.execute(_RECORD, asked)).one_or_none()
    if before is None or before.account_id is None:
        return before
    await lock_account(session, before.account_id)
    record = (await session.execute(_RECORD, asked)).one_or_none()
    return record if record is None or record.account_id in {None, before.account_id} else None


async def _refused(session: AsyncSession, actor: Actor, code: str) -> NoAccount:
    await record_audit(session, actor, "provider.refuse")
    return NoAccount(code)
