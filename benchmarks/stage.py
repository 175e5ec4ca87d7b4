"""The stage: a durable PostgreSQL of its own, two API processes and a worker as `make run` starts them, and the limits.

Everything runs on loopback in a temporary folder and ends with this process.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from api.passwords import Passwords
from benchmarks.http_client import LOOPBACK
from domain.accounts.commands import NewOrganisation, create_administrator
from domain.clock import utc_now
from integrations.linux.children import spawn, stop
from integrations.postgres.client import Database
from integrations.postgres.embedded import SUPERUSER, open_cluster
from integrations.postgres.migrate import migrate

PASSWORD, CHOSEN_PASSWORD = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
NURSE = "nurse@bench.test"
LIMITS = ("benchmarks.limits:app", "--ws", "benchmarks.limits:Bare")
PEOPLE = 10  # wrong passwords are tried at their addresses
AT_ONCE = 8  # patients that are made
START_SECONDS = 60
STOP_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything listens, and who is on stage: one clinician, who sees every one of the patients."""

    database_url: str
    superuser_url: str
    api_ports: tuple[int, int]
    limits_port: int
    home: Path
    token: str
    patient_ids: list[str]
    emails: list[str]
    process_ids: dict[str, int]
    environment: dict[str, str]

    async def ticket(self) -> str:
        """Return a ticket for one live socket."""
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{self.api_ports[0]}") as client:
            answer = await client.post("/v1/live/tickets", headers={"authorization": f"Bearer {self.token}"})
            return str(answer.raise_for_status().json()["ticket"])

    @asynccontextmanager
    async def unguarded(self) -> AsyncIterator[int]:
        """Yield the port of an API process without row security, there as long as the block lasts.

        It follows the feed as every node does, which is not to weigh on what else is measured.
        """
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.unguarded", str(port)]
        child = spawn(command, log=self.home / "unguarded.log", environment=self.environment)
        try:
            await answers(port, "/health/ready")
            yield port
        finally:
            stop(child, signal.SIGINT, grace_seconds=STOP_GRACE_SECONDS)

    async def with_new_token(self) -> Stage:
        """Return the same with a token that has just been given: one is good for ten minutes."""
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{self.api_ports[0]}") as client:
            signed_in = await _sign_in(client, NURSE, CHOSEN_PASSWORD)
            return replace(self, token=str(signed_in["access_token"]))


@asynccontextmanager
async def set_up(patients: int) -> AsyncIterator[Stage]:
    """Yield the stage; take it down afterwards, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="tendwell-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # noqa: ASYNC240  nothing else runs yet
        cluster = open_cluster(home)
        children = [cluster.start(home / "postgres.log")]
        try:
            cluster.wait_until_ready(children[0])
            await cluster.ensure_database()
            url = cluster.url()
            await migrate(url)
            ports = (free_port(), free_port(), free_port())
            environment = _environment(url)
            started = _start_processes(home, environment, ports)
            children += started.values()
            await asyncio.gather(*(answers(port, "/health/ready") for port in ports[:2]))
            await answers(ports[2], "/openapi.json")
            token, patient_ids, emails = await _people(url, ports[0], patients)
            yield Stage(
                url,
                cluster.url(user=SUPERUSER),
                ports[:2],
                ports[2],
                home,
                token,
                patient_ids,
                emails,
                {name: child.pid for name, child in started.items()},
                environment,
            )
        finally:
            for child in reversed(children):
                stop(child, signal.SIGINT, grace_seconds=STOP_GRACE_SECONDS)
            cluster.stop_leftovers()


def _environment(url: str) -> dict[str, str]:
    """Return what an API process of this stage is started with."""
    return {
        **os.environ,
        "TENDWELL_ENVIRONMENT": "demo",
        **{f"TENDWELL_RATE_{what}": "0" for what in ("READS", "WRITES", "READINGS", "EXPORTS", "ADDRESS")},
        "TENDWELL_SECOND_FACTOR": "when_enrolled",
        "TENDWELL_DATABASE_URL": url,
        "TENDWELL_ENCRYPTION_KEY": secrets.token_urlsafe(48),
        "TENDWELL_CURSOR_SECRET": secrets.token_urlsafe(48),
        "TENDWELL_REFRESH_SECRET": secrets.token_urlsafe(48),
    }


def _start_processes(
    home: Path, environment: dict[str, str], ports: tuple[int, int, int]
) -> dict[str, subprocess.Popen[bytes]]:
    commands = {
        "api-1": ["-m", "api", "serve", "--port", str(ports[0])],
        "api-2": ["-m", "api", "serve", "--port", str(ports[1])],
        "worker": ["-m", "api", "worker"],
        "limits": ["-m", "uvicorn", *LIMITS, "--port", str(ports[2]), "--log-level", "warning"],
    }
    return {
        name: spawn([sys.executable, *command], log=home / f"{name}.log", environment=environment)
        for name, command in commands.items()
    }


def free_port() -> int:
    """Return a port of this machine that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


async def answers(port: int, path: str) -> None:
    """Return once a GET of the path there is answered 200. Raises TimeoutError."""
    give_up_at = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
        while time.monotonic() < give_up_at:
            try:
                if (await client.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise TimeoutError(f"nothing answered on port {port} within {START_SECONDS} s")


async def signed_in(port: int, email: str) -> str:
    """Return an access token of one of those who only sign in."""
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
        return str((await _sign_in(client, email))["access_token"])


async def _people(url: str, port: int, patients: int) -> tuple[str, list[str], list[str]]:
    """Return a clinician's token, the ids of that many patients, and the addresses of some who only sign in.

    All but the administrator are made through the public API.
    """
    database = Database(url)
    async with database.writing() as session:
        await create_administrator(
            session,
            utc_now(),
            organisation=NewOrganisation("QBENCH", "Benchmark board", "commissioner", None),
            email="admin@bench.test",
            display_name="Administrator",
            password_hash=await Passwords().hash(PASSWORD),
        )
    await database.close()
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=30) as client:
        signed_in = await _sign_in(client, "admin@bench.test")
        board = signed_in["account"]["roles"][0]["organisation"]["id"]
        practice = await _made(
            client, "organisations", ods_code="YBENCH", name="Practice", kind="practice", parent_id=board
        )
        account = await _made(
            client, "accounts", email=NURSE, display_name="Nurse", password=PASSWORD, organisation_id=board
        )
        await _made(client, f"accounts/{account}/memberships", organisation_id=practice, role="clinician")
        emails = await _who_only_sign_in(client, board)
        token = str((await _sign_in(client, NURSE))["access_token"])
        ids: list[str] = []
        while len(ids) < patients:
            few = range(len(ids), min(len(ids) + AT_ONCE, patients))
            ids += await asyncio.gather(*(_made(client, "patients", **_person(n, practice)) for n in few))
    return token, ids, ["admin@bench.test", *emails]


def _person(number: int, practice: str) -> dict[str, str]:
    born_on = "1950-01-01"
    return {"given_name": "Pat", "family_name": f"Number{number}", "born_on": born_on, "practice_id": practice}


async def _who_only_sign_in(client: httpx.AsyncClient, board: str) -> list[str]:
    """Return the addresses of accounts that exist and do nothing."""
    emails = [f"person{n}@bench.test" for n in range(PEOPLE)]
    for email in emails:
        await _made(client, "accounts", email=email, display_name="Person", password=PASSWORD, organisation_id=board)
    return emails


async def _sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = await client.post("/v1/sessions", json={"email": email, "password": password})
    body: dict[str, Any] = answer.raise_for_status().json()
    if answer.status_code == 202:  # the administrator knows the password: its holder chooses another
        chosen = {"sign_in_token": body["sign_in_token"], "new_password": CHOSEN_PASSWORD}
        body = (await client.post("/v1/sessions/new-password", json=chosen)).raise_for_status().json()
    client.headers["authorization"] = f"Bearer {body['access_token']}"
    return body


async def _made(client: httpx.AsyncClient, path: str, **fields: str) -> str:
    answer = await client.post(f"/v1/{path}", json=fields)
    return str(answer.raise_for_status().json()["id"])
