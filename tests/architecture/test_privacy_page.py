"""docs/privacy.md is held to the code: every table and column has its place and level, every period is true."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module

import pytest
from sqlmodel import SQLModel

from api.exports.sections import SECTIONS
from domain.accounts import invitation_commands, password_reset_commands, throttle
from domain.accounts.session_age import LIFETIMES
from domain.mail import commands as mail
from domain.people import delegation
from domain.repeats import commands as repeats
from domain.rights import export_commands
from domain.rights.lawful_basis import PROPOSED, USES, Purpose
from domain.rights.retention import POLICY, YEAR, Rule
from domain.webhooks import schedule
from tests.architecture.source import ROOT
from tests.architecture.test_promise import PROMISE

PAGE = (ROOT / "docs" / "privacy.md").read_text()
DECISIONS = (ROOT / "docs" / "decisions.md").read_text()
LEVELS = {"P3", "P2", "S", "P1", "P0"}
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
MAP = {row[0]: row for row in ROW.findall(PAGE.partition("## Data map")[2])}
for path in sorted((ROOT / "domain").glob("*/tables.py")):
    import_module(f"domain.{path.parent.name}.tables")
TABLES = {name: table for name, table in SQLModel.metadata.tables.items() if table.schema is None}
# Columns that must never slip to a level where they would be logged or sent about.
HEALTH = {"nhs_number", "given_name", "family_name", "born_on", "value", "systolic", "description", "note", "room"}
OPENS = re.compile(r"(?:^|_)(?:sealed|hash|credential|challenge)(?:_|$)|^sealed_")
NO_SECRETS = {"sealed_at", "text_sha256", "row_hash", "chain_hash", "credential_id"}


COPY = re.compile(r"^\| `(\w+)` \| (.+?) \|$", re.MULTILINE)
TOLD = dict(COPY.findall(PAGE.partition("## What a copy tells")[2].partition("## Data map")[0]))
NOT_ABOUT_SOMEBODY = {"nobody", "nobody by name"}


def columns_by_level(table: str) -> dict[str, str]:
    """Return the level that the page gives to each column of a table."""
    found: dict[str, str] = {}
    for level, names in re.findall(r"\*\*(\w+)\*\* ((?:`\w+`(?:, )?)+)", MAP[table][4]):
        for name in re.findall(r"`(\w+)`", names):
            assert name not in found, f"{table}.{name} stands there twice"
            found[name] = level
    return found


def test_every_table_and_every_column_is_in_the_data_map() -> None:
    assert len(TABLES) > 50
    assert set(MAP) == set(TABLES), "give the new table its row under 'Data map'"
    for name, table in TABLES.items():
        told = set(columns_by_level(name))
        assert told == {column.name for column in table.columns}, f"{name}: give the new column its level"
        assert set(columns_by_level(name).values()) <= LEVELS, name


def test_every_table_that_is_about_somebody_is_told_in_a_copy_or_says_why_not() -> None:
    about_somebody = {name for name, row in MAP.items() if row[2] not in NOT_ABOUT_SOMEBODY}
    assert set(TOLD) == about_somebody, "say which section of a copy tells the new table, or why none does"
    sections = {section.name for section in SECTIONS}
    told: set[str] = set()
    for table, words in TOLD.items():
        named = set(re.findall(r"`(\w+)`", words))
        assert named <= sections, table
        assert named or words.startswith("not told: "), table
        told |= set() if words.startswith("not told: ") else named
    assert told == sections, "a section tells what stands in no table of the data map"


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_says_whose_data_why_who_sees_them_and_how_long(table: str) -> None:
    _, what, whose, why, _, seen_by, how_long, _ = MAP[table]
    assert all((what, whose, seen_by, how_long))
    assert why in set(Purpose)


def test_what_tells_of_health_and_what_opens_something_is_at_its_level() -> None:
    for table in TABLES:
        for column, level in columns_by_level(table).items():
            if column in HEALTH and table not in {"pathway", "audit_checkpoint"}:
                assert level == "P3", (table, column)
            if OPENS.search(column) and column not in NO_SECRETS:
                assert level == "S", (table, column)


def test_the_proposed_basis_of_every_purpose_is_the_code_s() -> None:
    for use in USES:
        basis = PROPOSED[use.purpose]
        row = f"| `{use.purpose}` | {use.title}. {use.what} | {basis.article_6} | {basis.article_9 or '–'} |"
        assert row in PAGE, use.purpose


def in_words(kept_for: timedelta | None) -> str:
    """Return a period as the page says it."""
    if kept_for is None:
        return "not removed here"
    if kept_for >= YEAR:
        return f"{round(kept_for / YEAR)} years"
    return (
        "at once" if not kept_for else f"{kept_for.days} days" if kept_for.days else f"{kept_for.seconds // 3600} hours"
    )


@pytest.mark.parametrize("rule", POLICY, ids=lambda rule: rule.what)
def test_every_rule_of_retention_stands_on_the_page_as_it_is(rule: Rule) -> None:
    told = (rule.what, in_words(rule.kept_for), rule.why, rule.source, rule.removed_by)
    assert f"| {' | '.join(told)} |" in PAGE


def test_the_rules_say_what_the_code_does() -> None:
    kept = {rule.what.partition(":")[0].partition(",")[0]: rule.kept_for for rule in POLICY}
    assert kept["copies of one's own record"] == export_commands.KEPT_FOR
    assert kept["sessions and tickets"] == max(LIFETIMES.values())
    assert kept["answers kept for a repeated request"] == repeats.KEPT_FOR
    assert kept["invitations"] == invitation_commands.KEPT_AFTERWARDS
    assert kept["letters"] == mail.KEPT_FOR
    assert kept["failed guesses at passwords"] == throttle.FORGOTTEN_AFTER
    assert kept["what an organisation's own system was told"] == schedule.KEPT_FOR


def test_how_long_a_letter_may_wait_is_told_for_each_kind_that_waits_longer_or_shorter() -> None:
    days = {life.days for life in (mail.USUAL_LIFE, invitation_commands.LIFETIME, delegation.REMINDED_BEFORE)}
    kept = MAP["letter"][6]
    assert {int(told) for told in re.findall(r"\d+", kept.partition(", a new password")[0])} == days
    assert f"a new password {password_reset_commands.LINK_LIFETIME.seconds // 60} minutes" in kept
    assert f"the empty row {mail.KEPT_FOR.days} days" in kept
    (decided,) = re.findall(r"A letter that waits already still leaves[^;]*;", DECISIONS)
    assert {int(told) for told in re.findall(r"\d+", decided)} == days


def test_every_place_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:api|docs|domain|tests)/[\w./-]+)`", PAGE))
    links = {link for link in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE) if link}
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_operation_that_is_named_exists() -> None:
    shapes = {
        (method.upper(), re.sub(r"{\w+}", "{}", path)) for path, one in PROMISE["paths"].items() for method in one
    }
    named = re.findall(r"`(GET|POST|PUT|DELETE) (/v1/[\w/{}-]+)`", PAGE)
    assert [one for one in named if (one[0], re.sub(r"{\w+}", "{}", one[1])) not in shapes] == []
