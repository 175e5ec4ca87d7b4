"""The server in our own folder: private, recovered after any death, and never two on the same data."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integrations.linux.children import stop
from integrations.postgres import embedded
from integrations.postgres.client import connect
from integrations.postgres.embedded import (
    SERVICE_ACCOUNT,
    SUPERUSER,
    Cluster,
    EmbeddedServerFailed,
    open_cluster,
    reachable_copy,
)

NOBODY = 65_534


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tendwell-embedded-"))
    folder.chmod(0o711)
    yield folder
    if (folder / "postgres").exists():
        open_cluster(folder).stop_leftovers()
    shutil.rmtree(folder, ignore_errors=True)


def running(cluster: Cluster) -> subprocess.Popen[bytes]:
    server = cluster.start(log=None)
    cluster.wait_until_ready(server)
    return server


async def answer(cluster: Cluster) -> object:
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    try:
        return await connection.fetchval("select 1")
    finally:
        await connection.close()


async def test_no_other_user_of_this_machine_can_connect(home: Path) -> None:
    cluster = open_cluster(home)
    server = running(cluster)
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    if os.geteuid() == 0:
        tried = subprocess.run(
            [cluster.binaries / "psql", cluster.url(SUPERUSER, user=SUPERUSER), "-c", "select 1"],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert tried.returncode != 0
        assert "Permission denied" in tried.stderr
    assert await answer(cluster) == 1
    assert stop(server, signal.SIGINT, grace_seconds=20)


async def test_it_listens_on_no_network_address(durable_cluster: Cluster) -> None:
    connection = await connect(durable_cluster.url())
    assert await connection.fetchval("show listen_addresses") == ""
    await connection.close()


async def test_our_role_is_no_superuser_and_what_is_acknowledged_is_on_disk(durable_cluster: Cluster) -> None:
    connection = await connect(durable_cluster.url())
    assert await connection.fetchval("show is_superuser") == "off"
    assert await connection.fetchval("show fsync") == "on"
    assert await connection.fetchval("show synchronous_commit") == "on"
    assert await connection.fetchval("show data_checksums") == "on"
    await connection.close()


async def test_what_was_committed_is_there_after_the_server_was_killed(home: Path) -> None:
    cluster = open_cluster(home)
    server = running(cluster)
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute("create table kept(); insert into kept default values")
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    connection.terminate()

    cluster.stop_leftovers()
    server = running(cluster)
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    assert await connection.fetchval("select count(*) from kept") == 1
    await connection.close()
    stop(server, signal.SIGINT, grace_seconds=20)


async def test_a_folder_whose_path_is_too_long_for_a_socket_gets_a_private_one_elsewhere(home: Path) -> None:
    deep = home / ("a-long-name" * 9)
    deep.mkdir(mode=0o711)
    cluster = open_cluster(deep)
    server = running(cluster)
    assert cluster.sockets != cluster.data
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    assert await answer(cluster) == 1
    stop(server, signal.SIGINT, grace_seconds=20)
    sockets = cluster.sockets
    server = running(cluster)
    assert not sockets.exists(), "the folder of the earlier start is gone"
    stop(server, signal.SIGINT, grace_seconds=20)
    shutil.rmtree(cluster.sockets)


def test_a_server_dies_with_the_process_that_started_it(home: Path) -> None:
    script = (
        "import sys, os, signal; from pathlib import Path; from integrations.postgres.embedded import open_cluster\n"
        "c = open_cluster(Path(sys.argv[1])); p = c.start(None); c.wait_until_ready(p); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)], cwd=Path(__file__).resolve().parents[2], check=False
    )
    assert done.returncode == -signal.SIGKILL
    cluster = open_cluster(home)
    cluster.stop_leftovers()
    assert cluster.leftovers() == []


def test_a_set_up_that_was_interrupted_leaves_nothing_that_looks_finished(home: Path) -> None:
    (home / "initialising-earlier").mkdir()
    cluster = open_cluster(home)
    assert (cluster.data / "PG_VERSION").read_text().strip() == "18"


async def test_lock_files_that_name_a_living_process_are_no_obstacle(home: Path) -> None:
    cluster = open_cluster(home)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.data}\n\n\nready\n")
    (cluster.data / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    server = running(cluster)
    assert await answer(cluster) == 1
    stop(server, signal.SIGINT, grace_seconds=20)


def test_a_server_that_cannot_start_is_said_so(home: Path) -> None:
    cluster = open_cluster(home)
    (cluster.data / "global" / "pg_control").unlink()
    server = cluster.start(log=None)
    with pytest.raises(EmbeddedServerFailed, match="stopped while starting"):
        cluster.wait_until_ready(server)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that the service account cannot reach")
async def test_root_s_closed_folders_stay_closed_and_the_data_stands_where_the_account_can_pass(home: Path) -> None:
    home.chmod(0o700)
    data = home / "data"
    data.mkdir()
    cluster = open_cluster(data)
    try:
        assert (data / "postgres").is_symlink()
        server = running(cluster)
        assert await answer(cluster) == 1
        stop(server, signal.SIGINT, grace_seconds=20)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert open_cluster(data).data == cluster.data, "the next start finds the same data"
    finally:
        shutil.rmtree(cluster.data.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has programs that the service account cannot reach")
def test_programs_the_account_cannot_reach_are_copied_to_where_they_work(home: Path) -> None:
    account = open_cluster(home).account
    assert account is not None
    installed = open_cluster(home).binaries.parents[1]
    copy = reachable_copy(installed, home / "copies")
    (home / "copies").chmod(0o711)
    for program in ("postgres", "initdb", "psql"):
        subprocess.run(
            [copy / "pginstall18" / "bin" / program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            check=True,
        )
    linked = subprocess.run(["ldd", copy / "pginstall18/bin/psql"], capture_output=True, text=True, check=True).stdout
    assert str(home) in linked, "its own libraries, not those of the wheel it was copied from"


def test_who_cannot_make_the_service_account_waits_for_whoever_makes_it_just_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = pwd.getpwuid(os.geteuid())
    looks: list[str] = []

    def is_there_at_the_third_look(name: str) -> pwd.struct_passwd:
        looks.append(name)
        if len(looks) < 3:
            raise KeyError(name)
        return made

    def is_locked_out(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(pwd, "getpwnam", is_there_at_the_third_look)
    monkeypatch.setattr(subprocess, "run", is_locked_out)
    assert embedded._service_account().name == made.pw_name
    assert looks == [SERVICE_ACCOUNT] * 3


def test_of_several_that_copy_the_programs_at_once_each_finds_a_whole_copy_and_none_leaves_a_half(home: Path) -> None:
    installed, copies = open_cluster(home).binaries.parents[1], home / "copies"
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: reachable_copy(installed, copies), range(4)))
    (copy,) = found
    assert list(copies.iterdir()) == [copy.parent]
    assert {path.name for path in (copy / "pginstall18/bin").iterdir()} >= {"postgres", "initdb", "psql"}
