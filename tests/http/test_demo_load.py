"""The demo against the real application: loaded through lost answers, loaded again, read by each role, and played."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.settings import Settings
from demo import installation
from demo.__main__ import SHOWN
from demo.cast import (
    CARER,
    CHARTED,
    CLINICIAN,
    COLLEAGUES,
    COMMISSIONER,
    FLIXTON_RESIDENTS,
    MONITORED,
    OWN_ACCOUNT,
    PATIENT,
    PRIVACY_OFFICER,
    SECOND_CARER,
    SECOND_CLINICIAN,
    WITH_CUFF,
    numerics_file,
)
from demo.connection import Connection, SignIn, Unreachable, body_of
from demo.generate_contacts import read as read_contacts
from demo.keeping import keep_today
from demo.load.care_plans import SECTIONS
from demo.load.everything import load
from demo.load.history import charted_history, home_history
from demo.load.people import known_patients
from demo.load.places import WrongInstallation
from demo.load.plans import DIARY
from demo.measurements import Reading, as_reading
from demo.parts import CUFF_EVERY, cast_parts
from demo.readers.bidmc import read_numerics
from demo.replay import Tally, play
from demo.surroundings import Surroundings
from demo.verdicts import settle
from domain.accounts.commands import NewOrganisation, create_administrator
from domain.clock import utc_now
from domain.outcomes.import_steps import advance_imports
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import Cluster
from integrations.postgres.roles import Databases, Role
from tests.architecture.source import ROOT
from tests.cast import PASSWORD
from tests.databases import clone

ADMINISTRATOR = "administrator@tendwell.example"
COMMISSIONING_BODY = NewOrganisation("TENDWELL", "Tendwell demonstration", "commissioner", None)
# The numbers of requests whose answers get lost, and before which the line is cut: further apart each time, since
# every new load first looks at what is there.
LOST = frozenset({9, 70, 190, 310})
CUT = frozenset({35, 130})
LIVELY = timedelta(minutes=30)
# What may change when nothing else does: who signed in, and who looked.
CHANGES_ANYWAY = (
    "account_session",
    "sign_in_token",
    "sign_in_attempt",
    "audit_event",
    "session",
    "refresh_token",
    "contact_import",
)
SIGNED_OUT = " where kind <> 'access.changed' or patient_id is not null"


class FaultyLine(httpx.AsyncBaseTransport):
    """Carries requests to the application in this process, and fails where it is told to."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, lost: frozenset[int], cut: frozenset[int]) -> None:
        self._inner, self._lost, self._cut = inner, lost, cut
        self.requests = 0
        self.failures = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        number = self.requests  # others are sent while this one is answered
        if number in self._cut:
            self.failures += 1
            raise httpx.ConnectError("cut")
        response = await self._inner.handle_async_request(request)
        if number in self._lost:
            self.failures += 1
            raise httpx.ReadError("lost")
        return response


@dataclass(frozen=True)
class Installed:
    """A loaded demo: its database, its settings and its file; and how often the line failed while it was loaded."""

    url: str
    settings: Settings
    told: Surroundings
    failures: int

    @asynccontextmanager
    async def serving(
        self, *, lost: frozenset[int] = frozenset(), cut: frozenset[int] = frozenset()
    ) -> AsyncIterator[tuple[Connection, FaultyLine]]:
        """Yield a connection to the application, with a worker that takes imports on."""
        app = create_app(self.settings)
        database: Databases = app.state.services.database
        worker = Database(self.settings.database_url.get_secret_value(), role=Role.worker)
        line = FaultyLine(httpx.ASGITransport(app), lost=lost, cut=cut)
        connection = Connection(self.told.addresses, line)
        work = asyncio.create_task(_import(worker))
        try:
            yield connection, line
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            await connection.aclose()
            await worker.close()
            await database.close()

    def sign_ins(self, connection: Connection) -> dict[str, SignIn]:
        """Return everybody's session."""
        held = installation.read(self.told.file)
        assert held is not None
        return {who.email: SignIn(connection, who.email, held.passwords[who.email]) for who in COLLEAGUES}


async def _import(database: Database) -> None:
    while True:
        await advance_imports(database.writing, utc_now)
        await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def installed(
    cluster: Cluster,
    worker_id: str,
    settings: Settings,
    password_hash: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installed:
    """Return a demo that was loaded over a faulty line, as often as it took."""
    url = asyncio.run(clone(cluster, f"demo_{worker_id}"))
    told = Surroundings(
        ("http://one", "http://two"), tmp_path_factory.mktemp("demo") / "demo.json", ADMINISTRATOR, PASSWORD
    )
    own = settings.model_copy(update={"database_url": SecretStr(url)})
    empty = Installed(url, own, told, failures=0)
    failures = asyncio.run(_load(empty, password_hash))
    return replace(empty, failures=failures)


async def _load(empty: Installed, password_hash: str) -> int:
    database = Database(empty.url)
    async with database.writing() as session:
        await create_administrator(
            session,
            utc_now(),
            organisation=COMMISSIONING_BODY,
            email=ADMINISTRATOR,
            display_name="Administrator",
            password_hash=password_hash,
        )
    await database.close()
    async with empty.serving(lost=LOST, cut=CUT) as (connection, line):
        for _ in range(len(LOST) + len(CUT)):
            try:
                await load(empty.told, connection, lambda _: None)
            except Unreachable:
                continue
            break
        else:
            await load(empty.told, connection, lambda _: None)
        return line.failures


async def _contents(url: str) -> dict[str, str]:
    """Return a fingerprint of every table that a load should leave alone when everything is there."""
    connection = await connect(url)
    try:
        tables = await connection.fetch(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition order by 1"
        )
        names = [row["relname"] for row in tables if row["relname"] not in CHANGES_ANYWAY]
        return {
            name: await connection.fetchval(
                f"select count(*) || ' ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') from {name} t"
                f"{SIGNED_OUT if name == 'event_outbox' else ''}"
            )
            for name in names
        }
    finally:
        await connection.close()


COUNTED = (
    "patient",
    "residence",
    "enrolment",
    "contact",
    "goal",
    "action_plan",
    "action_plan_zone",
    "plan_acknowledgement",
)


async def test_a_load_over_a_line_that_loses_answers_records_everything_once(installed: Installed) -> None:
    found = {name: int(told.split()[0]) for name, told in (await _contents(installed.url)).items()}
    held = installation.read(installed.told.file)
    assert held is not None
    history = len(home_history(held.dated_from)) + sum(len(r) for _, r in charted_history(held.dated_from))
    assert installed.failures >= 4
    assert {name: found[name] for name in COUNTED} == {
        "patient": 42,
        "residence": 40,
        "enrolment": 40,
        "contact": len(read_contacts()),
        "goal": 15,
        "action_plan": 2,
        "action_plan_zone": 3,
        "plan_acknowledgement": 2,
    }
    assert (found["organisation"], found["account"], found["pathway"], found["totp"]) == (10, 12, 1, 1)
    assert (found["care_team"], found["care_team_patient"]) == (1, 3)
    assert found["observation"] == history


async def test_loading_again_changes_nothing_and_leaves_nobody_signed_in(installed: Installed) -> None:
    before, opened = await _contents(installed.url), await _opened_and_open(installed.url)
    async with installed.serving() as (connection, _):
        await load(installed.told, connection, lambda _: None)
    assert await _contents(installed.url) == before
    # Of a session whose answer the line lost, nobody has the token to end it with.
    opened_since, open_now = await _opened_and_open(installed.url)
    assert opened_since > opened[0] > 0
    assert open_now == opened[1] <= installed.failures


async def _opened_and_open(url: str) -> tuple[int, int]:
    """Return how many sessions there have been, and how many have not been ended."""
    connection = await connect(url)
    try:
        return tuple(
            await connection.fetchrow("select count(*), count(*) filter (where ended_at is null) from session")
        )
    finally:
        await connection.close()


async def test_a_demo_whose_passwords_are_lost_says_so_and_changes_nothing(
    installed: Installed, tmp_path: Path
) -> None:
    before = await _contents(installed.url)
    async with installed.serving() as (connection, _):
        with pytest.raises(WrongInstallation, match="passwords"):
            await load(replace(installed.told, file=tmp_path / "other.json"), connection, lambda _: None)
    assert await _contents(installed.url) == before


async def test_each_role_sees_whom_it_should(installed: Installed) -> None:
    async with installed.serving() as (connection, _):
        people = installed.sign_ins(connection)
        seen = {who: len(await known_patients(people[who.email])) for who in (CLINICIAN, CARER, SECOND_CARER, PATIENT)}
        assert seen == {CLINICIAN: 17, CARER: 12, SECOND_CARER: 13, PATIENT: 1}
        assert await known_patients(people[COMMISSIONER.email]) == {}


async def test_the_commissioner_gets_released_and_suppressed_figures(installed: Installed) -> None:
    async with installed.serving() as (connection, _):
        commissioner = installed.sign_ins(connection)[COMMISSIONER.email]
        (pathway,) = [item async for item in commissioner.every("/v1/pathways")]
        summary = await commissioner.ask("GET", "/v1/outcomes/summary", params={"pathway_id": pathway["id"]})
    ratios = {result["measure"]["key"]: result["rate_ratio"] for result in summary["results"]}
    visits = ratios["face_to_face_gp_visits"]
    assert visits["low"] < 0.80 < visits["high"]  # the effect that the synthetic contacts were made with
    assert ratios["emergency_admissions"]["status"] == "suppressed"


async def test_the_clinician_sees_every_part_of_an_early_warning_score_of_the_charted_residents(
    installed: Installed,
) -> None:
    async with installed.serving() as (connection, _):
        board = {
            item["patient"]["nhs_number"]: {latest["sign"] for latest in item["latest"]}
            async for item in installed.sign_ins(connection)[CLINICIAN.email].every("/v1/board")
        }
    for person in CHARTED:
        assert len(board[person.nhs_number]) == 7


async def test_the_people_at_home_keep_to_their_plans_and_starting_again_doubles_nothing(installed: Installed) -> None:
    now = datetime.now(UTC)
    async with installed.serving() as (connection, _):
        people = installed.sign_ins(connection)
        for email in OWN_ACCOUNT:
            assert await keep_today(people[email], now) > 0
            assert await keep_today(people[email], now + timedelta(seconds=1)) == 0
            path = f"/v1/patients/{(await people[email].ask('GET', '/v1/me'))['patient_id']}/action-plans"
            (listed,) = [item async for item in people[email].every(path)]
            plan = await people[email].ask("GET", f"{path}/{listed['id']}")
            kept = [action["adherence"] for action in plan["actions"]]
            assert all(one["due"] == one["done"] + one["skipped"] == 1 for one in kept)
            assert sum(one["done"] for one in kept) > 0


async def test_a_plan_of_the_demo_has_zones_that_go_by_what_was_told_today(installed: Installed) -> None:
    async with installed.serving() as (connection, _):
        patient = installed.sign_ins(connection)[PATIENT.email]
        await keep_today(patient, datetime.now(UTC))
        path = f"/v1/patients/{(await patient.ask('GET', '/v1/me'))['patient_id']}/action-plans"
        (plan,) = [item async for item in patient.every(path)]
        found = await patient.ask("GET", f"{path}/{plan['id']}/zone")
        noted = {item["client_id"] async for item in patient.every(path.replace("action-plans", "diary"))}
    assert noted > {f"demo.diary.{days_ago}" for days_ago, *_ in DIARY}
    assert (plan["template"]["key"], plan["to_be_acknowledged"]) == ("hypertension", False)
    [pain] = [each for each in found["reasons"] if each["colour"] == "red" and each["criterion"]["symptom"]]
    assert (pain["verdict"], len(pain["seen"])) == ("not_met", 1)


async def test_the_people_at_home_have_agreed_to_a_care_and_support_plan_with_words_of_their_own(
    installed: Installed,
) -> None:
    async with installed.serving() as (connection, _):
        people = installed.sign_ins(connection)
        for email, person in OWN_ACCOUNT.items():
            path = f"/v1/patients/{(await people[email].ask('GET', '/v1/me'))['patient_id']}/care-plans"
            (plan,) = [item async for item in people[email].every(path)]
            assert (plan["status"], plan["version"], plan["agreement"]) == ("published", 1, "by_person")
            sections = [(each["section"], each["words_of"], each["text"]) for each in plan["sections"]]
            assert sections == list(SECTIONS[person == WITH_CUFF])


async def test_every_device_plays_and_nothing_of_it_is_refused(installed: Installed) -> None:
    stop = asyncio.Event()

    def enough(tally: Tally, _: int) -> None:
        if tally.stored >= 100:
            stop.set()

    async with installed.serving() as (connection, _):
        people = installed.sign_ins(connection)
        parts = await cast_parts(people, LIVELY)
        assert len(parts) == len(MONITORED) + len(CHARTED) + 1
        tally = await play(parts, stop, enough, every=0.1)
        *_, cuff_again = await cast_parts(people, LIVELY)
        live = {
            item["patient"]["nhs_number"]: item["latest"] async for item in people[CLINICIAN.email].every("/v1/board")
        }
    assert (tally.refused, tally.lost, tally.failures) == ({}, 0, 0)
    assert cuff_again.delay > CUFF_EVERY - timedelta(minutes=5), "what a newcomer records stays the latest"
    for person in (*MONITORED, WITH_CUFF):
        assert min(latest["age_seconds"] for latest in live[person.nhs_number]) < 60


@pytest.mark.parametrize("number", ["05", "13"])
async def test_recordings_with_very_slow_breathing_are_stored_whole_once_confirmed(
    installed: Installed, number: str
) -> None:
    start = datetime.now(UTC) - timedelta(days=2)
    recording = read_numerics(numerics_file(number), number)
    waiting: list[Reading] = [
        as_reading(recorded, client_id=f"whole.{number}.{place}", at=start + recorded.after)
        for place, recorded in enumerate(recording)
    ]
    stored = confirmed = 0
    async with installed.serving() as (connection, _):
        carer = installed.sign_ins(connection)[CARER.email]
        patients = await known_patients(carer)
        person = next(person for person in FLIXTON_RESIDENTS if MONITORED[person] == number)
        path = f"/v1/patients/{patients[person.nhs_number]['id']}/observations"
        while waiting:
            batch, waiting = waiting[:1000], waiting[1000:]
            response = await carer.call("POST", path, json={"readings": batch})
            settled = settle(batch, body_of(response)["verdicts"])
            assert settled.refused == {}
            stored += settled.stored
            confirmed += len(settled.again)
            waiting = [*settled.again, *waiting]
    assert stored == len(recording)
    assert confirmed > 0


async def test_emergency_access_can_be_tried_as_the_readme_says(installed: Installed) -> None:
    section = (ROOT / "README.md").read_text().split("### Try emergency access", 1)[1].split("\n## ", 1)[0]
    for who in (SECOND_CLINICIAN, PRIVACY_OFFICER, PATIENT):
        assert who in SHOWN
        assert who.display_name in " ".join(section.split())
    number, day, month, year = re.findall(r"NHS number (\d{3} \d{3} \d{4}), born (\d+) (\d+) (\d+)", section)[0]
    typed = {"nhs_number": number.replace(" ", ""), "born_on": f"{year}-{int(month):02}-{int(day):02}"}
    why = {"reason_code": "urgent_care", "reason": "To see how it is done.", "hours": 1}
    async with installed.serving() as (connection, _):
        people = installed.sign_ins(connection)
        clinician, officer, patient = (people[who.email] for who in (SECOND_CLINICIAN, PRIVACY_OFFICER, PATIENT))
        assert WITH_CUFF.nhs_number not in await known_patients(clinician)
        opened = await clinician.ask("POST", "/v1/break-glass", json=typed | why)
        own = (await patient.ask("GET", "/v1/me"))["patient_id"]
        assert opened["patient_id"] == own
        assert await clinician.ask("GET", f"/v1/patients/{own}/observations/latest")
        (alert,) = [item async for item in officer.every("/v1/privacy-alerts")]
        looked = [item async for item in patient.every("/v1/me/access-log")]
    assert (alert["clinician"], alert["reason"], alert["state"]) == (
        SECOND_CLINICIAN.display_name,
        why["reason"],
        "open",
    )
    assert any(str(why["reason"]) in str(entry) and SECOND_CLINICIAN.display_name in str(entry) for entry in looked)
