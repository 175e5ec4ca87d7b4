"""Schemathesis' own command line for a third less of processor time: `python -m tests.http.asking run …`.

What the configuration says of an operation is worked out once. Schemathesis merges its sections anew for each request,
and ours has one or more for nearly every operation. And little garbage is looked for: what is loaded, and most of what
strategies are made of, stays until the end.
"""

from __future__ import annotations

import gc
from typing import Any

from schemathesis.cli import schemathesis
from schemathesis.config import ProjectConfig

MADE_BEFORE_GARBAGE_IS_LOOKED_FOR = 100_000


def remembered(name: str) -> None:
    """Have a question about an operation, which only its configuration decides, be answered once for each phase."""
    worked_out = getattr(ProjectConfig, name)
    known: dict[tuple[int, str, str | None], Any] = {}

    def answer(self: ProjectConfig, *, operation: Any = None, **of: str | None) -> Any:
        if operation is None:
            return worked_out(self, operation=None, **of)
        key = (id(self), operation.label, of.get("phase"))
        if key not in known:
            known[key] = worked_out(self, operation=operation, **of)
        return known[key]

    setattr(ProjectConfig, name, answer)


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_GARBAGE_IS_LOOKED_FOR)
    for question in ("phases_for", "generation_for", "checks_config_for"):
        remembered(question)
    schemathesis()
