"""Recording the demo's accounts and the roles they hold."""

from __future__ import annotations

from pathlib import Path

from demo.cast import COLLEAGUES, Colleague
from demo.connection import Connection, Json, Refused, SignIn
from demo.installation import is_settled, remember_settled
from demo.load.first_sign_ins import choose_own_password, given_password
from demo.load.places import WrongInstallation
from demo.load.several import several


async def record_colleagues(
    admin: SignIn, connection: Connection, places: dict[str, str], passwords: dict[str, str], file: Path
) -> dict[str, str]:
    """Return the account ids by e-mail address, after making missing accounts and giving missing roles."""
    known = {item["email"]: item async for item in admin.every("/v1/accounts")}

    async def ensure(colleague: Colleague) -> str:
        place = places[colleague.at]
        account = known.get(colleague.email) or await _make(admin, colleague, place, passwords)
        if colleague.role != "patient" and not _holds(account, colleague.role, place):
            role = {"organisation_id": place, "role": colleague.role}
            await admin.ask("POST", f"/v1/accounts/{account['id']}/memberships", json=role)
        return str(account["id"])

    ids = await several(ensure, COLLEAGUES)
    # One after the other: a sign-in that is broken off because another failed would count as a wrong guess.
    for colleague in COLLEAGUES:
        if not is_settled(file, colleague.email):
            await choose_own_password(connection, colleague.email, passwords[colleague.email])
            remember_settled(file, colleague.email)
    return {colleague.email: account_id for colleague, account_id in zip(COLLEAGUES, ids, strict=True)}


def _holds(account: Json, role: str, place: str) -> bool:
    held = account.get("memberships", ())
    return any(one["role"] == role and one["organisation"]["id"] == place for one in held)


async def _make(admin: SignIn, colleague: Colleague, place: str, passwords: dict[str, str]) -> Json:
    body = {
        "email": colleague.email,
        "display_name": colleague.display_name,
        "password": given_password(passwords[colleague.email]),
        "organisation_id": place,
    }
    try:
        return await admin.ask("POST", "/v1/accounts", json=body)
    except Refused as refused:
        if refused.status == 409:
            raise WrongInstallation(f"{colleague.email} has an account outside this administrator's reach") from refused
        raise
