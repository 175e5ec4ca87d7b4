"""The house rules that a reviewer would otherwise have to remember."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.source import (
    ALL,
    SHIPPED,
    Function,
    functions,
    imported,
    modules,
    nodes,
    offending,
    shown,
    tree,
)

GREATEST_MODULE, GREATEST_FUNCTION, GREATEST_ROUTE = 400, 40, 12
SQL = ("sqlalchemy", "sqlmodel", "asyncpg")
# Kept for the one adapter of each (docs/decisions.md): nobody else may know these libraries.
ONLY_HERE: dict[str, str | tuple[str, ...]] = {
    "aiosmtplib": "integrations/mail",
    "argon2": (),
    "cryptography": (
        "domain/keys/",
        "domain/audit/checkpoint.py",
        "api/commands/new_secrets.py",
        "integrations/notifications/",
    ),
    "ecdsa": (),
    "httpx": "integrations/",
    "jose": "api/authentication.py",
    "nats": "integrations/nats",
    "passlib": "api/passwords.py",
    "prometheus_client": "api/metrics.py",
    "pyotp": "domain/accounts/totp.py",
    "socket": ("api/live/websocket_protocol.py", "api/run/ports.py", "integrations/webhooks"),
    "ssl": "integrations/",
    "subprocess": ("api/run/", "integrations/linux/", "integrations/postgres/embedded.py"),
    "webauthn": "domain/accounts/passkey_ceremony.py",
}
READS_SETTINGS = ("api/__main__.py", "api/app.py", "api/worker.py", "api/settings.py", "api/commands/", "api/run/")


def test_a_module_is_short() -> None:
    def too_many_lines(path: Path) -> int | None:
        lines = len(path.read_text().splitlines())
        return lines if lines > GREATEST_MODULE else None

    assert offending(too_many_lines, *SHIPPED, "demo", "benchmarks") == {}


def test_a_module_says_what_it_is_for() -> None:
    def says_nothing(path: Path) -> bool:
        return bool(tree(path).body) and not ast.get_docstring(tree(path)) and "migrations/versions" not in shown(path)

    assert offending(says_nothing, *ALL) == {}


def test_a_function_is_short() -> None:
    def long(path: Path) -> list[tuple[str, int]]:
        lines = [(f.name, _lines(f)) for f in functions(path) if f.name not in _MIGRATION]
        return [(name, many) for name, many in lines if many > GREATEST_FUNCTION]

    assert offending(long, *ALL) == {}


_MIGRATION = {"upgrade", "downgrade"}


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_what_people_read_says_email_as_the_console_does() -> None:
    """Docstrings of other things than routes are for engineers."""

    def hyphened(path: Path) -> list[str]:
        for_engineers = set() if "routes" in path.parts else {n.value for n in nodes(path) if isinstance(n, ast.Expr)}
        texts = [n.value for n in nodes(path) if isinstance(n, ast.Constant) and n not in for_engineers]
        return [each for each in texts if isinstance(each, str) and "e-mail" in each.lower()]

    assert offending(hyphened, *SHIPPED) == {}


def test_a_route_s_body_is_thin() -> None:
    def thick(path: Path) -> list[tuple[str, int]]:
        lines = [(route.name, _lines_of_body(route)) for route in functions(path) if _is_route(route)]
        return [(name, many) for name, many in lines if many > GREATEST_ROUTE]

    assert offending(thick, "api/routes") == {}


def test_a_route_has_a_docstring_which_is_the_api_s_description() -> None:
    def undescribed(path: Path) -> list[str]:
        return [each.name for each in functions(path) if _is_route(each) and not ast.get_docstring(each)]

    assert offending(undescribed, "api/routes") == {}


def _is_route(function: Function) -> bool:
    decorators = (d for d in function.decorator_list if isinstance(d, ast.Call))
    return any(ast.unparse(decorator.func).startswith("router.") for decorator in decorators)


def _lines_of_body(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1


def test_imports_stand_at_the_top() -> None:
    def inner(path: Path) -> list[str]:
        return [
            f"{function.name}: {ast.unparse(node)}"
            for function in functions(path)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]

    assert offending(inner, *SHIPPED) == {}


def test_a_library_behind_an_adapter_is_imported_by_the_adapter_alone() -> None:
    def imported_beside(path: Path) -> list[str]:
        elsewhere = [library for library, place in ONLY_HERE.items() if not shown(path).startswith(place)]
        return [name for library in elsewhere for name in names_of(library, imported(path))]

    assert offending(imported_beside, *SHIPPED) == {}


def names_of(library: str, imported: Iterable[str]) -> list[str]:
    """Return what is imported of a library."""
    return [name for name in imported if name == library or name.startswith(f"{library}.")]


@pytest.mark.parametrize("library", ONLY_HERE)
def test_an_import_of_such_a_library_is_noticed_however_it_is_written(library: str, tmp_path: Path) -> None:
    for number, line in enumerate(
        (f"import {library}", f"from {library}.some import thing", f"from {library} import x")
    ):
        sample = tmp_path / f"{library}_{number}.py"
        sample.write_text(f"def f():\n    {line}\n")
        assert names_of(library, imported(sample)), line
    (tmp_path / "other.py").write_text(f"import {library}_of_another_kind\n")
    assert names_of(library, imported(tmp_path / "other.py")) == []


def test_each_such_library_is_used_where_it_may_be() -> None:
    for library, places in ONLY_HERE.items():
        found = [shown(path) for path in modules(*SHIPPED) if names_of(library, imported(path))]
        assert bool(found) is bool(places), library


def test_only_tables_queries_and_commands_speak_sql() -> None:
    def spoken(path: Path) -> list[str]:
        # `statements` says none: it makes what the others say ready.
        speaks = path.stem in {"tables", "statements"} or path.stem.endswith(("queries", "commands"))
        return [] if speaks else _spoken_sql(path)

    assert offending(spoken, "domain") == {}


def test_the_api_speaks_no_sql() -> None:
    assert offending(_spoken_sql, "api/routes", "api/schemas", "api/live") == {}


def _spoken_sql(path: Path) -> list[str]:
    """Return the database libraries imported; the session's own type may be named, for it is handed on."""
    return [name for name in imported(path) if name.split(".")[0] in SQL and not name.startswith(_SESSION)]


_SESSION = "sqlmodel.ext.asyncio.session"


def test_tables_are_private_to_their_context() -> None:
    def of_others(path: Path) -> list[str]:
        parted = [(name, name.split(".")) for name in imported(path)]
        tables = [(name, parts[1]) for name, parts in parted if parts[0] == "domain" and parts[2:3] == ["tables"]]
        return [name for name, context in tables if not shown(path).startswith(f"domain/{context}/")]

    assert offending(of_others, "domain", "integrations", "api") == {}


def test_settings_are_read_at_the_entry_points_alone() -> None:
    def read(path: Path) -> list[str]:
        may = shown(path).startswith(READS_SETTINGS)
        return [name for name in imported(path) if name.startswith("api.settings") and not may]

    assert offending(read, "api", "domain", "integrations") == {}


def test_nothing_is_called_a_manager_or_a_helper() -> None:
    forbidden = ("Manager", "Helper", "Base", "Utils", "Misc", "Common")

    def so_called(path: Path) -> list[str]:
        modules_so_called = [path.stem] if path.stem in {"utils", "common", "misc", "helpers", "base"} else []
        named = [node.name for node in nodes(path) if isinstance(node, ast.ClassDef)]
        return modules_so_called + [name for name in named if name.endswith(forbidden) or name.startswith("Base")]

    assert offending(so_called, *SHIPPED) == {}


def test_a_page_s_cursor_is_signed_in_one_place() -> None:
    """Two ways of it drifted apart: one signed without the epoch that reading compares with."""
    calls = [
        (shown(path), function.name)
        for path in modules("api")
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sign_cursor"
    ]
    assert calls == [("api/pagination.py", "onward")]
