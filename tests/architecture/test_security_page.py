"""docs/security.md is held to the code: whole as to the standard, and naming nothing that does not exist.

That a test shows what the page claims of it, no test can know: people read that.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, names_of_tests
from tests.architecture.test_promise import PROMISE

PAGE = (ROOT / "docs" / "security.md").read_text()
STANDARD = dict(
    line.split() for line in (ROOT / "tests/vectors/asvs_5_0_0.txt").read_text().splitlines() if line[0] != "#"
)
STATES = {"met", "not met", "n/a"}
FOLDERS = r"api|benchmarks|compose\.yaml|console|deploy|docs|domain|integrations|migrations|tests|\.github"
SECTIONS = {
    "Threats, flow by flow",
    "Ways to sign in",
    "Keys",
    "What talks to what",
    "What is logged",
    "Costly things",
    "Supply chain",
    "The promises of the security reference",
    "ASVS 5.0, levels 1 and 2",
}


def section(heading: str) -> str:
    """Return the text below a heading, up to the next of the same level."""
    (found,) = re.findall(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(text: str) -> list[list[str]]:
    """Return the cells of the rows of a text's tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if not line.startswith("| id |")]


REQUIREMENTS = [row for row in rows(section("ASVS 5.0, levels 1 and 2")) if re.fullmatch(r"[\d.]+", row[0])]
PROMISES = [row for row in rows(section("The promises of the security reference")) if row[0].isdigit()]
FLOWS = re.split(r"^### ", section("Threats, flow by flow"), flags=re.MULTILINE)[1:]


def test_every_section_of_the_page_is_there() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) >= SECTIONS


def test_every_requirement_of_levels_1_and_2_stands_in_the_table_once_with_its_level() -> None:
    assert len(STANDARD) == 253
    assert sorted((row[0], row[1]) for row in REQUIREMENTS) == sorted(STANDARD.items())


@pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: row[0])
def test_a_requirement_says_what_became_of_it_and_what_is_met_says_where_and_how_it_is_shown(row: list[str]) -> None:
    _, _, asks, state, where, shown_by, note = row
    assert asks
    assert state in STATES
    if state == "met":
        assert where != "–" or note != "–"
        assert re.search(r"`test_\w+`", shown_by)
    else:
        assert note != "–", "why not?"


def test_the_count_of_what_is_met_is_true() -> None:
    told = re.search(r"(\d+) requirements: (\d+) met, (\d+) not met, (\d+) not applicable", PAGE)
    assert told is not None
    states = [row[3] for row in REQUIREMENTS]
    assert [int(number) for number in told.groups()] == [
        len(states),
        *(states.count(s) for s in ("met", "not met", "n/a")),
    ]


def test_every_promise_says_what_became_of_it() -> None:
    assert [int(row[0]) for row in PROMISES] == list(range(1, 33))
    for _, promise, state, shown_by, note in PROMISES:
        assert promise
        assert state in {"met", "not met"}
        assert re.search(r"`test_\w+`", shown_by) if state == "met" else note != "–"


def test_every_flow_has_all_six_kinds_of_threat_each_with_what_stands_against_it_and_a_test() -> None:
    assert len(FLOWS) >= 15
    for flow in FLOWS:
        threats = [row for row in rows(flow) if row[0] in set("STRIDE")]
        assert [row[0] for row in threats] == list("STRIDE"), flow.splitlines()[0]
        assert all(row[2] != "–" and "`test_" in row[3] for row in threats), flow.splitlines()[0]


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 200
    assert named - names_of_tests() == set()


def test_every_place_that_is_named_exists() -> None:
    named = set(re.findall(rf"`((?:{FOLDERS})(?:/[\w./-]+)?)`", PAGE))
    links = {link for link in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE) if link}
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert [link for link in links if not (ROOT / "docs" / Path(link)).exists()] == []


def test_every_operation_that_is_named_exists() -> None:
    shapes = {
        (method.upper(), re.sub(r"{\w+}", "{}", path)) for path, one in PROMISE["paths"].items() for method in one
    }
    named = re.findall(r"`(GET|POST|PUT|DELETE) (/v1/[\w/{}-]+)`", PAGE)
    assert [one for one in named if (one[0], re.sub(r"{\w+}", "{}", one[1])) not in shapes] == []


def test_a_section_that_is_said_to_stand_above_or_below_stands_there() -> None:
    said = list(re.finditer(r"(above|below),? under \"([^\"]+)\"", PAGE))
    assert len(said) >= 9
    assert [each[0] for each in said if (PAGE.index(f"\n## {each[2]}\n") < each.start()) != (each[1] == "above")] == []
