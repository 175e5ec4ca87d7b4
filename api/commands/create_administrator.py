"""`python -m api create-administrator`: the first way into an empty installation."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from uuid import UUID

from pydantic import ValidationError

from api.exit_codes import ALREADY_THERE, OK, REFUSED
from api.passwords import Passwords, require_acceptable
from api.schemas.accounts import FirstAdministratorIn
from api.settings import read_database_url
from api.validation_faults import faults_of
from domain.accounts.commands import NewOrganisation, create_administrator
from domain.clock import utc_now
from domain.errors import AlreadyExists, Fault, Invalid
from integrations.postgres.client import Database
from integrations.postgres.roles import Role

PASSWORD = "TENDWELL_ADMIN_PASSWORD"


def main(arguments: list[str]) -> int:
    """Return 0 when the administrator was made, 3 when the account exists already, 2 for what cannot be (no change)."""
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
    given.email = given.email or input("Email address: ").strip()
    try:
        named = _named(given)
        password = os.environ.get(PASSWORD) or _asked_twice()
        require_acceptable(password, named.email, named.display_name, named.organisation_name)
        asyncio.run(_create(read_database_url(), named, password))
    except AlreadyExists as error:
        print(error.detail)
        return ALREADY_THERE
    except Invalid as error:
        print(error.detail, *(fault.message for fault in error.faults), sep="\n", file=sys.stderr)
        return REFUSED
    print(f"Made the administrator {named.email} of {named.organisation_name}.")
    return OK


def _named(given: argparse.Namespace) -> FirstAdministratorIn:
    """Return whom and what the arguments name, by the rules by which the API takes them. Raises Invalid."""
    try:
        return FirstAdministratorIn.model_validate(vars(given))
    except ValidationError as error:
        faults = [
            Fault(fault.pointer, fault.code, f"--{fault.pointer.replace('_', '-')}: {fault.message}")
            for fault in faults_of(error.errors(), None)
        ]
        raise Invalid("The administrator was not made.", faults) from None


async def _create(url: str, named: FirstAdministratorIn, password: str) -> UUID:
    organisation = NewOrganisation(
        named.ods_code, named.organisation_name, named.organisation_kind.value, parent_id=None
    )
    passwords = Passwords()
    database = Database(url, pooled=False, role=Role.identity)
    try:
        password_hash = await passwords.hash(password)
        async with database.writing() as session:
            return await create_administrator(
                session,
                utc_now(),
                organisation=organisation,
                email=named.email,
                display_name=named.display_name,
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
