"""What no module of the service may do, as questions to its syntax tree. Each returns the lines that break its rule.

A linter's general warnings are quietened where they are wrong (a word called "password", SQL made of constants); these
say exactly what is meant instead. tests/architecture/test_forbidden.py shows of each that it bites.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property

Rule = Callable[[ast.Module], list[str]]

_SQL_CALLS = frozenset({"text", "exec_driver_sql", "execute", "executemany", "fetch", "fetchval", "fetchrow", "scalar"})
_TEXT_CALLS = frozenset(
    {
        *("text", "literal_column", "TextClause", "DDL", "op"),
        *("exec_driver_sql", "executemany", "fetch", "fetchval", "fetchrow", "prepare", "copy_from_query"),
    }
)
_STATEMENT = frozenset({"text", "statement", "query", "sql"})  # what SQL is called where it is given by name
_MADE_READY = "statement.sql"  # of a Statement, which is made when a module is loaded and nowhere else
_DANGEROUS_CALLS = frozenset({"eval", "exec", "compile", "__import__", "breakpoint"})
_DANGEROUS = re.compile(
    r"os\.(system|popen|(exec|spawn|posix_spawn)\w*)|subprocess\.get(status)?output|(.+\.)?(create_)?subprocess_shell"
    r"|yaml\.(load|unsafe_load|full_load)|ssl\.(_create_unverified_context|CERT_NONE|VERIFY_DEFAULT)"
    r"|hashlib\.(md5|sha1|new)|random\.seed|tempfile\.mktemp|uuid\.uuid1"
)
_DANGEROUS_MODULES = frozenset({"pickle", "marshal", "shelve", "dill", "random", "telnetlib", "ftplib", "xml", "lxml"})
_MUST_BE_ON = {"verify", "check_hostname", "autoescape"}
_MUST_BE_OFF = {"shell", "unsafe_allow_html", "is_literal"}  # a column that is not literal is quoted
_IMPORTING = re.compile(r"(builtins\.)?__import__|importlib\.import_module|runpy\.\w+")
_ALOUD = re.compile(r"(builtins\.)?print|pprint\.pp(rint)?|sys\.(__)?std(out|err)(__)?")
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})
# What a line may hold besides its own words: ids of things, numbers, kinds and places, never what somebody wrote.
_LOGGABLE_ATTRIBUTES = frozenset({"id", "webhook_id", "kind", "attempts", "strerror", "__name__", "lock_holders"})
# Words of our own on an error; on anything else a code is what opens something, and a reason what somebody wrote.
_LOGGABLE_OF_ERRORS = frozenset({"code", "reason"})
_ERRORS = frozenset({"error", "refused", "missing"})
_LOGGABLE_NAMES = frozenset(
    {"table", "seconds", "lapsed", "pause", "revision", "status", "request_id", "level", "event", "work", "failures"}
)
_DESCRIBING = frozenset({"describe", "describe_error", "_kind_and_place", "route_template", "request_id_of", "round"})
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_WITH_PASSWORD = re.compile(r"://[^/\s:{}]+:[^/\s@{}*]{4,}@(?!host\b)")
_FEWEST_DIFFERENT, _FEWEST_DIGITS = 12, 3


@cache
def _nodes(module: ast.Module) -> tuple[ast.AST, ...]:
    """Return every node of a module's tree; each rule asks for them, some more than once."""
    return tuple(ast.walk(module))


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in _nodes(module) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


class _Names:
    """What a module's names stand for: what they were imported as, or are another name of."""

    def __init__(self, module: ast.Module) -> None:
        self._module, self._known = module, dict[str, str]()
        for node in _nodes(module):
            if isinstance(node, ast.Import):
                self._known |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.ImportFrom) and node.module:
                self._known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for name, value in (given for node in _nodes(module) for given in _assignments(node)):
            if isinstance(value, ast.Name | ast.Attribute):
                self._known.setdefault(name, ast.unparse(value))

    def full(self, node: ast.expr) -> str:
        """Return the whole name of what an expression names: os.system for `s` after `from os import system as s`."""
        name, followed = _written(node), set[str]()
        while (first := name.split(".")[0]) in self._known and first not in followed:
            followed.add(first)
            name = self._known[first] + name.removeprefix(first)
        return name

    @cached_property
    def used(self) -> list[tuple[ast.expr, str]]:
        """Every name that is used, with the whole of it."""
        names = (node for node in _nodes(self._module) if isinstance(node, ast.Name | ast.Attribute))
        return [(node, self.full(node)) for node in names if isinstance(node.ctx, ast.Load)]


def _at(node: ast.expr | ast.stmt) -> str:
    return f"{node.lineno}: {ast.unparse(node)[:100]}"


@cache
def _names(module: ast.Module) -> _Names:
    """Return what a module's names stand for; each rule asks it of the same trees."""
    return _Names(module)


def _written(node: ast.expr) -> str:
    """Return an expression's text; of names, which are most, ten times as fast as ast.unparse does it."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{_written(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ast.unparse(node)


def sql_put_together(module: ast.Module) -> list[str]:
    """Return where SQL is made of anything but constants.

    At the top of a module it may be put together of the module's own capitals: nobody has asked anything yet. Inside a
    function every value is bound, and the statement is a constant, or was made by PostgreSQL's own format(). What text
    becomes SQL is followed to where it was assigned; of what is executed besides only that it is no such text.
    """
    around = _around(module)
    takes_text = _takes_text(module)
    looped = _loop_names(module)
    names = _names(module)
    bad = []
    for call in _calls(module):
        name = names.full(call.func).rpartition(".")[2]
        bad += [_at(call)] if name == "Statement" and around.get(id(call)) else []
        if name in _SQL_CALLS | takes_text:
            known = _Known(around.get(id(call), ()), looped)
            for statement in _statements(call):
                refused = not known.is_constant(statement) if name in takes_text else known.is_made(statement)
                bad += [_at(call)] if refused else []
    return bad


def _statements(call: ast.Call) -> list[ast.expr]:
    return call.args[:1] or [keyword.value for keyword in call.keywords if keyword.arg in _STATEMENT]


def _takes_text(module: ast.Module) -> frozenset[str]:
    """Return the calls of a module that take SQL as text: where a driver is spoken to directly, more than elsewhere."""
    speaks_to_driver = any(name.split(".")[0] == "asyncpg" for node in _nodes(module) for name in _imports(node))
    return _TEXT_CALLS | (_SQL_CALLS if speaks_to_driver else frozenset())


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
            return node.attr.strip("_").isupper() or ast.unparse(node) == _MADE_READY
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
    yield from (n for n in _nodes(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def dangerous(module: ast.Module) -> list[str]:
    """Return where text becomes code, a shell is asked, any certificate is believed, or chance or a hash is weak."""
    names = _names(module)
    bad = [_at(node) for node, name in names.used if _DANGEROUS.fullmatch(name)]
    for call in _calls(module):
        is_code = names.full(call.func).removeprefix("builtins.") in _DANGEROUS_CALLS
        bad += [_at(call)] if is_code or _switches_off(call) else []
    for node in _nodes(module):
        if isinstance(node, ast.Assign):
            bad += [_at(node) for t in node.targets if ast.unparse(t).endswith((".check_hostname", ".verify_mode"))]
        bad += [f"{name} is imported" for name in _imports(node) if _is_dangerous(name)]
    return bad


def _switches_off(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value.value for keyword in call.keywords if isinstance(keyword.value, ast.Constant)}
    is_off = any(name in given and not given[name] for name in _MUST_BE_ON)
    return is_off or any(given.get(name) for name in _MUST_BE_OFF)


def imports_by_name(module: ast.Module) -> list[str]:
    """Return where a module is imported by what a text says: the rules about who imports what cannot see it."""
    return [_at(node) for node, name in _names(module).used if _IMPORTING.fullmatch(name)]


def said_aloud(module: ast.Module) -> list[str]:
    """Return where something is printed, past the log and its rules."""
    return [_at(node) for node, name in _names(module).used if _ALOUD.fullmatch(name)]


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_dangerous(name: str) -> bool:
    return name.split(".")[0] in _DANGEROUS_MODULES or bool(_DANGEROUS.fullmatch(name))


def logged_values(module: ast.Module) -> list[str]:
    """Return where a log line is given more than its own words, numbers, ids, and kinds and places of errors."""
    names, bad = _names(module), []
    loggers = {name for node in _nodes(module) for name, value in _assignments(node) if _is_logger(value, names)}
    for call in _calls(module):
        receiver, _, level = names.full(call.func).rpartition(".")
        made_here = isinstance(call.func, ast.Attribute) and _is_logger(call.func.value, names)
        words = receiver.rpartition(".")[2].lower().split("_")
        if level in _LEVELS and (made_here or receiver in loggers or {"log", "logger", "logging"}.intersection(words)):
            said = [*call.args, *(keyword.value for keyword in call.keywords)]
            told_all = level == "exception" or any(k.arg in {"exc_info", "extra", "stack_info"} for k in call.keywords)
            bad += [_at(call)] if told_all or not all(map(_is_loggable, said)) else []
    return bad


def _is_logger(value: ast.expr | None, names: _Names) -> bool:
    return isinstance(value, ast.Call) and names.full(value.func).endswith("getLogger")


def _is_loggable(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _called(node) in _DESCRIBING or (_called(node) == "event_line" and all(map(_is_loggable, given)))
    if isinstance(node, ast.Attribute):
        is_of_error = isinstance(node.value, ast.Name) and node.value.id in _ERRORS
        return node.attr in _LOGGABLE_ATTRIBUTES or (is_of_error and node.attr in _LOGGABLE_OF_ERRORS)
    if isinstance(node, ast.Subscript):
        return ast.unparse(node).startswith("scope.get('method'")
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _LOGGABLE_NAMES)


def secrets_in_the_code(module: ast.Module) -> list[str]:
    """Return the texts that could be a key or a password: long, without a space, of many different characters."""
    texts = (node for node in _nodes(module) if isinstance(node, ast.Constant))
    return [_at(node) for node in texts if _holds_a_secret(_text_of(node.value))]


def _text_of(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _holds_a_secret(text: str) -> bool:
    return bool(_WITH_PASSWORD.search(text)) or "PRIVATE KEY-----" in text or any(map(_is_drawn, _LONG.findall(text)))


def _is_drawn(word: str) -> bool:
    """Return whether a word looks drawn at random, and not like words put together or an alphabet."""
    digits = sum(character.isdigit() for character in word)
    is_alphabet = "".join(sorted(word)) == word
    return len(set(word)) >= _FEWEST_DIFFERENT and digits >= _FEWEST_DIGITS and not is_alphabet


def table_classes_shown(module: ast.Module) -> list[str]:
    """Return where a route or a schema names a storage shape, or makes one."""
    bad = [_at(node) for node in _nodes(module) if isinstance(node, ast.ClassDef) and _is_table(node)]
    for node in _nodes(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            bad += [_at(node)] if node.module.endswith(".tables") or node.module == "sqlmodel" else []
            bad += [_at(node) for alias in node.names if alias.name.endswith("Row")]
    return bad


def _is_table(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith("SQLModel") for base in node.bases) or any(
        k.arg == "table" for k in node.keywords
    )
