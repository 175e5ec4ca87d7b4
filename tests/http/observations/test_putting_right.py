"""Corrections and retractions: what supersedes, what hides, who may, and what is refused."""

from __future__ import annotations

from httpx import AsyncClient

from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.stage import ASHA, BEA, GUS, ROSE, codes, post, pulse, recorded


async def test_a_correction_supersedes_and_can_be_repeated(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    body = {"reason": "Digits swapped", "reading": pulse(cast, "right", value=27 + 40)}
    first = await rose.post(f"{url}/{old}/correction", json=body)
    assert first.status_code == 201
    assert (first.json()["status"], first.json()["supersedes"], first.json()["reason"]) == (
        "corrected",
        old,
        "Digits swapped",
    )
    assert (await rose.post(f"{url}/{old}/correction", json=body)).json()["id"] == first.json()["id"]
    assert [item["value"] for item in (await rose.get(url)).json()["items"]] == [67]
    before = (await rose.get(f"{url}/{old}")).json()
    assert (before["status"], before["superseded_by"]) == ("superseded", first.json()["id"])
    other = body | {"reading": pulse(cast, "other", value=66)}
    assert (await rose.post(f"{url}/{old}/correction", json=other)).status_code == 409


async def test_a_retraction_hides_and_can_be_repeated(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    for _ in range(2):
        answer = await rose.post(f"{url}/{old}/retraction", json={"reason": "Not my finger"})
        assert (answer.status_code, answer.json()["status"]) == (200, "entered-in-error")
    assert (await rose.get(url)).json()["items"] == []
    assert (await rose.get(f"{url}/latest")).json()["items"] == []
    shown = (await rose.get(f"{url}/{old}")).json()
    assert (shown["status"], shown["reason"]) == ("entered-in-error", "Not my finger")
    assert codes(await post(rose, url, pulse(cast))) == ["duplicate"]


async def test_what_stands_no_more_says_who_put_an_end_to_it_when_and_why(
    client_of: ClientOf, url: str, cast: Cast
) -> None:
    old = await recorded(client_of(GUS), url, cast)
    body = {"reason": "Digits swapped", "reading": pulse(cast, "right", value=67)}
    new = (await client_of(ASHA).post(f"{url}/{old}/correction", json=body)).json()
    assert (new["amended_by"], new["amended_at"], new["amendment_reason"]) == (None, None, None)
    await client_of(GUS).post(f"{url}/{new['id']}/retraction", json={"reason": "Wrong person"})
    listed = (await client_of(ROSE).get(url, params={"history": True})).json()["items"]
    told = {each["id"]: (each["amended_by"], each["amendment_reason"], each["reason"]) for each in listed}
    assert told == {
        old: (str(cast.accounts[ASHA]), "Digits swapped", None),
        new["id"]: (str(cast.accounts[GUS]), "Wrong person", "Wrong person"),
    }
    one = (await client_of(ROSE).get(f"{url}/{old}")).json()
    assert (one["amended_by"], one["amended_at"]) == (str(cast.accounts[ASHA]), new["received_at"])


async def test_amending_needs_a_reason(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    for reason in ("", "   ", None, "a\x1bb", "x" * 201):
        assert (await rose.post(f"{url}/{old}/retraction", json={"reason": reason})).status_code == 422, reason
        body = {"reason": reason, "reading": pulse(cast, "right", value=71)}
        assert (await rose.post(f"{url}/{old}/correction", json=body)).status_code == 422, reason


async def test_a_person_cannot_amend_what_staff_recorded_but_staff_can(
    client_of: ClientOf, url: str, cast: Cast
) -> None:
    old = await recorded(client_of(GUS), url, cast)
    body = {"reason": "No", "reading": pulse(cast, "right", value=71)}
    assert (await client_of(ROSE).post(f"{url}/{old}/correction", json=body)).status_code == 403
    assert (await client_of(ROSE).post(f"{url}/{old}/retraction", json={"reason": "No"})).status_code == 403
    assert (await client_of(BEA).post(f"{url}/{old}/retraction", json={"reason": "No"})).status_code == 404
    assert (await client_of(ASHA).post(f"{url}/{old}/correction", json=body)).status_code == 201


async def test_a_correction_that_cannot_be_accepted_says_where(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    body = {"reason": "Typo", "reading": pulse(cast, "right", value=7100)}
    answer = await rose.post(f"{url}/{old}/correction", json=body)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/reading/value", "out_of_range")]


async def test_what_is_not_there_is_not_found_also_when_it_is_no_id(rose: AsyncClient, url: str) -> None:
    for observation_id in ("0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e", "1", "latest "):
        assert (await rose.get(f"{url}/{observation_id}")).status_code == 404, observation_id
