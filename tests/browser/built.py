"""Whether the console that the API serves was built from the sources that stand here.

A test of a page that was built before its sources changed fails, or passes, for what is not there any more.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_APART = {"node_modules", "dist", "tests"}


def require_console() -> None:
    """Raise AssertionError unless the console was built from these sources."""
    stamp = _ROOT / "console" / "dist" / ".built-from"
    built_from = stamp.read_text().strip() if stamp.exists() else ""
    assert built_from == digest_of_sources(_ROOT), "the built console is not of these sources: make console"


def digest_of_sources(root: Path) -> str:
    """Return the SHA-256, in hexadecimal, of what the Makefile counts as the console's sources, in its order."""
    found: list[str] = []
    for folder, inner, files in os.walk(root / "console"):
        inner[:] = [name for name in inner if name not in _APART]
        found += [str(path.relative_to(root)) for path in (Path(folder) / name for name in files) if path.is_file()]
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()
