"""The worker is killed while it gathers somebody's copy of their record: the copy is whole, once, or not there."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from api.exports.sections import SECTIONS
from integrations.postgres.client import Database
from tests.cast import PASSWORD, Cast
from tests.http.bad_input_asks import SAM, reading
from tests.live.processes import Installation, installation

# Before any page is kept, in the middle of the record, and when all of it is gathered but not yet ready.
DEATHS = ("uncommitted:1", "committed:3", "uncommitted:2", "ending")
_LETTERS = text("select count(*) from letter where kind = 'copy_ready'")
_STANDS = text("select state, section, parts, (select count(*) from own_export_part) as kept from own_export")
# A minute passes, after which another worker may take the copy over.
_A_MINUTE_LATER = text("update own_export set claimed_until = claimed_until - interval '2 minutes'")


async def test_a_worker_killed_anywhere_leaves_no_half_copy_and_no_second_one(
    committing_database: Database, cast: Cast, tmp_path: Path
) -> None:
    with installation(committing_database.url, tmp_path) as installed:
        async with httpx.AsyncClient(base_url=installed.start_api().url, timeout=30) as sam:
            file = await _asked(sam, cast)
            gathered = [await _killed(installed, committing_database, sam, file, moment) for moment in DEATHS]
            # What was committed stays whole, until the next worker begins anew; what was not is gone. All but the last
            # word was there at the fourth death.
            assert gathered == [0, 3, 1, len(SECTIONS)]
            installed.start_worker()
            answer = await _once_ready(sam, file)
            assert (await sam.get(file)).status_code == 410
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        record: dict[str, Any] = json.loads(packed.read("record.json"))
    assert list(record) == ["asked_at", "as_it_was_at", *(section.name for section in SECTIONS)]
    assert sorted(each["client_id"] for each in record["readings"]) == ["k-0", "k-1", "k-2"]
    async with committing_database.reading() as session:
        assert (await session.execute(_STANDS)).one().state == "handed_over"
        assert await session.scalar(_LETTERS) == 1


async def _asked(sam: httpx.AsyncClient, cast: Cast) -> str:
    """Return where Sam's copy will be, once there are readings in the record and a copy was asked for."""
    body = {"email": f"{SAM}@example.test", "password": PASSWORD}
    token = (await sam.post("/v1/sessions", json=body)).json()["access_token"]
    sam.headers["Authorization"] = f"Bearer {token}"
    readings = [reading(cast.now - timedelta(minutes=n), f"k-{n}") for n in range(3)]
    record = f"/v1/patients/{cast.patients['sam_at_home']}"
    sent = await sam.post(f"{record}/observations", json={"readings": readings})
    assert sent.status_code == 201, sent.text
    asked = await sam.post("/v1/me/exports")
    return f"/v1/me/exports/{asked.json()['id']}/file"


async def _killed(installed: Installation, database: Database, sam: httpx.AsyncClient, file: str, moment: str) -> int:
    """Return how many pages are kept after a worker was killed; there is no copy to be had, nor a second to ask for."""
    doomed = installed.start_doomed("tests.faults.dying_worker", DIES=moment)
    assert await asyncio.to_thread(doomed.ends_within, 60), moment
    assert doomed.popen.returncode == -signal.SIGKILL, doomed.log.read_text()
    installed.processes.remove(doomed)
    assert (await sam.get(file)).status_code == 409, moment
    assert (await sam.post("/v1/me/exports")).status_code == 409, moment
    async with database.writing() as session:
        stands = (await session.execute(_STANDS)).one()
        assert await session.scalar(_LETTERS) == 0, moment  # nobody is told of what is not there
        await session.execute(_A_MINUTE_LATER)
    assert stands.state == "working"
    assert stands.parts == stands.kept  # whole pages, and as many as the row says
    return int(stands.kept)


async def _once_ready(client: httpx.AsyncClient, file: str) -> httpx.Response:
    """Return the copy once it can be fetched. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while (answer := await client.get(file)).status_code == 409:
            await asyncio.sleep(0.2)
    assert answer.status_code == 200, answer.text
    return answer
