"""What holds for every route of the application, present and future."""

from __future__ import annotations

from typing import get_args

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from sqlmodel import SQLModel

from api.schemas.strict import In, Out


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
