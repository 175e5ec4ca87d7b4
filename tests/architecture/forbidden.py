"""What no module of the service may do, as questions to its syntax tree. Each returns the lines that break its rule.

A linter's general warnings are quietened where they are wrong (a word called "password", SQL made of constants); these
say exactly what is meant instead. tests/architecture/test_forbidden.py shows of each that it bites.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

Rule = Callable[[ast.Module], list[str]]

_SQL_CALLS = frozenset({"text", "exec_driver_sql", "execute", "executemany", "fetch", "fetchval", "fetchrow", "scalar"})
_TEXT_CALLS = frozenset(
    {"text", "literal_column", "TextClause", "exec_driver_sql", "executemany", "fetch", "fetchval", "fetchrow"}
)
_DANGEROUS_CALLS = frozenset({"eval", "exec", "compile", "__import__", "breakpoint"})
_DANGEROUS_ATTRIBUTES = frozenset(
    {
        *("os.system", "os.popen", "os.execv", "os.spawnv", "tempfile.mktemp", "subprocess.getoutput", "uuid.uuid1"),
        *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "ssl._create_unverified_context", "ssl.CERT_NONE"),
        *("ssl.VERIFY_DEFAULT", "hashlib.md5", "hashlib.sha1", "random.seed"),
    }
)
_DANGEROUS_MODULES = frozenset({"pickle", "marshal", "shelve", "dill", "random", "telnetlib", "ftplib", "xml", "lxml"})
_UNCHECKED = {"verify": False, "check_hostname": False, "shell": True, "autoescape": False, "unsafe_allow_html": True}
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})
# What a line may hold besides its own words: ids of things, numbers, kinds and places, never what somebody wrote.
_LOGGABLE_ATTRIBUTES = frozenset({"id", "webhook_id", "kind", "attempts", "strerror", "__name__"})
# Words of our own on an error; on anything else a code is what opens something, and a reason what somebody wrote.
_LOGGABLE_OF_ERRORS = frozenset({"code", "reason"})
_ERRORS = frozenset({"error", "refused", "missing"})
_LOGGABLE_NAMES = frozenset({"table", "seconds", "lapsed", "pause", "status", "request_id", "level", "event"})
_DESCRIBING = frozenset({"describe", "describe_error", "_kind_and_place", "route_template", "request_id_of", "round"})
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_WITH_PASSWORD = re.compile(r"://[^/\s:{}]+:[^/\s@{}*]{4,}@(?!host\b)")
_FEWEST_DIFFERENT, _FEWEST_DIGITS = 12, 3


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(module) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _at(node: ast.expr | ast.stmt) -> str:
    return f"{node.lineno}: {ast.unparse(node)[:100]}"


def sql_put_together(module: ast.Module) -> list[str]:
    """Return where SQL is made of anything but constants.

    At the top of a module it may be put together of the module's own capitals: nobody has asked anything yet. Inside a
    function every value is bound, and the statement is a constant, or was made by PostgreSQL's own format(). What text
    becomes SQL is followed to where it was assigned; of what is executed besides only that it is no such text.
    """
    around = _around(module)
    takes_text = _takes_text(module)
    looped = _loop_names(module)
    bad = []
    for call in _calls(module):
        name = _called(call).rpartition(".")[2]
        if call.args and name in _SQL_CALLS | takes_text:
            known = _Known(around.get(id(call), ()), looped)
            refused = not known.is_constant(call.args[0]) if name in takes_text else known.is_made(call.args[0])
            bad += [_at(call)] if refused else []
    return bad


def _takes_text(module: ast.Module) -> frozenset[str]:
    """Return the calls of a module that take SQL as text: where a driver is spoken to directly, more than elsewhere."""
    imports = [node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom)]
    others = {alias.asname for node in imports for alias in node.names if alias.name == "text" and alias.asname}
    speaks_to_driver = any(name.split(".")[0] == "asyncpg" for node in imports for name in _imports(node))
    return _TEXT_CALLS | others | (_SQL_CALLS if speaks_to_driver else frozenset())


def _around(module: ast.Module) -> dict[int, tuple[ast.AST, ...]]:
    """Return the functions that each call stands in, by the call's id."""
    found: dict[int, tuple[ast.AST, ...]] = {}
    for function in _functions(module):
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                found[id(node)] = (*found.get(id(node), ()), function)
    return found


class _Known:
    """What is known of the names in some functions: what they were assigned, and which the server has quoted."""

    def __init__(self, functions: tuple[ast.AST, ...], looped: set[str]) -> None:
        self._looped = set() if functions else looped
        self._quoted = {name for function in functions for name in _quoted_by_the_server(function)}
        self._assigned: dict[str, list[ast.expr | None]] = {}
        for node in (node for function in functions for node in ast.walk(function)):
            for name, value in _assignments(node):
                self._assigned.setdefault(name, []).append(value)

    def is_constant(self, node: ast.expr | None, following: frozenset[str] = frozenset()) -> bool:
        """Return whether this is text that stands in the code, whole or put together of such."""
        if isinstance(node, ast.Name):
            if node.id in self._quoted or node.id in following:
                return True
            values = self._assigned.get(node.id)
            known = following | {node.id}
            return node.id.strip("_").isupper() if values is None else all(self.is_constant(v, known) for v in values)
        if isinstance(node, ast.IfExp):
            return self.is_constant(node.body, following) and self.is_constant(node.orelse, following)
        if isinstance(node, ast.Attribute):
            return node.attr.strip("_").isupper()
        if node is not None and _is_put_together(node):
            return not self._varying(node, following)
        return isinstance(node, ast.Constant)

    def is_made(self, node: ast.expr | None, following: frozenset[str] = frozenset()) -> bool:
        """Return whether this is text put together of more than constants, here or where it was assigned."""
        if isinstance(node, ast.Name) and node.id not in following | self._quoted:
            return any(self.is_made(value, following | {node.id}) for value in self._assigned.get(node.id, []))
        return node is not None and _is_text(node) and bool(self._varying(node, following))

    def _varying(self, statement: ast.expr, following: frozenset[str]) -> set[str]:
        """Return the names, of those that a statement is put together of, that are no constants."""
        names = {node for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id != "str"}
        calls = {_called(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
        varying = {name.id for name in names if name.id not in self._looped and not self.is_constant(name, following)}
        return varying | {call for call in calls if "." not in call and call != "str"}


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield each name that a node gives a value, with the value; None where it is not known here."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            single = isinstance(target, ast.Name)
            yield from ((name, node.value if single else None) for name in _stored(target))
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        yield from ((name, node.value) for name in _stored(node.target) if node.value is not None)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield from ((name, None) for name in _stored(node.target))
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield from ((name, None) for name in _stored(node.optional_vars))
    elif isinstance(node, ast.arg):
        yield node.arg, None


def _stored(target: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _is_put_together(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _called(node).rpartition(".")[2] in {"format", "join", "replace", "str", "format_map", "substitute"}
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def _is_text(node: ast.expr) -> bool:
    """Return whether this is text that is put together, and not a query that is: those have a join() as well."""
    if isinstance(node, ast.Call) and _called(node).endswith(".join") and isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Constant | ast.JoinedStr)
    return _is_put_together(node)


def _loop_names(node: ast.AST) -> set[str]:
    loops = (inner for inner in ast.walk(node) if isinstance(inner, ast.comprehension))
    return {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}


def _quoted_by_the_server(function: ast.AST) -> Iterator[str]:
    """Yield the names that hold what a statement of this very function answered: quoted by PostgreSQL's format()."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Await):
            continue
        awaited = node.value.value
        if isinstance(awaited, ast.Call) and _called(awaited).endswith((".scalar", ".fetchval")):
            yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _functions(module: ast.Module) -> Iterator[ast.AST]:
    yield from (n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def dangerous(module: ast.Module) -> list[str]:
    """Return where text becomes code, a shell is asked, any certificate is believed, or chance or a hash is weak."""
    bad = [_at(call) for call in _calls(module) if _called(call) in _DANGEROUS_CALLS or _switches_off(call)]
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in _DANGEROUS_ATTRIBUTES:
            bad.append(_at(node))
        if isinstance(node, ast.Assign):
            bad += [_at(node) for t in node.targets if ast.unparse(t).endswith((".check_hostname", ".verify_mode"))]
        bad += [f"{name} is imported" for name in _imports(node) if _is_dangerous(name)]
    return bad


def _switches_off(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value.value for keyword in call.keywords if isinstance(keyword.value, ast.Constant)}
    return any(name in given and given[name] is value for name, value in _UNCHECKED.items())


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_dangerous(name: str) -> bool:
    return name.split(".")[0] in _DANGEROUS_MODULES or name in _DANGEROUS_ATTRIBUTES


def logged_values(module: ast.Module) -> list[str]:
    """Return where a log line is given more than its own words, numbers, ids, and kinds and places of errors."""
    bad = []
    for call in _calls(module):
        receiver, _, level = _called(call).rpartition(".")
        if level in _LEVELS and receiver.rpartition(".")[2].strip("_").lower() in {"log", "logger", "logging"}:
            said = [*call.args, *(keyword.value for keyword in call.keywords)]
            told_all = level == "exception" or any(k.arg in {"exc_info", "extra", "stack_info"} for k in call.keywords)
            bad += [_at(call)] if told_all or not all(map(_is_loggable, said)) else []
    return bad


def _is_loggable(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _called(node) in _DESCRIBING or (_called(node) == "_line" and all(map(_is_loggable, given)))
    if isinstance(node, ast.Attribute):
        is_of_error = isinstance(node.value, ast.Name) and node.value.id in _ERRORS
        return node.attr in _LOGGABLE_ATTRIBUTES or (is_of_error and node.attr in _LOGGABLE_OF_ERRORS)
    if isinstance(node, ast.Subscript):
        return ast.unparse(node).startswith("scope.get('method'")
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _LOGGABLE_NAMES)


def secrets_in_the_code(module: ast.Module) -> list[str]:
    """Return the texts that could be a key or a password: long, without a space, of many different characters."""
    texts = (node for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [_at(node) for node in texts if _holds_a_secret(str(node.value))]


def _holds_a_secret(text: str) -> bool:
    return bool(_WITH_PASSWORD.search(text)) or "PRIVATE KEY-----" in text or any(map(_is_drawn, _LONG.findall(text)))


def _is_drawn(word: str) -> bool:
    """Return whether a word looks drawn at random, and not like words put together or an alphabet."""
    digits = sum(character.isdigit() for character in word)
    is_alphabet = "".join(sorted(word)) == word
    return len(set(word)) >= _FEWEST_DIFFERENT and digits >= _FEWEST_DIGITS and not is_alphabet


def table_classes_shown(module: ast.Module) -> list[str]:
    """Return where a route or a schema names a storage shape, or makes one."""
    bad = [_at(node) for node in ast.walk(module) if isinstance(node, ast.ClassDef) and _is_table(node)]
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            bad += [_at(node)] if node.module.endswith(".tables") or node.module == "sqlmodel" else []
            bad += [_at(node) for alias in node.names if alias.name.endswith("Row")]
    return bad


def _is_table(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith("SQLModel") for base in node.bases) or any(
        k.arg == "table" for k in node.keywords
    )
