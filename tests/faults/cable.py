"""A cable between PostgreSQL in a network namespace of its own and everybody else, which the kernel itself can cut.

A pair of virtual devices with private addresses; nothing is reached, or reachable, from outside. Needs what not every
machine gives, and says what.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from integrations.linux.children import kill, spawn
from integrations.postgres.embedded import SERVER_SETTINGS
from tests.faults.site import Site

OURS, THEIRS, PREFIX = "10.231.77.1", "10.231.77.2", 30
LONGEST_SECONDS = 600
START_SECONDS = 5.0
_CLONE_NEWNET = 0x4000_0000  # setns(2)
_PROGRAMS = {"ip": "iproute2", "unshare": "util-linux", "nsenter": "util-linux", "sleep": "coreutils"}
_libc = ctypes.CDLL(None, use_errno=True)


class Cable:
    """The pair of devices, one end in the namespace of a process that only sleeps."""

    def __init__(self, folder: Path) -> None:
        self._near, self._far = (f"tw{os.getpid() % 1_000_000}{end}" for end in "ab")
        command = [_program("unshare"), "--net", _program("sleep"), str(LONGEST_SECONDS)]
        self._sleeper = spawn(command, log=folder / "namespace.log")

    @property
    def namespace(self) -> Path:
        """Return the other side's namespace, as a file."""
        return Path(f"/proc/{self._sleeper.pid}/ns/net")

    def lay(self) -> None:
        """Connect the two sides. Raises subprocess.CalledProcessError, TimeoutError."""
        self._wait_for_the_other_side()
        self._ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", str(self._sleeper.pid))
        self._ip("addr", "add", f"{OURS}/{PREFIX}", "dev", self._near)
        self._there("addr", "add", f"{THEIRS}/{PREFIX}", "dev", self._far)
        self._ip("link", "set", self._near, "up")
        self.mend()

    def cut(self) -> None:
        """Take the other end out: what is sent is dropped, and nobody is told."""
        self._there("link", "set", self._far, "down")

    def mend(self) -> None:
        """Put it in again."""
        self._there("link", "set", self._far, "up")

    def remove(self) -> None:
        """Have nothing be left of it."""
        kill(self._sleeper)
        with suppress(subprocess.CalledProcessError):
            self._ip("link", "del", self._near)

    def _wait_for_the_other_side(self) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while self.namespace.readlink() == Path("/proc/self/ns/net").readlink():
            if time.monotonic() > give_up_at or self._sleeper.poll() is not None:
                raise TimeoutError("no namespace was made")
            time.sleep(0.01)

    def _ip(self, *arguments: str) -> None:
        subprocess.run([_program("ip"), *arguments], check=True, capture_output=True)

    def _there(self, *arguments: str) -> None:
        inside = [_program("nsenter"), f"--net={self.namespace}", _program("ip"), *arguments]
        subprocess.run(inside, check=True, capture_output=True)


def _program(name: str) -> str:
    return shutil.which(name) or name


def why_not(folder: Path) -> str | None:
    """Return why no cable can be laid on this machine; None when one can."""
    if missing := sorted({package for name, package in _PROGRAMS.items() if shutil.which(name) is None}):
        return f"needs the distribution's {', '.join(missing)}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    cable = Cable(folder)
    try:
        cable.lay()
    except subprocess.CalledProcessError as error:
        return f"the kernel gives no network namespaces here: {error.stderr.decode().strip()}"
    except (OSError, TimeoutError) as error:
        return f"the kernel gives no network namespaces here: {error}"
    finally:
        cable.remove()
    return None


@asynccontextmanager
async def behind_a_cable(site: Site) -> AsyncIterator[tuple[Cable, str]]:
    """Yield a cable behind which the site's PostgreSQL listens, and its URL; its socket's file works as before."""
    rules, cable = site.cluster.data / "pg_hba.conf", Cable(site.folder)
    before = rules.read_text()
    # The kernel tells the server of its parent's death when the thread ends that started it: it is kept until the end.
    with ThreadPoolExecutor(1) as inside:
        try:
            cable.lay()
            await site.stop_postgres()
            rules.write_text(f"host all all {OURS}/32 trust\n{before}")
            site.server = await asyncio.get_running_loop().run_in_executor(inside, _start_there, site, cable)
            yield cable, f"postgresql://tendwell@{THEIRS}/tendwell"
        finally:
            await site.stop_postgres()
            rules.write_text(before)
            cable.remove()
            await site.start_postgres()


def _start_there(site: Site, cable: Cable) -> subprocess.Popen[bytes]:
    with cable.namespace.open() as namespace:
        if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:  # this thread alone, and what it starts
            raise OSError(ctypes.get_errno(), "setns")
    cluster = site.cluster
    settings = SERVER_SETTINGS | {"unix_socket_directories": str(cluster.sockets), "listen_addresses": THEIRS}
    command = [str(cluster.binaries / "postgres"), "-D", str(cluster.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    server = spawn(
        command,
        log=site.folder / "postgres.log",
        environment={"LANG": "C"},
        account=cluster.account,
        on_our_death=signal.SIGINT,
        cwd=Path("/"),
    )
    cluster.wait_until_ready(server)
    return server
