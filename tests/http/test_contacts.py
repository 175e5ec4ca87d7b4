"""Contacts over HTTP: by hand with a verdict each, and from a file that counts whole or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from domain.outcomes.import_steps import advance_imports
from tests.cast import Cast
from tests.http.commissioning import (
    ASHA,
    CSV_HEADER,
    GUS,
    IRIS,
    JACK,
    ROSE,
    SUMMARY,
    contact,
    cut_off,
    joined,
    pathway,
    people,
    post_contacts,
    send_file,
)
from tests.http.conftest import ClientOf, worker_beside
from tests.pathway_cast import noon

__all__ = ["cut_off", "joined", "pathway", "people"]  # fixtures


class TestContacts:
    async def test_each_contact_has_its_verdict_and_a_repeat_is_stored_once(
        self, client_of: ClientOf, cast: Cast, joined: date
    ) -> None:
        rose, gus = cast.patients["rose_resident"], client_of(GUS)
        good = contact(cast, joined, external_id="A-1")
        first, again = [await post_contacts(gus, rose, good) for _ in range(2)]
        assert [first.status_code, again.status_code] == [201, 201]
        assert (first.json()["stored"], again.json()["stored"], again.json()["duplicate"]) == (1, 0, 1)
        assert again.json()["verdicts"][0]["contact_id"] == first.json()["verdicts"][0]["contact_id"]
        other = contact(cast, joined, 5, external_id="A-1")
        mixed = await post_contacts(gus, rose, other, contact(cast, joined, 9))
        assert mixed.status_code == 207
        assert [(v["verdict"], v["code"], v["field"]) for v in mixed.json()["verdicts"]] == [
            ("refused", "conflict", "/contacts/0/external_id"),
            ("stored", None, None),
        ]
        none = await post_contacts(gus, rose, other)
        assert (none.status_code, none.headers["content-type"]) == (409, "application/problem+json")
        late = await post_contacts(gus, rose, contact(cast, cast.now.date() + timedelta(days=2)))
        assert late.status_code == 422
        assert late.json()["errors"][0] == {
            "pointer": "/contacts/0/started_at",
            "code": "future_time",
            "message": "The contact lies in the future. Record it once it has happened.",
        }
        assert late.json()["verdicts"][0]["verdict"] == "refused"

    async def test_a_contact_that_cannot_be_read_refuses_the_batch_with_a_pointer(
        self, client_of: ClientOf, cast: Cast, joined: date
    ) -> None:
        gus, rose, good = client_of(GUS), cast.patients["rose_resident"], contact(cast, joined)
        wrong: tuple[tuple[str, object], ...] = (
            ("kind", "visit"),
            ("started_at", "2026-03-29T14:05:00"),
            ("started_at", 1774792800),
            ("organisation_id", "Y99991"),
            ("external_id", "a b"),
            ("external_id", ""),
            ("source", "\u202e"),
        )
        for field, value in wrong:
            answer = await post_contacts(gus, rose, good, good | {field: value})
            assert (field, answer.status_code) == (field, 422)
            assert answer.json()["errors"][0]["pointer"] == f"/contacts/1/{field}"

    async def test_a_batch_has_one_to_a_thousand_contacts(self, client_of: ClientOf, cast: Cast, joined: date) -> None:
        day = datetime.combine(joined, datetime.min.time(), cast.now.tzinfo)
        many = [contact(cast, joined) | {"started_at": (day + timedelta(minutes=n)).isoformat()} for n in range(1001)]
        for how_many, status in ((0, 422), (1001, 422), (1000, 201)):
            answer = await post_contacts(client_of(GUS), cast.patients["rose_resident"], *many[:how_many])
            assert (how_many, answer.status_code) == (how_many, status)


class TestImports:
    def file(self, people: list[UUID], joined: date, *more: str) -> bytes:
        lines = [f"{person},ambulance,{noon(joined).isoformat()},Y99991,{n},cad" for n, person in enumerate(people)]
        return "\r\n".join((CSV_HEADER, *lines, *more, "")).encode()

    async def work(self, app: FastAPI) -> None:
        while await advance_imports(worker_beside(app).writing):
            pass

    async def test_a_file_is_taken_then_checked_then_counted(
        self, app: FastAPI, client_of: ClientOf, pathway: str, people: list[UUID], joined: date
    ) -> None:
        jack = client_of(JACK)
        sent = await send_file(jack, self.file(people, joined), 'text/csv; charset="UTF-8"')
        assert sent.status_code == 202
        assert (sent.json()["state"], sent.json()["rows_total"]) == ("received", 10)
        await self.work(app)
        found = (await jack.get(f"/v1/contacts/imports/{sent.json()['id']}")).json()
        assert (found["state"], found["rows_read"], found["rows_stored"], found["faults"]) == ("stored", 10, 10, [])
        again = await send_file(jack, self.file(people, joined))
        assert (again.status_code, again.json()["id"]) == (202, sent.json()["id"])
        asked = {"pathway_id": pathway, "measure": "urgent_contacts"}
        [told] = (await client_of(IRIS).get(SUMMARY, params=asked)).json()["results"]
        assert told["since"]["events"]["value"] == 10

    async def test_a_wrong_row_refuses_the_file_and_the_report_says_where_and_what_to_do(
        self, app: FastAPI, client_of: ClientOf, people: list[UUID], joined: date
    ) -> None:
        jack = client_of(JACK)
        sent = await send_file(jack, self.file(people, joined, f"{people[0]},=HYPERLINK(1),yesterday,Y99991,x,cad"))
        await self.work(app)
        answer = await jack.get(f"/v1/contacts/imports/{sent.json()['id']}")
        found = answer.json()
        assert (found["state"], found["rows_stored"], found["faults_total"]) == ("refused", 0, 2)
        assert [(f["row"], f["field"], f["code"]) for f in found["faults"]] == [
            (12, "kind", "formula_cell"),
            (12, "started_at", "invalid_time"),
        ]
        assert all(fault["message"] and fault["remedy"] for fault in found["faults"])
        assert "HYPERLINK" not in answer.text
        assert str(people[0]) not in answer.text

    async def test_what_is_not_a_csv_file_is_refused_at_the_door(self, client_of: ClientOf) -> None:
        for content, kind, status in (
            (b"a,b\n", "application/json", 415),
            (b"a,b\n", "text/plain", 415),
            (b"a,b\n", "text/csv; charset=utf-16", 415),
            (b"", "text/csv", 422),
        ):
            answer = await send_file(client_of(JACK), content, kind)
            assert (kind, answer.status_code) == (kind, status)
            assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(("megabytes", "status"), [(3, 202), (21, 413)])
    async def test_a_file_may_be_larger_than_any_other_body_but_not_endless(
        self, client_of: ClientOf, megabytes: int, status: int
    ) -> None:
        row = b"9990000018,gp_home_visit,2026-01-01T00:00:00Z,Y99991,x,cad\n"
        content = b"nhs_number,kind,started_at,organisation_ods_code,external_id,source\n"
        content += row * (megabytes * 1024 * 1024 // len(row) + 1)
        assert (await send_file(client_of(JACK), content)).status_code == status

    async def test_files_that_were_refused_while_they_arrived_stand_in_nobodys_way(
        self, client_of: ClientOf, people: list[UUID], joined: date
    ) -> None:
        jack = client_of(JACK)
        assert [(await send_file(jack, b"")).status_code for _ in range(6)] == [422] * 6
        assert (await send_file(jack, self.file(people, joined))).status_code == 202

    async def test_only_an_administrator_sends_a_file(
        self, client_of: ClientOf, people: list[UUID], joined: date
    ) -> None:
        for name, status in ((ASHA, 403), (IRIS, 403), (GUS, 403), (ROSE, 403), ("admin", 202)):
            answer = await send_file(client_of(name), self.file(people, joined))
            assert (name, answer.status_code) == (name, status)

    async def test_others_do_not_learn_of_an_import(
        self, client_of: ClientOf, people: list[UUID], joined: date
    ) -> None:
        sent = (await send_file(client_of("admin"), self.file(people, joined))).json()["id"]
        for name in (JACK, IRIS, ASHA, ROSE):
            assert (await client_of(name).get(f"/v1/contacts/imports/{sent}")).status_code == 404
