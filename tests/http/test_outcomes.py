"""A commissioner's outcome summary over HTTP, and the pathways and enrolments it rests on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.commissioning import (
    ASHA,
    GUS,
    IRIS,
    JACK,
    ROSE,
    SUMMARY,
    contact,
    cut_off,
    joined,
    made,
    pathway,
    people,
    post_contacts,
)
from tests.http.conftest import ClientOf
from tests.pathway_cast import add_people

__all__ = ["cut_off", "joined", "pathway", "people"]  # fixtures


async def visits(client_of: ClientOf, cast: Cast, people: list[UUID], joined: date) -> None:
    """Record 60 visits before and 31 since, by hand and from a file."""
    for number, person in enumerate(people):
        before = [contact(cast, joined - timedelta(days=day)) for day in range(1, 7)]
        since = [contact(cast, joined + timedelta(days=day)) for day in range(3 + (number == 0))]
        answer = await post_contacts(client_of(ASHA), person, *before, *since)
        assert answer.status_code == 201, answer.text


def numbers(found: Any) -> Iterator[float]:
    """Yield every number anywhere in an answer."""
    if isinstance(found, dict):
        for value in found.values():
            yield from numbers(value)
    elif isinstance(found, list):
        for value in found:
            yield from numbers(value)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield found


class TestTheSummary:
    async def test_it_tells_what_was_counted_how_and_what_may_be_said(
        self, client_of: ClientOf, cast: Cast, pathway: str, people: list[UUID], joined: date, cut_off: date
    ) -> None:
        await visits(client_of, cast, people, joined)
        answer = await client_of(IRIS).get(SUMMARY, params={"pathway_id": pathway, "baseline_days": "90"})
        assert answer.status_code == 200
        found = answer.json()
        assert found["pathway"]["id"] == pathway
        assert found["data_until"] == (cut_off - timedelta(days=1)).isoformat()
        assert found["policy"]["name"] == "hes-2018"
        visits_, *others = found["results"]
        assert [visits_["measure"]["key"], *(other["measure"]["key"] for other in others)] == [
            "face_to_face_gp_visits",
            "all_primary_care_contacts",
            "urgent_contacts",
            "emergency_attendances",
            "emergency_admissions",
        ]
        assert visits_["people"] == {"value": 10, "status": "released", "reason": None}
        assert visits_["before"]["events"]["value"] == 60
        assert visits_["since"]["events"]["value"] == 30
        assert visits_["before"]["person_days"]["value"] == 900
        assert visits_["since"]["person_days"]["value"] == 1000
        assert visits_["before"]["rate"]["value"] == 67.0
        assert visits_["since"]["rate"]["value"] == 30.0
        assert visits_["rate_ratio"]["value"] == 0.45
        assert visits_["rate_ratio"]["low"] < 0.45 < visits_["rate_ratio"]["high"]
        assert visits_["percent_change"]["value"] == -55.0
        assert visits_["claim"]["level"] == "L1"
        assert visits_["claim"]["sentence"].startswith("Rate was 55% lower than before (uncontrolled;")
        assert visits_["claim"]["implausible_effect"] is True
        assert {"regression_to_the_mean", "implausible_effect"} <= {c["code"] for c in visits_["cautions"]}
        assert others[-1]["rate_ratio"]["value"] is None
        assert others[-1]["rate_ratio"]["reason"] == "no_events"

    async def test_the_csv_has_the_same_figures_and_no_cell_that_a_spreadsheet_would_run(
        self, client_of: ClientOf, cast: Cast, pathway: str, people: list[UUID], joined: date
    ) -> None:
        await visits(client_of, cast, people, joined)
        iris, asked = client_of(IRIS), {"pathway_id": pathway}
        told = (await iris.get(SUMMARY, params=asked)).json()["results"]
        by_parameter = await iris.get(SUMMARY, params=asked | {"format": "csv"})
        by_header = await iris.get(SUMMARY, params=asked, headers={"accept": "text/csv"})
        assert by_parameter.headers["content-type"] == "text/csv; charset=utf-8"
        assert by_parameter.text == by_header.text
        rows = list(csv.DictReader(io.StringIO(by_parameter.text)))
        assert len(rows) == len(told)
        for row, result in zip(rows, told, strict=True):
            assert row["events_before"] == _cell(result["before"]["events"]["value"])
            assert row["rate_per_1000_person_days_since"] == _cell(result["since"]["rate"]["value"])
            assert row["rate_per_1000_person_days_since_low"] == _cell(result["since"]["rate"]["low"])
            assert not [
                name for name in row if name.startswith("rate_") and "ratio" not in name and "per_1000" not in name
            ]
            assert row["rate_ratio_low"] == _cell(result["rate_ratio"]["low"])
            assert row["claim"] == result["claim"]["sentence"]
            assert row["trap"] == result["measure"]["trap"]
            assert row["pathway"] == "'=Heart failure at home"
            for name, cell in row.items():
                assert not cell.startswith(("=", "+", "@", "\t", "\r")), name

    async def test_an_empty_cell_of_the_csv_has_its_reason_beside_it(
        self, client_of: ClientOf, cast: Cast, pathway: str, people: list[UUID], joined: date
    ) -> None:
        await post_contacts(client_of(ASHA), people[0], contact(cast, joined))
        asked = {"pathway_id": pathway}
        answer = await client_of(IRIS).get(SUMMARY, params=asked, headers={"accept": "TEXT/CSV"})
        [row, *_] = csv.DictReader(io.StringIO(answer.text))
        figures = [name.removesuffix("_status") for name in row if name.endswith("_status")]
        assert {"people", "events_since", "rate_ratio", "percent_change", "p_value"} <= set(figures)
        for name in figures:
            assert (row[name] == "") == (row[f"{name}_reason"] != ""), name
        assert (row["events_since"], row["events_since_reason"]) == ("", "small_number")
        refused = await client_of(IRIS).get(SUMMARY, params=asked, headers={"accept": "text/csv;q=0"})
        assert refused.headers["content-type"] == "application/json"

    async def test_a_small_count_stands_nowhere_in_the_answer(
        self, client_of: ClientOf, cast: Cast, pathway: str, people: list[UUID], joined: date
    ) -> None:
        await visits(client_of, cast, people, joined)
        small = {"emergency_attendance": 3, "emergency_admission": 5, "nhs_111": 6}
        for kind, events in small.items():
            happened = [contact(cast, joined + timedelta(days=day), kind=kind) for day in range(events)]
            await post_contacts(client_of(ASHA), people[3], *happened)
        found = (await client_of(IRIS).get(SUMMARY, params={"pathway_id": pathway})).json()["results"][2:]
        for result in found:
            assert result["since"]["events"] == {"value": None, "status": "suppressed", "reason": "small_number"}
            assert result["since"]["rate"]["value"] is None
        assert not {3, 5, 6} & set(numbers(found))

    async def test_too_few_people_release_only_the_statement(
        self, client_of: ClientOf, session: AsyncSession, cast: Cast, pathway: str, joined: date
    ) -> None:
        for person in await add_people(session, cast, 5):
            body = {"patient_id": str(person), "enrolled_on": joined.isoformat()}
            await made(await client_of(ASHA).post(f"/v1/pathways/{pathway}/enrolments", json=body))
        answer = await client_of(IRIS).get(SUMMARY, params={"pathway_id": pathway})
        for result in answer.json()["results"]:
            assert result["people"] == {"value": None, "status": "suppressed", "reason": "small_number"}
            assert result["since"]["events"]["reason"] == "fewer_than_eight_people"
            assert set(numbers(result)) == {result["measure"]["version"]}

    async def test_nobody_but_the_commissioner_reads_it(self, client_of: ClientOf, pathway: str) -> None:
        for name in (ASHA, JACK, GUS, ROSE, "admin", "nobody_at_all"):
            answer = await client_of(name).get(SUMMARY, params={"pathway_id": pathway})
            assert (name, answer.status_code) == (name, 404)
            assert answer.headers["content-type"] == "application/problem+json"

    async def test_there_are_no_free_filters(self, client_of: ClientOf, pathway: str) -> None:
        for wrong in (
            {"baseline_days": "181"},
            {"baseline_days": " 90"},
            {"baseline_days": "90.0"},
            {"baseline_days": "٩٠"},
            {"measure": "everything"},
            {"measure": "=1+1"},
            {"format": "xlsx"},
            {"from": "2026-01-01"},
            {"kind": "ambulance"},
            {"pathway_id": "17"},
        ):
            answer = await client_of(IRIS).get(SUMMARY, params={"pathway_id": pathway} | wrong)
            assert (wrong, answer.status_code) == (wrong, 422)
            assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_parameter_may_not_stand_twice(self, client_of: ClientOf, pathway: str) -> None:
        asked = f"{SUMMARY}?pathway_id={pathway}&measure=emergency_admissions&measure=urgent_contacts"
        assert (await client_of(IRIS).get(asked)).status_code == 422

    async def test_every_reading_is_audited(
        self, client_of: ClientOf, session: AsyncSession, cast: Cast, pathway: str
    ) -> None:
        await client_of(IRIS).get(SUMMARY, params={"pathway_id": pathway})
        row = (await session.execute(text("select * from audit_event where action = 'outcome.read'"))).mappings().one()
        assert (row["account_id"], row["patient_id"], str(row["subject_id"])) == (cast.accounts[IRIS], None, pathway)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


class TestPathwaysAndEnrolments:
    async def test_pages_of_enrolments_miss_nobody_and_show_nobody_twice(
        self, client_of: ClientOf, pathway: str, people: list[UUID]
    ) -> None:
        seen, url = [], f"/v1/pathways/{pathway}/enrolments"
        params: dict[str, str] = {"limit": "3"}
        while True:
            page = (await client_of(ASHA).get(url, params=params)).json()
            seen += [item["patient_id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert sorted(seen) == sorted(map(str, people))

    async def test_a_commissioner_sees_the_pathway_but_not_who_is_on_it(
        self, client_of: ClientOf, pathway: str, people: list[UUID]
    ) -> None:
        iris = client_of(IRIS)
        assert [item["id"] for item in (await iris.get("/v1/pathways")).json()["items"]] == [pathway]
        assert (await iris.get(f"/v1/pathways/{pathway}/enrolments")).status_code == 403

    async def test_an_enrolment_is_ended_once(
        self, client_of: ClientOf, pathway: str, people: list[UUID], joined: date
    ) -> None:
        asha = client_of(ASHA)
        [item] = (await asha.get(f"/v1/pathways/{pathway}/enrolments?limit=1")).json()["items"]
        end = {"ended_on": (joined + timedelta(days=5)).isoformat(), "reason": "died"}
        answers = [await asha.post(f"/v1/enrolments/{item['id']}/end", json=end) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 409]
        [ended] = (await asha.get(f"/v1/pathways/{pathway}/enrolments?limit=1")).json()["items"]
        assert (ended["ended_on"], ended["end_reason"]) == (end["ended_on"], "died")

    async def test_the_same_person_twice_at_once_is_a_conflict(
        self, client_of: ClientOf, pathway: str, people: list[UUID], joined: date
    ) -> None:
        body = {"patient_id": str(people[0]), "enrolled_on": joined.isoformat()}
        assert (await client_of(ASHA).post(f"/v1/pathways/{pathway}/enrolments", json=body)).status_code == 409

    async def test_an_enrolment_that_makes_no_sense_is_refused_with_a_pointer(
        self, client_of: ClientOf, cast: Cast, pathway: str, joined: date
    ) -> None:
        good = {"patient_id": str(cast.patients["rose_resident"]), "enrolled_on": joined.isoformat()}
        for field, value in (
            ("enrolled_on", "2999-01-01"),
            ("enrolled_on", "2026-02-30"),
            ("enrolled_on", "2026-02-03T00:00:00Z"),
            ("known_from", "2999-01-01"),
            ("patient_id", "17"),
            ("colour", "blue"),
        ):
            answer = await client_of(ASHA).post(f"/v1/pathways/{pathway}/enrolments", json=good | {field: value})
            assert (value, answer.status_code) == (value, 422)
            assert answer.json()["errors"][0]["pointer"] in {f"/{field}", ""}
            assert value not in str(answer.json()["errors"])
