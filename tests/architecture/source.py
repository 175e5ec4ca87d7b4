"""The project's own Python, parsed: what the architecture's tests read."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("api", "domain", "integrations")
ALL = (*SHIPPED, "demo", "benchmarks", "tests", "migrations")

_DEFINED = re.compile(r"^\s*(?:async )?def (\w+)", re.MULTILINE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module's syntax tree; walked once, as every rule looks at them all."""
    return tuple(ast.walk(tree(path)))


def modules(*places: str) -> list[Path]:
    """Return the modules below these folders of the repository."""
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as people name it."""
    return path.relative_to(ROOT).as_posix()


def offending(offence: Callable[[Path], object], *places: str) -> dict[str, object]:
    """Return what breaks a rule in the modules below these folders, by the module that it stands in.

    All modules in one test: as a test each, they would be half of all tests, and cost ten times what the looking does.
    """
    looked_at = modules(*places)
    assert looked_at
    return {shown(path): found for path in looked_at if (found := offence(path))}


@cache
def functions(path: Path) -> tuple[Function, ...]:
    """Return every function and method of a module, inner ones too."""
    return tuple(node for node in nodes(path) if isinstance(node, Function))


@cache
def names_of_tests() -> frozenset[str]:
    """Return the name of every test, and of whatever else a module of tests defines."""
    return frozenset(name for path in modules("tests") for name in _DEFINED.findall(path.read_text()))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Return the full name of every module, and of everything, that a module imports."""
    names: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)
