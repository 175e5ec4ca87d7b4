"""`make run` as a person meets it: Ctrl-C, kill -9, a taken port, a second run, a part that dies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api.run.readiness import is_ready
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import open_cluster
from tests.run.supervised import Supervised, free_pair, wait_until

Make = Callable[..., Supervised]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a data folder that the embedded server's account can pass through, which pytest's own it cannot."""
    home = Path(tempfile.mkdtemp(prefix="tendwell-run-"))
    home.chmod(0o711)
    yield home / "data"
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def supervised(folder: Path) -> Iterator[Make]:
    """Yield a function that prepares a run in the test's folder; whatever still runs afterwards is ended."""
    made: list[Supervised] = []

    def make(**variables: str) -> Supervised:
        made.append(Supervised(folder, free_pair(), **variables))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.end(signal.SIGTERM)
        for pid in one.processes():
            os.kill(pid, signal.SIGKILL)


def nothing_is_left_of(one: Supervised) -> bool:
    return one.processes() == {}


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def answers(address: str) -> bool:
    with urllib.request.urlopen(address.rstrip(","), timeout=10) as answer:
        return bool(answer.status == 200)


async def system_identifier(folder: Path) -> int:
    connection = await connect(open_cluster(folder).url())
    try:
        return int(await connection.fetchval("select system_identifier from pg_control_system()"))
    finally:
        await connection.close()


async def passkeys_are_for(port: int) -> str:
    """Return the domain that passkeys are bound to."""
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as client:
        answer = await client.post("/v1/sessions/passkey-options", json={})
    told: str = answer.json()["public_key"]["rpId"]
    return told


async def test_one_start_goes_on_where_the_one_before_was_stopped_by_ctrl_c_or_killed_whatever_that_left_behind(
    supervised: Make, folder: Path
) -> None:
    run = supervised().started()
    steps = [line.partition(" s  ")[2] for line in run.said().splitlines() if " s  " in line]
    assert steps[:3] == [
        "Starting PostgreSQL…",
        "Bringing the database up to date…",
        "Starting two API processes and the worker…",
    ]
    # By name: an address in numbers can have no passkeys.
    shown = re.findall(r"http://localhost:\d+\S*", run.said())
    assert f"http://localhost:{run.port}/console/" in shown
    for address in shown:
        assert answers(address), address
    assert await passkeys_are_for(run.port) == "localhost"
    first = await system_identifier(folder)
    secrets = {path.name: path.read_bytes() for path in (folder / "secrets").iterdir()}
    assert is_ready("127.0.0.1", run.port)
    assert is_ready("127.0.0.1", run.port + 1)
    assert run.end(signal.SIGINT) == 0
    assert nothing_is_left_of(run)
    assert "Everything is stopped." in run.said()

    run.started()
    assert await system_identifier(folder) == first
    assert {path.name: path.read_bytes() for path in (folder / "secrets").iterdir()} == secrets
    await what_it_leaves_when_killed_is_cleared_by_the_next_one_and_its_data_is_there(run, folder)
    assert run.end(signal.SIGTERM) == 0
    assert nothing_is_left_of(run)


async def what_it_leaves_when_killed_is_cleared_by_the_next_one_and_its_data_is_there(
    run: Supervised, folder: Path
) -> None:
    connection = await connect(open_cluster(folder).url())
    await connection.execute("create table kept(words text); insert into kept values ('acknowledged')")
    await connection.close()
    run.end(signal.SIGKILL)
    wait_until(lambda: nothing_is_left_of(run), "the children of a killed run are gone")

    # Worse than what we leave: a server still running, and lock files that name a process which is alive.
    (folder / "run.lock").write_text(str(os.getpid()))
    leftover = open_cluster(folder).start(log=None)
    open_cluster(folder).wait_until_ready(leftover)
    run.started()
    assert "an earlier run had left behind" in run.said()
    assert leftover.wait(10) == 0
    connection = await connect(open_cluster(folder).url())
    assert await connection.fetchval("select words from kept") == "acknowledged"
    await connection.close()


def test_ctrl_c_while_things_are_still_starting_stops_what_had_been_started(supervised: Make) -> None:
    run = supervised().start()
    run.wait_for("Starting two API processes")
    assert run.end(signal.SIGINT) == 0
    assert "Press Ctrl-C to stop." not in run.said()
    assert nothing_is_left_of(run)


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_taken_port_is_named_with_the_way_round_it_and_nothing_is_started(
    supervised: Make, folder: Path, family: socket.AddressFamily, address: str
) -> None:
    if family is socket.AF_INET6 and not has_ipv6():
        pytest.skip("there is no IPv6 on this machine, so nobody can be there")
    run = supervised()
    with socket.socket(family) as other:
        other.bind((address, run.port + 1))
        other.listen()
        assert run.start().exit_code() == 2
    assert f"Port {run.port + 1} is already in use" in run.said()
    assert "TENDWELL_PORT=" in run.said()
    assert not (folder / "postgres").exists()
    assert nothing_is_left_of(run)


def test_a_second_run_is_refused_and_a_part_that_dies_is_started_again_and_said_so(supervised: Make) -> None:
    run = supervised().started()
    assert run.process is not None
    second = supervised()
    assert second.start().exit_code() == 2
    assert f"already runs from {run.folder} (process {run.process.pid})" in second.said()

    os.kill(run.process_of(f"serve --host 127.0.0.1 --port {run.port + 1}"), signal.SIGKILL)
    run.wait_for(f"api-{run.port + 1}: killed by SIGKILL; starting it again in 1 s")
    run.wait_for(f"api-{run.port + 1}: started again")
    wait_until(lambda: is_ready("127.0.0.1", run.port + 1), "the second API process is ready again")

    (server,) = [pid for pid in run.processes() if Path(f"/proc/{pid}/cmdline").read_bytes().count(b"listen_addresses")]
    os.kill(server, signal.SIGKILL)
    run.wait_for("postgres: started again")
    wait_until(lambda: is_ready("127.0.0.1", run.port), "the API has its database again")


async def test_a_database_of_ones_own_is_used_instead_and_not_filled_with_invented_people(
    supervised: Make, folder: Path, committing_database: Database
) -> None:
    run = supervised(TENDWELL_DATABASE_URL=committing_database.url, TENDWELL_NO_DEMO="").started()
    assert "The demo is not loaded" in run.said()
    assert not (folder / "postgres").exists()
    connection = await connect(committing_database.url)
    clients = await connection.fetch("select application_name from pg_stat_activity where datname = current_database()")
    await connection.close()
    assert "tendwell-api" in {row["application_name"] for row in clients}


def test_a_database_that_does_not_answer_is_said_so_and_nothing_is_left(supervised: Make, free_port: int) -> None:
    run = supervised(TENDWELL_DATABASE_URL=f"postgresql://someone:hunter2@127.0.0.1:{free_port}/x")
    assert run.start().exit_code() == 1
    assert f"Tendwell did not start: The database 'x' at 127.0.0.1, port {free_port} does not answer" in run.said()
    assert "hunter2" not in run.said()
    assert nothing_is_left_of(run)


def test_a_part_that_cannot_start_is_named_with_its_reason_and_the_rest_is_stopped(supervised: Make) -> None:
    run = supervised(TENDWELL_CURSOR_SECRET="short")
    assert run.start().exit_code() == 1
    assert "TENDWELL_CURSOR_SECRET must be at least 32 random characters" in run.said()
    assert nothing_is_left_of(run)


@pytest.mark.parametrize("port", ["http", "0", "65535", "-1", "８０８０"])
def test_a_port_that_is_none_is_refused(supervised: Make, port: str) -> None:
    run = supervised(TENDWELL_PORT=port)
    assert run.start().exit_code() == 2
    assert "TENDWELL_PORT must be a port number" in run.said()
