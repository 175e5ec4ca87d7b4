"""Whose record an alert is about: told to whoever answers for it, and to nobody else, by the database's own rule."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from integrations.postgres.roles import Role as DatabaseRole
from tests.cast import Cast
from tests.in_one_role import entered


async def test_without_the_application_s_rule_too_whose_record_it_was_is_told_to_who_answers_for_it_alone(
    session: AsyncSession, cast: Cast
) -> None:
    pia, network = cast.accounts["pia_clinician_broke_glass"], cast.organisations["network"]
    officer: dict[str, object] = {"account_id": pia, "organisation_id": network, "role": "privacy_officer"}
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " select gen_random_uuid(), :account_id, :organisation_id, :role, min(starts_at) from membership"
        ),
        officer,
    )
    await session.execute(text("select set_config('role', :role, true)"), {"role": DatabaseRole.runtime.value})
    asked = text("select family_name, nhs_number from person_of_alert(cast(:alert as uuid))")

    async def told(actor: Actor) -> list[tuple[str, str]]:
        await entered(session, actor)
        return [tuple(row) for row in await session.execute(asked, {"alert": cast.others["alert_of_pia"]})]

    assert await told(cast.actor("saul_privacy_officer")) == [("Resident", "9990000018")]
    # Of what one opened oneself one is not told as its judge, whatever role one holds besides.
    as_officer = replace(cast.actor("pia_clinician_broke_glass"), grants=(Grant(Role.privacy_officer, network),))
    others = ("asha_clinician_of_practice", "rose_herself", "jack_administrator_of_practice", "iris_commissioner")
    for actor in (as_officer, *map(cast.actor, others)):
        assert await told(actor) == [], actor
