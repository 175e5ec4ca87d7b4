"""`python -m api create-administrator`: the first way into an empty installation."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from uuid import UUID

from api.exit_codes import ALREADY_THERE, OK, REFUSED
from api.passwords import Passwords, require_acceptable
from api.settings import read_database_url
from domain.accounts.commands import NewOrganisation, create_administrator
from domain.clock import utc_now
from domain.errors import AlreadyExists, Invalid
from integrations.postgres.client import Database
from integrations.postgres.roles import Role

PASSWORD = "TENDWELL_ADMIN_PASSWORD"


def main(arguments: list[str]) -> int:
    """Return 0 when the administrator was made, 3 when the account exists already (nothing is changed then)."""
    parser = argparse.ArgumentParser(
        prog="python -m api create-administrator",
        description=f"{__doc__} The password comes from {PASSWORD} or a prompt.",
    )
    parser.add_argument("--email", help="asked for if not given")
    parser.add_argument("--display-name", default="Administrator")
    parser.add_argument("--organisation-name", required=True, help="the top of the tree of organisations")
    parser.add_argument("--organisation-kind", default="commissioner")
    parser.add_argument("--ods-code", required=True, help="3 to 10 capital letters or digits")
    given = parser.parse_args(arguments)
    email = given.email or input("Email address: ").strip()
    organisation = NewOrganisation(given.ods_code, given.organisation_name, given.organisation_kind, parent_id=None)
    try:
        password = os.environ.get(PASSWORD) or _asked_twice()
        require_acceptable(password, email, given.display_name, given.organisation_name)
        asyncio.run(_create(read_database_url(), organisation, email, given.display_name, password))
    except AlreadyExists as error:
        print(error.detail)
        return ALREADY_THERE
    except Invalid as error:
        print(error.detail, *(fault.message for fault in error.faults), sep="\n", file=sys.stderr)
        return REFUSED
    print(f"Made the administrator {email} of {given.organisation_name}.")
    return OK


async def _create(url: str, organisation: NewOrganisation, email: str, display_name: str, password: str) -> UUID:
    passwords = Passwords()
    database = Database(url, pooled=False, role=Role.identity)
    try:
        password_hash = await passwords.hash(password)
        async with database.writing() as session:
            return await create_administrator(
                session,
                utc_now(),
                organisation=organisation,
                email=email,
                display_name=display_name,
                password_hash=password_hash,
            )
    finally:
        passwords.close()
        await database.close()


def _asked_twice() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise Invalid("The two passwords differ.")
    return password
