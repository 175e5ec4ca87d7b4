"""What a migration must not do beside a service in use, by the SQL that it sends. Pure: told statements, says which."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = r"(?:only\s+)?\"?([a-z_]+)\"?"
_CREATED = re.compile(rf"create (?:unlogged )?table (?:if not exists )?{_NAME}")
_INDEX = re.compile(rf"create (?:unique )?index (?!concurrently)(?:if not exists )?(?:\S+ )?on {_NAME}")
_ALTER = re.compile(rf"alter table (?:if exists )?{_NAME}(.*)")
_CHANGES = "update|delete from|insert into|truncate(?: table)?|lock(?: table)?|cluster|vacuum full"
_ROWS = re.compile(rf"(?:{_CHANGES}) {_NAME}")
# Writers of the table wait from here to the end of the migration.
_TRIGGER = re.compile(rf"create (?:constraint )?trigger .*? on {_NAME}")
# Evaluated once, not for each row: constants, and what is the same within a transaction.
_CONSTANT = r"'[^']*'(?:::[a-z_\[\] ]+)?|[\d.+-]+|true|false|null|now\(\)|current_timestamp"
_STABLE = re.compile(rf"default (?:{_CONSTANT})(?![a-z(])")
# What a statement of a block comes after.
_BETWEEN = re.compile(r"(?:;|\bbegin\b|\bloop\b|\bthen\b|\belse\b|\bexecute(?: format\()?\s*')")
_OF_ALEMBIC = "alembic_version"

RULES = {
    "index": "an index on a table that is written is made concurrently: migrations.online.index_concurrently",
    "type": "a column's type is not changed: add another column, fill it in pieces, change over, drop the old later",
    "not null": "a column is not made NOT NULL by reading all rows: first a CHECK, NOT VALID, then VALIDATE in another",
    "default": "a column is not added with a value that is worked out for each row, nor a generated or a numbered one",
    "constraint": "a constraint on a table with rows is added NOT VALID and validated later; a key USING INDEX",
    "contract": "what nodes of the version before use is neither dropped nor renamed",
    "slow": "what reads every row takes more than 5 s where there are many, and is undone unless it says so",
    "rows": "rows are not changed in the transaction that has locks: the worker does it in pieces, or a command",
}


def broken_rules(statements: Iterable[str]) -> set[str]:
    """Return which rules these statements break, as one migration. What it makes itself nobody uses yet."""
    own: set[str] = {_OF_ALEMBIC}
    broken: set[str] = set()
    holds_writers_up = False
    for said in (part for statement in statements for part in _parts(statement)):
        if found := _CREATED.match(said):
            own.add(found[1])
        for rule, pattern in (("index", _INDEX), ("rows", _ROWS)):
            if (found := pattern.match(said)) and (found[1] not in own or (holds_writers_up and "select" in said)):
                broken.add(rule)
        if (found := _TRIGGER.match(said)) and found[1] not in own:
            holds_writers_up = True
        if (found := _ALTER.match(said)) and found[1] not in own:
            broken |= _altered(found[2])
        if re.match(r"drop (?:table|function|view)|alter (?:function|view) .* rename", said):
            broken.add("contract")
    return broken


def _parts(statement: str) -> list[str]:
    """Return the statement; of a block of procedural text what it does, one by one, as far as it is written out."""
    said = " ".join(re.sub(r"--[^\n]*", "", statement).lower().split())
    if not said.startswith("do "):
        return [said]
    return [part.strip().replace("''", "'") for part in re.split(_BETWEEN, said)]


def _altered(how: str) -> set[str]:
    broken = set()
    if re.search(r"alter (?:column )?\S+ (?:set data )?type ", how):
        broken.add("type")
    if "validate constraint" in how:
        broken.add("slow")
    if "set not null" in how:
        broken.add("not null")
    if re.search(r" (?:drop column|rename) ", how):
        broken.add("contract")
    if " add constraint " in how or re.search(r" add (?:primary key|unique|foreign key|check)", how):
        is_key = " unique" in how or " primary key" in how
        if not (" using index " in how if is_key else " not valid" in how):
            broken.add("constraint")
    elif " add " in how:
        is_worked_out = " default " in how and not _STABLE.search(how)
        if is_worked_out or " generated " in how or "serial" in how:
            broken.add("default")
        if " not null" in how and " default " not in how:
            broken.add("not null")
    return broken
