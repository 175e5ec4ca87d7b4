"""The roles that nobody may give to themselves are exactly those through which the access rule shows persons."""

from __future__ import annotations

from domain.access.actor import Role
from domain.accounts.commands import SEE_PERSONS
from domain.people.reach_queries import reach


def test_the_roles_that_see_persons_are_those_of_the_access_rule() -> None:
    bound = set(reach().compile().params.values())
    assert {role for role in Role if role.value in bound} == SEE_PERSONS
