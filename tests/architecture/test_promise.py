"""openapi.yaml is read by people who write apps: its names are words of the field, not paths of our code."""

from __future__ import annotations

import re

from api.commands.openapi import FILE, NAMES, with_names_of
from tests.architecture.source import ROOT
from tests.promise import promise

PROMISE = promise()
ENDED = re.compile(r"(?P<name>\w+) ended 20\d\d-\d\d-\d\d")
METHODS = {"get", "post", "put", "delete", "patch"}


def test_a_schema_s_name_is_a_word() -> None:
    odd = [name for name in PROMISE["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)]
    assert not odd, "two models share a name, so both were given the path of their module"


def test_every_operation_says_what_it_does_under_a_name_of_its_own() -> None:
    operations = [
        operation for path in PROMISE["paths"].values() for method, operation in path.items() if method in METHODS
    ]
    assert all(operation.get("description") for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 40


def test_what_stands_in_several_places_stands_whole_in_each() -> None:
    assert re.findall(r"(?m)(?:: |- )[&*]id\d+", FILE.read_text()) == []


def operation_ids() -> list[str]:
    """Return the names of all operations."""
    return [
        operation["operationId"]
        for path in PROMISE["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]


def listed(names: str) -> tuple[set[str], set[str]]:
    """Return which operations there are by the list, and which there were."""
    lines = [line for line in names.splitlines() if not line.startswith("#")]
    ended = {found["name"] for line in lines if (found := ENDED.fullmatch(line))}
    return {line for line in lines if not ENDED.fullmatch(line)}, ended


def test_an_operation_s_name_is_for_good_or_ended_on_a_day_and_never_given_again() -> None:
    names, ended = listed(NAMES.read_text())
    assert names - set(operation_ids()) == set(), "a client has a method of this name: end it on a day, in that list"
    assert set(operation_ids()) - names == set(), "make openapi"
    assert names & ended == set()


def test_a_name_that_is_no_more_is_not_taken_from_the_list_and_a_new_one_is_added() -> None:
    document = {"paths": {"/somewhere": {"get": {"operationId": "get_anything"}}}}
    told = with_names_of(document, "# What this is.\nget_other\nget_some ended 2026-11-23\n")
    assert told == "# What this is.\nget_anything\nget_other\nget_some ended 2026-11-23\n"
    assert listed(told) == ({"get_anything", "get_other"}, {"get_some"})


def test_an_operation_is_named_for_what_it_does_whatever_its_path() -> None:
    assert [name for name in operation_ids() if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name)] == []
    assert [name for name in operation_ids() if "v1" in name.split("_")] == []


def test_every_group_of_operations_says_what_it_is_about() -> None:
    used = {tag for path in PROMISE["paths"].values() for o in path.values() for tag in o["tags"]}
    assert used - {tag["name"] for tag in PROMISE["tags"]} == set(), "say it in api/tags.py"
    assert all(len(tag["description"]) > 15 for tag in PROMISE["tags"])


def test_the_console_asks_the_api_through_its_typed_client_alone() -> None:
    folders = (ROOT / "console" / name for name in ("src", "app/src"))
    sources = [path for folder in folders for path in folder.rglob("*.ts*") if path.name != "schema.gen.ts"]
    asking = {path.name for path in sources if re.search(r"\bfetch\(|XMLHttpRequest|sendBeacon", path.read_text())}
    sending = {path.name for path in sources if re.search(r"import \{[^}]*\bsend\b[^}]*\} from", path.read_text())}
    assert (asking, sending) == ({"http.ts"}, {"client.ts"})


def test_the_operations_that_the_page_for_clients_names_are_there() -> None:
    told = (ROOT / "docs/clients.md").read_text()
    named = set(re.findall(r"`((?:sign_in|refresh|show|set|list)_\w+|sign_in)`", told))
    assert len(named) > 5
    assert named - {"sign_in_token"} <= set(operation_ids())
