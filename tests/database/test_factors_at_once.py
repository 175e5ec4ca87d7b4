"""Two who show one code at one moment: one gets in."""

from __future__ import annotations

import asyncio

import pytest

from domain.accounts.factor_commands import (
    Proof,
    begin_totp,
    confirm_totp,
    make_recovery_codes,
    use_factor,
)
from domain.accounts.sign_in import Means
from domain.accounts.throttle_commands import Wait
from domain.accounts.totp import code_of, step_at
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from tests.cast import Cast

SEALING = Sealing((b"a secret of the test",))
AT_ONCE = 12


@pytest.mark.parametrize("kind", ["code", "recovery_code"])
async def test_of_twelve_uses_of_one_code_at_once_one_succeeds(
    kind: str, committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as session:
        asha = cast.actor("asha_clinician_of_practice")
        secret = await begin_totp(session, asha, SEALING)
        assert await confirm_totp(session, asha, code_of(secret, step_at(cast.now) - 1), SEALING)
        codes = await make_recovery_codes(session, asha, SEALING)
    name = "totp" if kind == "code" else kind
    proof = Proof(code=code_of(secret, step_at(cast.now))) if kind == "code" else Proof(recovery_code=codes[0])

    async def use() -> Means | Wait | None:
        async with committing_database.writing() as session:
            return await use_factor(session, asha, proof, SEALING)

    used = await asyncio.gather(*(use() for _ in range(AT_ONCE)))
    assert [means for means in used if isinstance(means, Means)] == [Means(f"password_and_{name}")]
