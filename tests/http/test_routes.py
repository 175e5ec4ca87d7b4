"""What holds for every route of the application, present and future."""

from __future__ import annotations

from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from api.deps import Identifying, LookingUp, Reading
from api.schemas.strict import In, Out
from integrations.postgres.roles import Databases
from tests.cast import Cast

# What is read in a transaction that cannot write, and so without an audit row: nothing of a person's record.
# `me` is the caller, and an import's faults name rows of a file, never a person.
UNAUDITED = {
    "get_board_edition",
    "get_own_export",
    "list_own_exports",
    "list_own_sessions",
    "list_webhooks",
    "list_deliveries",
    "get_webhook",
    "get_me",
    "get_my_factors",
    "list_my_passkeys",
    "get_notice_preferences",
    "list_notice_addresses",
    "list_notices_sent",
    "get_my_passkey",
    "list_organisations",
    "get_organisation",
    "list_pathways",
    "post_contact_import",
    "get_contact_import",
}
# What is read of accounts that are not the caller's: names and addresses, patients' among them.
AUDITED_OF_ACCOUNTS = {"list_accounts", "get_account", "list_invitations"}


def routes(app: FastAPI) -> list[APIRoute]:
    """Return every HTTP route."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    return [route for route in found if isinstance(route, APIRoute)]


def mentioned(annotation: object) -> set[type]:
    """Return every class named in an annotation."""
    inner = {found for argument in get_args(annotation) for found in mentioned(argument)}
    return inner | ({annotation} if isinstance(annotation, type) else set())


def test_no_table_class_stands_in_a_route_s_signature(app: FastAPI) -> None:
    for route in routes(app):
        for annotation in route.endpoint.__annotations__.values():
            assert not [c for c in mentioned(annotation) if issubclass(c, SQLModel)], route.name


def test_bodies_are_strict_and_answers_complete(app: FastAPI) -> None:
    for route in routes(app):
        for name, annotation in route.endpoint.__annotations__.items():
            for model in (c for c in mentioned(annotation) if issubclass(c, BaseModel)):
                assert issubclass(model, Out if name == "return" else In), (route.name, model)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(app: FastAPI) -> None:
    names = [route.operation_id or route.name for route in routes(app)]
    assert len(names) == len(set(names))
    assert not [route.name for route in routes(app) if not route.description]


def test_only_what_shows_no_person_s_record_is_read_without_being_audited(app: FastAPI) -> None:
    asked = {r.name: (r.methods, [*r.endpoint.__annotations__.values()]) for r in routes(app)}
    audited = {name for name, (how, wanted) in asked.items() if Identifying in wanted and how == {"GET"}}
    assert audited == AUDITED_OF_ACCOUNTS, "see that it is audited, as tests/http/test_accounts_audited.py does"
    read = {n for n, (how, wanted) in asked.items() if Reading in wanted or (LookingUp in wanted and how == {"GET"})}
    assert read == UNAUDITED


async def test_what_is_read_here_cannot_write_any_more_than_in_production(app: FastAPI, cast: Cast) -> None:
    database: Databases = app.state.services.database
    actor = cast.actor("asha_clinician_of_practice")
    write = text("update patient set given_name = given_name")
    with pytest.raises(DBAPIError, match="read-only"):
        async with database.reading(actor) as session:
            await session.execute(write)
    async with database.reading(actor) as session:
        await session.execute(text("select 1"))
    async with database.writing(actor) as session:
        await session.execute(write)
