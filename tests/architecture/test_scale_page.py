"""docs/scale.md says of every table where it would stand on several servers, and that could be so."""

from __future__ import annotations

import re
from importlib import import_module

from sqlmodel import SQLModel

from tests.architecture.source import ROOT

for place in sorted((ROOT / "domain").glob("*/tables.py")):
    import_module(f"domain.{place.parent.name}.tables")

PAGE = (ROOT / "docs" / "scale.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
PLACES = {table: where for table, where, _ in ROWS}
CHANGES = {table: what for table, _, what in ROWS}
TABLES = SQLModel.metadata.tables
# From a row of one kind to one of another, on the same server: an account is named where it signs in as well.
CAN_REFER = {
    ("distributed", "distributed"),
    ("distributed", "reference"),
    ("reference", "reference"),
    ("local", "local"),
    ("local", "reference"),
}


def test_every_table_has_its_place_once() -> None:
    assert sorted(TABLES) == [table for table, _, _ in ROWS]
    assert set(PLACES.values()) == {"distributed", "reference", "local", "each"}


def test_what_is_divided_has_the_patient_or_is_said_to_get_it() -> None:
    for table, where in PLACES.items():
        has = "patient_id" in TABLES[table].columns or table == "patient"
        gets = "gets `patient_id`" in CHANGES[table]
        assert (where == "distributed") == (has or gets) or where in {"local", "each"}, table
        assert not (has and gets), table


def test_a_foreign_key_leads_to_what_stands_on_the_same_server_or_is_said_to_go() -> None:
    for name, table in TABLES.items():
        for key in table.foreign_keys:
            to = key.column.table.name
            goes = f"no foreign key to `{to}`" in CHANGES[name]
            assert ((PLACES[name], PLACES[to]) in CAN_REFER) != goes, (name, to)


def test_what_one_transaction_writes_of_a_reading_stands_on_one_server() -> None:
    together = ("observation", "observation_latest", "audit_event", "event_outbox")
    assert {PLACES[table] for table in together} <= {"distributed", "each"}


def test_every_lock_that_is_taken_by_name_is_spoken_of() -> None:
    sources = [path.read_text() for path in (ROOT / "domain").rglob("*.py")]
    named = {
        name for text in sources for name in re.findall(r"pg_(?:try_)?advisory_xact_lock\(.{0,40}?'([a-z ]+)'", text)
    }
    spoken = PAGE.split("**Advisory locks**")[1].split("- **")[0]
    for name in named:
        word = {"tendwell keys": "keys", "outcome release": "releases", "contact import": "imports"}.get(name.strip())
        assert (word or name.strip().rstrip("s")) in spoken, name
