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
_LOGGABLE_ATTRIBUTES = frozenset({"id", "webhook_id", "kind", "attempts", "code", "reason", "strerror", "__name__"})
_LOGGABLE_NAMES = frozenset({"seconds", "lapsed", "pause", "status", "request_id", "level", "event"})
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
    function every value is bound, and the statement is a constant, or was made by PostgreSQL's own format().
    """
    inner = {id(call) for function in _functions(module) for call in ast.walk(function)}
    quoted = {name for function in _functions(module) for name in _quoted_by_the_server(function)}
    return [
        _at(call)
        for call in _calls(module)
        if call.args
        and _called(call).rpartition(".")[2] in _SQL_CALLS
        and _varying(call.args[0], may_loop=id(call) not in inner) - quoted
    ]


def _varying(statement: ast.expr, *, may_loop: bool) -> set[str]:
    """Return the names, of those that a statement is put together of, that are no constants in capitals."""
    if not _is_put_together(statement):
        return set()
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} - {"str"}
    calls = {_called(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
    constant = {name for name in names if name.strip("_").isupper()}
    looped = _loop_names(statement) if may_loop else set()
    return (names - constant - looped) | {call for call in calls if "." not in call and call != "str"}


def _is_put_together(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _called(node).rpartition(".")[2] in {"format", "join", "replace", "str", "format_map", "substitute"}
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def _loop_names(node: ast.expr) -> set[str]:
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
        return node.attr in _LOGGABLE_ATTRIBUTES
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
