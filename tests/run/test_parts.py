"""The supervisor's parts: when a child is started again, which lines are shown, how secrets are kept."""

from __future__ import annotations

import errno
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.exit_codes import ALREADY_THERE, FAILED, OK, REFUSED
from api.run.child import LONGEST_PAUSE_SECONDS, WELL_AGAIN_SECONDS, Child
from api.run.child_log import ChildLog, alarming
from api.run.demo import ADMINISTRATOR_EMAIL, Demo, Ended
from api.run.first_secrets import administrator_password, secret_files
from api.run.steps import TELL_EVERY_SECONDS, Steps
from integrations.linux.children import spawn, stop
from tests.run.supervised import wait_until


def child_that(tmp_path: Path, code: str) -> Child:
    log = ChildLog(tmp_path / "child.log")
    return Child("child", lambda: spawn([sys.executable, "-c", code], log=log.inlet()), log, grace_seconds=0.5)


def test_the_pauses_before_another_start_double_up_to_a_limit(tmp_path: Path) -> None:
    child = child_that(tmp_path, "raise SystemExit(7)")
    now, pauses = 0.0, []
    for _ in range(8):
        child.begin(now)
        assert child.process is not None
        child.process.wait()
        news = child.look(now)
        assert news is not None
        assert "ended with exit code 7" in news
        assert child.start_again_at is not None
        pauses.append(child.start_again_at - now)
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_a_child_is_not_started_before_its_pause_is_over(tmp_path: Path) -> None:
    child = child_that(tmp_path, "pass")
    child.begin(now=0)
    assert child.process is not None
    child.process.wait()
    child.look(now=0)
    assert child.look(now=0.9) is None
    assert child.look(now=1.1) == "child: started again"
    child.wait_until_stopped()


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "Resource temporarily unavailable"),
        (subprocess.SubprocessError("Exception occurred in preexec_fn."), "SubprocessError"),
    ],
)
def test_a_child_that_cannot_be_started_again_is_said_so_and_tried_again_ever_less_often(
    tmp_path: Path, failure: Exception, words: str
) -> None:
    child = child_that(tmp_path, "pass")
    child.begin(now=0)
    assert child.process is not None
    child.process.wait()
    working, now, pauses = child.start, 0.0, []

    def failing() -> subprocess.Popen[bytes]:
        raise failure

    child.start = failing
    child.look(now)
    for _ in range(10):
        assert child.start_again_at is not None
        pauses.append(child.start_again_at - now)
        now = child.start_again_at
        news = child.look(now)
        assert news is not None
        assert news.startswith(f"child: could not be started ({words}); starting it again in ")
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    child.deaths = 5_000  # half a day of it
    assert child.look(child.start_again_at or 0) is not None
    child.start = working
    assert child.look(child.start_again_at or 0) == "child: started again"
    assert child.wait_until_stopped()


def test_a_child_that_lived_long_is_forgiven_its_earlier_deaths(tmp_path: Path) -> None:
    child = child_that(tmp_path, "pass")
    for lived in (1.0, 1.0, WELL_AGAIN_SECONDS + 1):
        child.begin(now=0)
        assert child.process is not None
        child.process.wait()
        child.look(now=lived)
    assert child.deaths == 1


def test_a_child_deaf_to_its_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    child = child_that(
        tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child.begin(now=0)
    wait_until(lambda: child.log.new_lines() == ["deaf"], "the child ignores the signal")
    process = child.process
    child.ask_to_stop()
    assert child.wait_until_stopped() is False
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_what_a_child_has_started_itself_is_ended_with_it(tmp_path: Path) -> None:
    child = child_that(
        tmp_path,
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); p.wait()",
    )
    child.begin(now=0)
    wait_until(lambda: child.log.recent() != [], "the grandchild is there")
    child.ask_to_stop()
    assert child.wait_until_stopped()
    grandchild = Path(f"/proc/{child.log.recent()[0]}/stat")
    wait_until(lambda: not grandchild.exists() or grandchild.read_text().split()[2] == "Z", "the grandchild is gone")


def test_stop_says_whether_the_program_ended_by_itself() -> None:
    patient = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
    assert stop(patient, signal.SIGTERM, grace_seconds=10)


def test_a_start_tells_each_step_and_is_never_silent_for_long() -> None:
    said: list[str] = []
    clock = [0.0]
    steps = Steps(said.append, lambda: clock[0])
    steps.now("One…")
    for clock[0] in range(1, 20):
        steps.still("Waiting…")
    clock[0] = 20.0
    steps.show(["a part's own line"])
    clock[0] = 21.0 + TELL_EVERY_SECONDS - 2
    steps.still("Waiting…")
    assert said == ["  0.0 s  One…", "  8.0 s  Waiting…", " 16.0 s  Waiting…", "         a part's own line"]
    assert TELL_EVERY_SECONDS < 10


def test_errors_are_shown_and_ordinary_lines_are_not() -> None:
    ordinary = [
        "2026-01-01 10:00:00 INFO tendwell.access {}",
        '{"event":"request","route":"/errors"}',
        "LOG: checkpoint",
    ]
    errors = ["2026-01-01 10:00:00 ERROR tendwell.access {}", '{"event":"error"}', "Traceback (most recent call last):"]
    assert alarming(ordinary + errors) == errors


def test_secrets_are_made_once_and_are_their_owner_s_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    files = secret_files(folder)
    password = administrator_password(folder)
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(files) == {f"TENDWELL_{name}_FILE" for name in ("ENCRYPTION_KEY", "REFRESH_SECRET", "CURSOR_SECRET")}
    assert len(set(texts.values())) == len(texts)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert secret_files(folder) == files
    assert administrator_password(folder) == password
    assert {path.name: path.read_text() for path in folder.iterdir()} == texts


def test_an_installation_of_before_the_encryption_key_gets_one_and_loses_its_signing_key(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    before = secret_files(folder)
    kept = Path(before["TENDWELL_CURSOR_SECRET_FILE"]).read_text()
    (folder / "encryption_key").unlink()
    (folder / "signing_key").write_text("-----BEGIN PRIVATE KEY-----")
    assert secret_files(folder) == before
    assert len((folder / "encryption_key").read_text()) > 32
    assert not (folder / "signing_key").exists()
    assert (folder / "cursor_secret").read_text() == kept


def test_a_secret_whose_making_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "cursor_secret.new").write_text("")
    files = secret_files(folder)
    assert len(Path(files["TENDWELL_CURSOR_SECRET_FILE"]).read_text()) > 32


def a_demo(folder: Path, url: str) -> Demo:
    (folder / "secrets").mkdir(exist_ok=True)
    return Demo(folder, ("http://127.0.0.1:1",), {"TENDWELL_DATABASE_URL": url})


def test_the_demo_is_kept_out_of_a_database_that_another_folder_or_nobody_here_made(tmp_path: Path) -> None:
    assert a_demo(tmp_path, "postgresql://a/ours").may_be_loaded(into_new_database=True)
    assert a_demo(tmp_path, "postgresql://a/ours").may_be_loaded(into_new_database=False)
    assert not a_demo(tmp_path, "postgresql://b/theirs").may_be_loaded(into_new_database=False)


def test_the_demo_is_loaded_once_and_again_only_when_that_failed_or_the_database_is_a_new_one(tmp_path: Path) -> None:
    ran: list[str] = []
    codes = {"create-administrator": ALREADY_THERE, "demo-load": FAILED}

    def finish(name: str, _command: list[str], _environment: Mapping[str, str], _shown: str | None) -> Ended:
        ran.append(name)
        return Ended(codes[name], "")

    demo = a_demo(tmp_path, "postgresql://a/ours")
    demo.may_be_loaded(into_new_database=True)
    assert not demo.load(finish)
    codes["demo-load"] = OK
    assert demo.load(finish)
    assert ran.count("demo-load") == 2
    assert demo.load(finish)
    assert ran.count("demo-load") == 2
    demo.may_be_loaded(into_new_database=True)
    assert demo.load(finish)
    assert ran.count("demo-load") == 3


STOPPED_AT = "demo: PUT /v1/patients/1/account: 500 unexpected (Something went wrong.) request 0f3a"


def test_a_demo_that_is_not_whole_says_in_one_paragraph_where_it_stopped_and_what_to_do(tmp_path: Path) -> None:
    demo = a_demo(tmp_path, "postgresql://a/ours")
    demo.may_be_loaded(into_new_database=True)
    ends = {"create-administrator": Ended(ALREADY_THERE, "It is there."), "demo-load": Ended(FAILED, STOPPED_AT)}
    shown_of: dict[str, str | None] = {}

    def finish(name: str, _command: list[str], _environment: Mapping[str, str], shown: str | None) -> Ended:
        shown_of[name] = shown
        return ends[name]

    assert not demo.load(finish)
    told = " ".join(demo.shortfall(tmp_path / "log").split())
    assert told.startswith(
        "The demonstration is not whole: loading it stopped at PUT /v1/patients/1/account: 500 unexpected "
        "(Something went wrong.) request 0f3a. "
    )
    for what_to_do in ("start again", str(tmp_path / "log"), "TENDWELL_DATA_DIR=", "TENDWELL_NO_DEMO=1"):
        assert what_to_do in told
    # Of the administrator that is there already nothing is said, of the load how it goes on and not how it ends.
    assert shown_of["create-administrator"] is None
    assert str(shown_of["demo-load"]) in "10:00:00 demo: 42 patients"
    assert str(shown_of["demo-load"]) not in STOPPED_AT
    # The administrator is there, and can be signed in as.
    password = (tmp_path / "secrets" / "administrator_password").read_text()
    assert f"{ADMINISTRATOR_EMAIL}            {password}" in demo.sign_ins(devices_play=False)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Ended(REFUSED, "The password is too short."), "ended with exit code 2 (The password is too short.)"),
        (Ended(-signal.SIGKILL, ""), "killed by SIGKILL"),
        (Ended(FAILED, "KeyError: 'x'"), "ended with exit code 1 (KeyError: 'x')"),
    ],
)
def test_without_its_administrator_the_demo_says_why_and_shows_no_sign_in(
    tmp_path: Path, ended: Ended, words: str
) -> None:
    demo = a_demo(tmp_path, "postgresql://a/ours")
    demo.may_be_loaded(into_new_database=True)
    assert not demo.load(lambda _name, _command, _environment, _shown: ended)
    told = " ".join(demo.shortfall(tmp_path / "log").split())
    assert f"its administrator could not be made: {words}." in told
    assert demo.sign_ins(devices_play=False) == ""
