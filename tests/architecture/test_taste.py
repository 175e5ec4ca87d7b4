"""The house rules that a reviewer would otherwise have to remember."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.source import ALL, SHIPPED, Function, functions, imported, modules, shown, tree

GREATEST_MODULE, GREATEST_FUNCTION, GREATEST_ROUTE = 400, 40, 12
SQL = ("sqlalchemy", "sqlmodel", "asyncpg")
# Kept for the one adapter of each (docs/decisions.md): nobody else may know these libraries.
ONLY_HERE: dict[str, str | tuple[str, ...]] = {
    "aiosmtplib": "integrations/mail",
    "argon2": (),
    "cryptography": ("domain/keys/", "domain/audit/checkpoint.py", "api/commands/new_secrets.py"),
    "ecdsa": (),
    "httpx": "integrations/",
    "jose": "api/authentication.py",
    "nats": "integrations/nats",
    "passlib": "api/passwords.py",
    "pyotp": "domain/accounts/totp.py",
    "socket": ("api/live/websocket_protocol.py", "api/run/ports.py", "integrations/webhooks"),
    "ssl": "integrations/",
    "subprocess": ("api/run/", "integrations/linux/", "integrations/postgres/embedded.py"),
    "webauthn": "domain/accounts/passkey_ceremony.py",
}
READS_SETTINGS = ("api/__main__.py", "api/app.py", "api/worker.py", "api/settings.py", "api/commands/", "api/run/")


@pytest.mark.parametrize("path", modules(*SHIPPED, "demo", "benchmarks"), ids=shown)
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= GREATEST_MODULE


@pytest.mark.parametrize("path", modules(*ALL), ids=shown)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)) or not tree(path).body or "migrations/versions" in shown(path)


@pytest.mark.parametrize("path", modules(*ALL), ids=shown)
def test_a_function_is_short(path: Path) -> None:
    long = {f.name: _lines(f) for f in functions(path) if _lines(f) > GREATEST_FUNCTION and f.name not in _MIGRATION}
    assert long == {}


_MIGRATION = {"upgrade", "downgrade"}


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("path", modules(*SHIPPED), ids=shown)
def test_what_people_read_says_email_as_the_console_does(path: Path) -> None:
    """Docstrings of other things than routes are for engineers."""
    nodes = list(ast.walk(tree(path)))
    by_itself = {node.value for node in nodes if isinstance(node, ast.Expr)} if "routes" not in path.parts else set()
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and node not in by_itself]
    assert [each for each in texts if isinstance(each, str) and "e-mail" in each.lower()] == []


@pytest.mark.parametrize("path", modules("api/routes"), ids=shown)
def test_a_route_s_body_is_thin(path: Path) -> None:
    for function in functions(path):
        if any(isinstance(d, ast.Call) and ast.unparse(d.func).startswith("router.") for d in function.decorator_list):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = (function.end_lineno or 0) - body[0].lineno + 1
            assert lines <= GREATEST_ROUTE, function.name
            assert ast.get_docstring(function), f"{function.name} has no docstring: it is the API's description"


@pytest.mark.parametrize("path", modules(*SHIPPED), ids=shown)
def test_imports_stand_at_the_top(path: Path) -> None:
    inner = [
        f"{function.name}: {ast.unparse(node)}"
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


@pytest.mark.parametrize("path", modules(*SHIPPED), ids=shown)
def test_a_library_behind_an_adapter_is_imported_by_the_adapter_alone(path: Path) -> None:
    for library, place in ONLY_HERE.items():
        if not shown(path).startswith(place):
            assert not names_of(library, imported(path)), library


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


@pytest.mark.parametrize("path", modules("domain"), ids=shown)
def test_only_tables_queries_and_commands_speak_sql(path: Path) -> None:
    if path.stem == "tables" or path.stem.endswith(("queries", "commands")):
        return
    assert _spoken_sql(path) == []


@pytest.mark.parametrize("path", modules("api/routes", "api/schemas", "api/live"), ids=shown)
def test_the_api_speaks_no_sql(path: Path) -> None:
    assert _spoken_sql(path) == []


def _spoken_sql(path: Path) -> list[str]:
    """Return the database libraries imported; the session's own type may be named, for it is handed on."""
    return [name for name in imported(path) if name.split(".")[0] in SQL and not name.startswith(_SESSION)]


_SESSION = "sqlmodel.ext.asyncio.session"


@pytest.mark.parametrize("path", modules("domain", "integrations", "api"), ids=shown)
def test_tables_are_private_to_their_context(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "domain" and len(parts) > 2 and parts[2] == "tables":
            assert shown(path).startswith(f"domain/{parts[1]}/"), name


@pytest.mark.parametrize("path", modules("api", "domain", "integrations"), ids=shown)
def test_settings_are_read_at_the_entry_points_alone(path: Path) -> None:
    if not shown(path).startswith(READS_SETTINGS):
        assert not [name for name in imported(path) if name.startswith("api.settings")]


@pytest.mark.parametrize("path", modules(*SHIPPED), ids=shown)
def test_nothing_is_called_a_manager_or_a_helper(path: Path) -> None:
    forbidden = ("Manager", "Helper", "Base", "Utils", "Misc", "Common")
    assert path.stem not in {"utils", "common", "misc", "helpers", "base"}
    named = [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in named if name.endswith(forbidden) or name.startswith("Base")]


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
