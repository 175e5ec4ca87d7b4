"""What is installed is what was locked: exact versions, by hash, from no address that a file names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply_chain.locks import DEV_LOCK, NPM_LOCKS, ROOT, RUNTIME_LOCK, entries, npm_packages

LOCKS = [RUNTIME_LOCK, DEV_LOCK]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
ADDRESS = re.compile(r"(?i)\b(?:https?|git|file|ssh)[:+]//|^-(?:i|f|e)\b|--(?:index-url|extra-index-url|find-links)")
SOUND = """\
one==1.0 \\
    --hash=sha256:{0} \\
    --hash=sha256:{0}
    # via tendwell (pyproject.toml)
two==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:{0}
    # via
    #   one
    #   tendwell (pyproject.toml)
""".format("0" * 64)


def faults(lock: str) -> list[str]:
    """Return the lines of a lock that are not part of a requirement with an exact version and a SHA-256."""
    left = lock
    for found in entries(lock):
        left = left.replace(found[0], "", 1)
    unread = [line for line in left.splitlines() if line.strip() and not re.fullmatch(r"#( .*)?", line)]
    return unread + [line for line in lock.splitlines() if ADDRESS.search(line)]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_has_an_exact_version_and_hashes_and_names_no_address(lock: Path) -> None:
    assert faults(lock.read_text()) == []
    names = [found["name"] for found in entries(lock.read_text())]
    assert len(names) > 40
    assert names == sorted(names)


@pytest.mark.parametrize(
    "spoiled",
    [
        SOUND.replace("one==1.0", "one>=1.0"),
        SOUND.replace("one==1.0", "one @ https://example.org/one.tar.gz"),
        SOUND.replace("    --hash=sha256:" + "0" * 64 + "\n    # via\n", "    # via\n").replace(
            "'win32' \\", "'win32'"
        ),
        SOUND.replace("sha256:0", "md5:0"),
        "--index-url https://example.org/simple\n" + SOUND,
        SOUND + "three==3.0\n",
    ],
)
def test_a_lock_with_a_fault_is_found_out(spoiled: str) -> None:
    assert faults(SOUND) == []
    assert faults(spoiled)


@pytest.mark.parametrize(
    ("asked", "lock"),
    [
        (PROJECT["dependencies"] + EXTRAS["local"], RUNTIME_LOCK),
        (sum(EXTRAS.values(), PROJECT["dependencies"]), DEV_LOCK),
    ],
    ids=["runtime", "dev"],
)
def test_what_the_project_asks_for_is_locked_at_a_version_that_it_accepts(asked: list[str], lock: Path) -> None:
    locked = {found["name"]: found["version"] for found in entries(lock.read_text())}
    for requirement in map(Requirement, asked):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_the_service_and_the_tests_run_with_the_same_versions() -> None:
    runtime, dev = ({(f["name"], f["version"]) for f in entries(lock.read_text())} for lock in LOCKS)
    assert runtime <= dev


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_everything_of_npm_s_is_locked_by_its_hash_and_names_no_address(lock: Path) -> None:
    packages = npm_packages(lock)
    assert len(packages) > 30
    assert [p.name for p in packages if not p.hashes[0].startswith("sha512-")] == []
    assert '"resolved"' not in lock.read_text()
    said = (lock.parent / ".npmrc").read_text().splitlines()
    assert {"omit-lockfile-registry-resolved=true", "ignore-scripts=true"} <= set(said)


def test_every_lock_of_npm_s_is_looked_at() -> None:
    found = [path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts]
    assert sorted(found) == sorted(NPM_LOCKS)


def test_nothing_is_installed_but_what_is_locked() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    installing = [line for line in makefile.splitlines() if re.search(r"\bpip install|\bnpm (ci|i|install)\b", line)]
    assert installing
    for line in installing:
        assert ("--require-hashes" in line and "--no-deps" in line) or "npm ci" in line, line
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^RUN make ([a-z-]+)", dockerfile, re.MULTILINE) == ["install", "console", "uninstall-local"]
    assert not re.search(r"\b(pip|npm|uv) install|\bcurl\b|\bwget\b|^ADD ", dockerfile, re.MULTILINE)
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert not re.search(r"\b(pip|npm|uv|npx|pipx)\b (?!audit)\w", re.sub(r"#.*", "", workflow.read_text())), (
            workflow
        )


def test_one_passlib_is_there_and_not_the_dead_one() -> None:
    names = {found["name"] for found in entries(DEV_LOCK.read_text())}
    assert "libpass" in names
    assert "passlib" not in names  # both write the same files
