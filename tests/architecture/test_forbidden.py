"""What no module of the service does, and that each rule bites: a few lines that break it, and a few that do not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlmodel import SQLModel

from api.app import NOUNS
from api.routes import health, well_known
from tests.architecture.forbidden import (
    Rule,
    dangerous,
    imports_by_name,
    logged_values,
    said_aloud,
    secrets_in_the_code,
    sql_put_together,
    table_classes_shown,
)
from tests.architecture.source import SHIPPED, modules, shown, tree

# Looked at, and no secrets: a name space of ids, and what a password is compared with where there is no account.
NO_SECRETS = {"5f8ed2a4-3f0f-4e6e-9a53-6d3b5d2c7c11", "$argon2id$v=19$m=19456,t=2,p=1$/T8HIERo7R0j5Nybcw7h3A$"}

BITES: list[tuple[Rule, str]] = [
    (sql_put_together, "def f(s, name):\n    return s.execute(text(f'select * from {name}'))"),
    (sql_put_together, "def f(c, name):\n    return c.exec_driver_sql('select * from ' + name)"),
    (sql_put_together, "def f(c, name):\n    return c.fetch('select * from %s' % name)"),
    (sql_put_together, "def f(c, name):\n    return c.fetchval('select {}'.format(name))"),
    (sql_put_together, "def f(c, names):\n    return text('select ' + ', '.join(n for n in names))"),
    (sql_put_together, "def f(c, one):\n    return text(_SQL.replace('x', one))"),
    (sql_put_together, "_Q = text(f'select {column()} from t')"),
    (sql_put_together, "_Q = text(f'select {columns} from t')"),
    (sql_put_together, "def f(s, name):\n    query = f'select * from {name}'\n    s.execute(text(query))"),
    (sql_put_together, "def f(s, name):\n    a = f'select {name}'\n    b = a\n    s.scalar(text(b))"),
    (sql_put_together, "def f(s, name):\n    q = 'select'\n    q += ' ' + name\n    s.execute(text(q))"),
    (sql_put_together, "def f(s, name):\n    _Q = f'select {name}'\n    s.execute(text(_Q))"),
    (sql_put_together, "def f(s, name):\n    q = text(f'select {name}')\n    s.execute(q)"),
    (sql_put_together, "def f(s, query):\n    s.execute(text(query))"),
    (sql_put_together, "def f(s, query):\n    s.execute(text(query or _Q))"),
    (sql_put_together, "def f(s, body):\n    s.execute(text(body.query))"),
    (sql_put_together, "def f(s, names):\n    for name in names:\n        s.execute(text(name))"),
    (sql_put_together, "def f(s, name):\n    if (q := f'select {name}'):\n        s.execute(sa.text(q))"),
    (sql_put_together, "def f(c, name):\n    query = 'drop table ' + name\n    c.execute(query)"),
    (sql_put_together, "import asyncpg\ndef f(c, query):\n    c.execute(query)"),
    (sql_put_together, "def f(c, query):\n    c.exec_driver_sql(query)"),
    (sql_put_together, "def f(s, name):\n    def g():\n        s.execute(text(query))\n    query = 'x' + name"),
    (sql_put_together, "from sqlalchemy import text as sql\ndef f(s, query):\n    s.execute(sql(query))"),
    (sql_put_together, "def f(s, name):\n    return select(literal_column(name))"),
    (sql_put_together, "def f(s, name):\n    s.execute(text(text=f'select {name}'))"),
    (sql_put_together, "def f(s, name):\n    s.execute(DDL(f'drop table {name}'))"),
    (sql_put_together, "from sqlalchemy import text\nt = text\ndef f(s, query):\n    s.execute(t(query))"),
    (sql_put_together, "def f(name):\n    return select(A.n.op(f'{name}')(1))"),
    (sql_put_together, "import asyncpg\ndef f(c, query):\n    c.prepare(query)"),
    (sql_put_together, "import asyncpg\ndef f(c, query):\n    c.copy_from_query(query, output=None)"),
    (sql_put_together, "import asyncpg\ndef f(c, name):\n    c.execute(query=f'drop table {name}')"),
    (dangerous, "eval(asked)"),
    (dangerous, "run = eval\nrun(asked)"),
    (dangerous, "import builtins\nbuiltins.exec(asked)"),
    (dangerous, "import os as o\no.system(asked)"),
    (dangerous, "import os\nos.execvp(asked, [])"),
    (dangerous, "import os\nos.posix_spawn(asked, [], {})"),
    (dangerous, "from os import execvp as go"),
    (dangerous, "import asyncio\nasyncio.create_subprocess_shell(asked)"),
    (sql_put_together, "def f(c):\n    return Statement(_Q)"),
    (sql_put_together, "import asyncpg\ndef f(c, other):\n    c.fetch(other.sql)"),
    (dangerous, "loop.subprocess_shell(protocol, asked)"),
    (dangerous, "hashlib.new('md5')"),
    (dangerous, "import hashlib as h\nh.sha1(b'')"),
    (dangerous, "httpx.get(url, verify=None)"),
    (dangerous, "httpx.get(url, verify=0)"),
    (dangerous, "subprocess.run(asked, shell=1)"),
    (dangerous, "select(column(asked, is_literal=True))"),
    (imports_by_name, "import importlib\nimportlib.import_module('jose.jwt')"),
    (imports_by_name, "from importlib import import_module as get\nget('jose.jwt')"),
    (imports_by_name, "__import__('jose.jwt')"),
    (imports_by_name, "import runpy\nrunpy.run_module('jose')"),
    (dangerous, "import pickle"),
    (dangerous, "from pickle import loads"),
    (dangerous, "import random"),
    (dangerous, "from random import choice"),
    (dangerous, "yaml.load(text, Loader=yaml.Loader)"),
    (dangerous, "subprocess.run(asked, shell=True)"),
    (dangerous, "import os\nos.system(asked)"),
    (dangerous, "from os import system"),
    (dangerous, "httpx.get(url, verify=False)"),
    (dangerous, "context.check_hostname = False"),
    (dangerous, "context.verify_mode = ssl.CERT_NONE"),
    (dangerous, "ssl._create_unverified_context()"),
    (dangerous, "hashlib.md5(password)"),
    (dangerous, "uuid.uuid1()"),
    (dangerous, "import xml.etree.ElementTree"),
    (logged_values, "_LOG.info('stored %s', body)"),
    (logged_values, "_LOG.info('stored %s', patient.given_name)"),
    (logged_values, "_LOG.info(f'stored {patient.id}')"),
    (logged_values, "_LOG.error('broke: %s', error)"),
    (logged_values, "_LOG.error('broke: %s', str(error))"),
    (logged_values, "_LOG.exception('broke')"),
    (logged_values, "_LOG.error('broke', exc_info=True)"),
    (logged_values, "logging.warning(request.url)"),
    (logged_values, "_LOG.info(event_line('request', path=scope['path']))"),
    (logged_values, "_LOG.info('got it', extra=body.model_dump())"),
    (logged_values, "_LOG.info('%s', offered.code)"),
    (logged_values, "_LOG.info('%s', glass.reason)"),
    (logged_values, "_LOG.info('%s %s', offered.code, glass.reason)"),
    (logged_values, "_LOG.info('%s', glass.error.reason)"),
    (logged_values, "_LOG.info('%s', refused.detail)"),
    (logged_values, "_AUDIT_LOG.info(body)"),
    (logged_values, "logging.getLogger('x').info(body)"),
    (logged_values, "from logging import getLogger\n_TRAIL = getLogger('x')\n_TRAIL.info(body)"),
    (logged_values, "from logging import warning\nwarning(body)"),
    (said_aloud, "print(body)"),
    (said_aloud, "say = print\nsay(body)"),
    (said_aloud, "import sys\nsys.stderr.write(body)"),
    (said_aloud, "from sys import stdout as out\nout.write(body)"),
    (secrets_in_the_code, "KEY = b'kQ7zN2xV9bT4mW8rL5pY3cJ6hG1fD0sA'"),
    (secrets_in_the_code, "KEY = 'kQ7zN2xV9bT4mW8rL5pY3cJ6hG1fD0sA'"),
    (secrets_in_the_code, "PEM = '-----BEGIN EC PRIVATE KEY-----'"),
    (secrets_in_the_code, "URL = 'postgresql://tendwell:hunter22@db.example/tendwell'"),
    (table_classes_shown, "from domain.people.tables import PatientRow"),
    (table_classes_shown, "from domain.people.queries import PatientRow"),
    (table_classes_shown, "from sqlmodel import SQLModel, Field"),
    (table_classes_shown, "class Patient(SQLModel, table=True): ..."),
]
LETS_PASS: list[tuple[Rule, str]] = [
    (sql_put_together, "_Q = text(f'select {_COLUMNS} from t where id = :id')"),
    (sql_put_together, "_Q = text('select ' + ', '.join(f'a.{name}' for name in COLUMNS))"),
    (sql_put_together, "def f(s, name):\n    return s.execute(_Q, {'name': name})"),
    (
        sql_put_together,
        "async def f(c, n):\n    made = await c.scalar(_MAKE, {'n': n})\n    await c.exec_driver_sql(str(made))",
    ),
    (sql_put_together, "def f(s):\n    query = f'select {_COLUMNS} from t'\n    s.execute(text(query))"),
    (sql_put_together, "_BY_KIND = {kind: literal_column(f\"'{kind.value}'\") for kind in Kind}"),
    (sql_put_together, "def f(s, all_):\n    s.execute(text(_ALL if all_ else _ONE))"),
    (sql_put_together, "def f(s, n):\n    q = select(A).join(B, B.n == n)\n    q = q.limit(n)\n    s.execute(q)"),
    (sql_put_together, "_Q = Statement(text('select 1'))"),
    (sql_put_together, "import asyncpg\ndef f(c, statement):\n    c.fetch(statement.sql)"),
    (dangerous, "import secrets\nsecrets.token_bytes(32)"),
    (sql_put_together, "from sqlalchemy import text\nt = text\n_Q = t('select 1')"),
    (dangerous, "httpx.get(url, verify=trust)"),
    (dangerous, "import asyncio\nasyncio.create_subprocess_exec(PROGRAM)"),
    (dangerous, "yaml.safe_load(text)"),
    (dangerous, "ssl.create_default_context()"),
    (logged_values, "_LOG.warning('letter %s (%s) waits', letter.id, letter.kind)"),
    (logged_values, "_LOG.error('broke: %s', describe(error))"),
    (logged_values, "_LOG.warning('webhook %s refused: %s', claimed.webhook_id, refused.code)"),
    (logged_values, "_LOG.error('it cannot be used: %s', error.reason)"),
    (secrets_in_the_code, "ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'"),
    (secrets_in_the_code, "URL = 'postgresql://user:password@host/name'"),
    (secrets_in_the_code, "NAME = 'the_name_of_something_that_is_rather_long'"),
    (table_classes_shown, "from domain.people.queries import VisiblePatient"),
]


@pytest.mark.parametrize(("rule", "sample"), BITES)
def test_a_rule_bites(rule: Rule, sample: str) -> None:
    assert rule(ast.parse(sample))


@pytest.mark.parametrize(("rule", "sample"), LETS_PASS)
def test_a_rule_lets_pass_what_is_meant_to_be_written(rule: Rule, sample: str) -> None:
    assert rule(ast.parse(sample)) == []


def broken(rule: Rule, *places: str) -> dict[str, list[str]]:
    """Return the lines that break a rule, by the module that they stand in."""
    looked_at = modules(*places)
    assert looked_at
    return {shown(path): lines for path in looked_at if (lines := rule(tree(path)))}


def test_sql_is_made_of_constants_and_its_values_are_bound() -> None:
    assert broken(sql_put_together, *SHIPPED) == {}


def test_no_text_becomes_code_no_certificate_is_believed_and_no_chance_is_weak() -> None:
    # The demonstration invents people by chance, with a seed, so that they are the same each time: it may.
    assert broken(dangerous, *SHIPPED, "migrations") == {}


def test_a_log_line_is_given_no_model_no_body_and_no_exception() -> None:
    assert broken(logged_values, *SHIPPED) == {}


def test_modules_are_imported_by_name_where_a_table_of_ours_names_them_alone() -> None:
    # Commands and traces are imported when they are asked for, and migrations need the tables of every context.
    assert broken(imports_by_name, *SHIPPED, "migrations").keys() == {
        "api/__main__.py",
        "api/traced.py",
        "migrations/env.py",
    }


def test_nothing_is_said_aloud_but_by_what_somebody_types() -> None:
    spoken = broken(said_aloud, *SHIPPED)
    assert [path for path in spoken if not path.startswith(("api/__main__.py", "api/commands/", "api/run/"))] == []
    assert len(spoken) > 5


def test_no_secret_stands_in_the_code() -> None:
    found = broken(secrets_in_the_code, *SHIPPED, "migrations", "demo", "benchmarks")
    assert [line for lines in found.values() for line in lines if not any(known in line for known in NO_SECRETS)] == []


def test_no_storage_shape_is_named_where_the_api_is_spoken() -> None:
    assert broken(table_classes_shown, "api/routes", "api/schemas", "api/live", "api/exports") == {}


def _classes(annotation: object, seen: set[object]) -> Iterator[type]:
    """Yield every class that a type names, its parts' and its models' fields' too."""
    if annotation in seen:
        return
    seen.add(annotation)
    for part in get_args(annotation):
        yield from _classes(part, seen) if not isinstance(part, str | int) else ()
    if isinstance(annotation, type):
        yield annotation
        fields: dict[str, Any] = annotation.model_fields if issubclass(annotation, BaseModel) else {}
        for field in fields.values():
            yield from _classes(field.annotation, seen)


def _spoken(app: FastAPI) -> set[type]:
    """Return every class that an application's routes take or answer with."""
    seen: set[object] = set()
    found: set[type] = set()
    for route in app.routes:
        if isinstance(route, APIRoute):
            taken = [param.field_info.annotation for param in route.dependant.body_params]
            for annotation in [*taken, route.response_model]:
                found |= set(_classes(annotation, seen))
    return found


def test_what_routes_take_and_answer_holds_no_storage_shape_anywhere_inside() -> None:
    app = FastAPI()
    for noun in (*NOUNS, health, well_known):
        app.router.routes.extend(noun.router.routes)
    spoken = _spoken(app)
    assert len([model for model in spoken if issubclass(model, BaseModel)]) > 80
    assert [model.__name__ for model in spoken if issubclass(model, SQLModel)] == []


def test_a_storage_shape_deep_inside_an_answer_is_found() -> None:
    class Stored(SQLModel): ...

    class Answer(BaseModel):
        items: list[Stored | None]

    app = FastAPI()
    app.add_api_route("/", lambda: None, response_model=Answer)
    assert Stored in _spoken(app)
