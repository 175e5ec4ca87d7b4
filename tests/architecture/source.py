"""The project's own Python, parsed: what the architecture's tests read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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


def modules(*places: str) -> list[Path]:
    """Return the modules below these folders of the repository."""
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as people name it."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[Function]:
    """Yield every function and method of a module, inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


@cache
def names_of_tests() -> frozenset[str]:
    """Return the name of every test, and of whatever else a module of tests defines."""
    return frozenset(name for path in modules("tests") for name in _DEFINED.findall(path.read_text()))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of every module, and of everything, that a module imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
