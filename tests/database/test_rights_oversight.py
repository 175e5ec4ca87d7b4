"""Who may answer what is asked of a record: the application's own rule without row security, and the reverse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from domain.errors import NotFound
from domain.rights.law import Decision, Kind
from domain.rights.request_commands import Answer, ask, decide
from domain.rights.request_queries import requests_to_answer
from integrations.postgres.roles import Role as DatabaseRole
from tests.cast import Cast
from tests.in_one_role import entered

GRANTED = Answer(Decision.granted, "It has been put right", None)


def officer_at(cast: Cast, place: str) -> Actor:
    grant = Grant(Role.privacy_officer, cast.organisations[place])
    return replace(cast.actor("nobody_at_all"), grants=(grant,))


async def test_without_row_security_too_an_officer_finds_what_was_asked_of_their_own_practices_alone(
    session: AsyncSession, cast: Cast
) -> None:
    made = await ask(session, cast.actor("rose_herself"), Kind.correction, "My weight")
    elsewhere = officer_at(cast, "other_practice")
    assert await requests_to_answer(session, elsewhere, answered=True, after=None, limit=9) == []
    with pytest.raises(NotFound):
        await decide(session, elsewhere, made, GRANTED)
    await decide(session, officer_at(cast, "network"), made, GRANTED)


async def test_without_the_application_s_rule_too_row_security_tells_others_nothing_of_who_asked(
    session: AsyncSession, cast: Cast
) -> None:
    made = await ask(session, cast.actor("rose_herself"), Kind.correction, "My weight")
    await session.execute(text("select set_config('role', :role, true)"), {"role": DatabaseRole.runtime.value})
    seen = text(
        "select (select count(*) from rights_request), (select count(*) from names_of_askers(array[cast(:id as uuid)]))"
    )
    asked = {"id": made}
    for name, told in (("saul_privacy_officer", 1), ("asha_clinician_of_practice", 1), ("rose_herself", 1)):
        await entered(session, cast.actor(name))
        assert tuple((await session.execute(seen, asked)).one()) == (told, told), name
    for name in ("bea_clinician_elsewhere", "tess_herself", "jack_administrator_of_practice", "admin"):
        await entered(session, cast.actor(name))
        assert tuple((await session.execute(seen, asked)).one()) == (0, 0), name
