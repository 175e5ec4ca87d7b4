"""The demo's invented people, its synthetic contacts, its file of passwords, and that it is an ordinary client."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import demo
from demo import installation
from demo.cast import COLLEAGUES, PEOPLE, RESIDENTS, nhs_numbers
from demo.choose_stays import STABLE
from demo.generate_contacts import BASELINE_DAYS, FILE, GO_LIVE, KINDS, LIVED_THERE_DAYS, generate, read
from demo.load.history import home_history, stay_history
from demo.load.places import wanted
from demo.surroundings import Missing, surroundings

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
SOURCE = Path(demo.__file__).parent


def test_nothing_of_the_service_is_imported() -> None:
    ours = {"api", "domain", "integrations", "migrations", "tests"}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not ours & {name.split(".")[0] for name in names}, file.name


def test_everybody_has_a_different_valid_number_of_the_range_that_is_never_issued() -> None:
    numbers = {person.nhs_number for person in PEOPLE}
    assert len(numbers) == len(PEOPLE) == 42
    for number in numbers:
        assert number.startswith("999")
        total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), number, strict=False))
        assert (11 - total % 11) % 11 == int(number[9])


def test_a_nine_digit_start_whose_check_would_be_ten_is_skipped() -> None:
    # Published test numbers: nine nines then 0001, ... of which 999000010 has no valid check digit.
    numbers = nhs_numbers(999_000_001)
    assert [next(numbers) for _ in range(9)] == [
        f"99900000{tail}" for tail in ("18", "26", "34", "42", "50", "69", "77", "85", "93")
    ]


def test_accounts_and_places_are_distinct_and_marked_as_a_demonstration() -> None:
    assert len({who.email for who in COLLEAGUES}) == len(COLLEAGUES)
    assert all(who.email.endswith("@demo.tendwell.example") for who in COLLEAGUES)
    places = wanted()
    assert len({place.ods_code for place in places}) == len(places) == 9
    assert all(place.name.endswith("(demo)") for place in places)


def test_the_committed_contacts_are_what_the_seeded_generator_makes() -> None:
    assert read(FILE) == generate()


def test_contacts_fall_where_somebody_lived_in_the_home_and_only_before_installation() -> None:
    home = {person.nhs_number: person.home for person in RESIDENTS}
    for contact in read(FILE):
        go_live = GO_LIVE[str(home[contact.nhs_number])]
        assert -LIVED_THERE_DAYS <= go_live - BASELINE_DAYS <= contact.day < 0


def test_many_draws_have_the_written_effect_and_no_regression_to_the_mean() -> None:
    home = {person.nhs_number: person.home for person in RESIDENTS}
    counts: Counter[tuple[str, bool]] = Counter()
    seeds = 20
    for seed in range(seeds):
        for contact in generate(seed):
            counts[contact.kind, contact.day >= GO_LIVE[str(home[contact.nhs_number])]] += 1
    before_days = seeds * BASELINE_DAYS * len(RESIDENTS)
    since_days = seeds * -sum(GO_LIVE[str(person.home)] for person in RESIDENTS)
    for kind in KINDS:
        if kind.before:
            ratio = (counts[kind.name, True] / since_days) / (counts[kind.name, False] / before_days)
            # Four standard errors of a ratio of Poisson counts.
            spread = 4 * (1 / counts[kind.name, True] + 1 / counts[kind.name, False]) ** 0.5
            assert abs(ratio / kind.factor - 1) < spread
        else:
            assert counts[kind.name, False] == 0 < counts[kind.name, True]


def test_home_history_ends_yesterday_and_keeps_its_intervals() -> None:
    readings = home_history(NOON)
    assert readings[-1]["effective_at"] == "2025-06-30T09:15:54+00:00"
    assert readings[0]["effective_at"] == "2025-03-14T23:38:28+00:00"
    assert len({reading["client_id"] for reading in readings}) == len(readings)


def test_history_made_twice_for_one_installation_is_the_same_so_that_it_is_stored_once() -> None:
    assert stay_history(STABLE, NOON) == stay_history(STABLE, NOON)
    assert all(len(str(reading["client_id"])) <= 64 for reading in stay_history(STABLE, NOON))


def test_the_installation_file_is_its_owners_only_and_keeps_its_passwords(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secrets.json"
    first = installation.ensure(file, ["a", "b"], at=NOON, fresh=True)
    assert file.stat().st_mode & 0o777 == 0o600
    later = installation.ensure(file, ["a", "b", "c"], at=datetime(2026, 1, 1, tzinfo=UTC), fresh=False)
    assert (later.dated_from, later.passwords["a"]) == (NOON, first.passwords["a"])
    assert len(set(later.passwords.values())) == 3
    assert all(len(password) >= 20 for password in later.passwords.values())
    assert installation.read(file) == later


def test_an_emptied_service_is_dated_anew_with_the_same_passwords(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = installation.ensure(file, ["a"], at=NOON, fresh=True)
    later = datetime(2026, 1, 1, tzinfo=UTC)
    again = installation.ensure(file, ["a"], at=later, fresh=True)
    assert (again.dated_from, again.passwords) == (later, first.passwords)


def test_the_environment_names_the_service_the_file_and_the_administrator() -> None:
    told = surroundings(
        {
            "TENDWELL_URL": "http://one, http://two",
            "TENDWELL_DEMO_SECRETS": "/x",
            "TENDWELL_DEMO_ADMIN_PASSWORD": "secret",
        }
    )
    assert told.addresses == ("http://one", "http://two")
    assert "secret" not in repr(told)
    assert told.lively == timedelta(minutes=30)
    with pytest.raises(Missing, match="TENDWELL_URL"):
        surroundings({"TENDWELL_DEMO_SECRETS": "/x"})
    with pytest.raises(Missing, match="TENDWELL_DEMO_SECRETS"):
        surroundings({"TENDWELL_URL": "http://one"})


@pytest.mark.parametrize("minutes", ["0", "5", "10080"])
def test_for_how_long_the_monitors_are_lively_can_be_set(minutes: str) -> None:
    given = {"TENDWELL_URL": "http://one", "TENDWELL_DEMO_SECRETS": "/x", "TENDWELL_DEMO_LIVELY_MINUTES": minutes}
    assert surroundings(given).lively == timedelta(minutes=int(minutes))


@pytest.mark.parametrize("minutes", ["-1", "1.5", "ten", "10081", "٣"])
def test_a_time_that_is_none_is_refused(minutes: str) -> None:
    given = {"TENDWELL_URL": "http://one", "TENDWELL_DEMO_SECRETS": "/x", "TENDWELL_DEMO_LIVELY_MINUTES": minutes}
    with pytest.raises(Missing, match="TENDWELL_DEMO_LIVELY_MINUTES"):
        surroundings(given)
