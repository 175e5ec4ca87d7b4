"""What a backup is said to hold: written beside it when it is made, read when it is tried."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from integrations.postgres.backup import Content

SUFFIX = ".json"


class NotAManifest(Exception):
    """There is no such file beside the dump, or it says something else."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """When a backup was made, and of what."""

    made_at: datetime
    content: Content

    def write(self, dump: Path) -> None:
        """Write it beside the dump, whole or not at all: counts and hashes, which name nobody."""
        told = {
            "made_at": self.made_at.isoformat(),
            "tables": {name: {"rows": rows, "hash": total} for name, (rows, total) in self.content.tables.items()},
            "sequences": dict(self.content.sequences),
        }
        file = dump.with_suffix(SUFFIX)
        unfinished = file.with_suffix(".unfinished.json")
        with unfinished.open("x") as output:
            json.dump(told, output, indent=1)
            output.flush()
            os.fsync(output.fileno())
        unfinished.rename(file)

    @classmethod
    def read(cls, dump: Path) -> Manifest:
        """Return what stands beside the dump. Raises NotAManifest."""
        file = dump.parent / f"{dump.stem}{SUFFIX}"
        try:
            told = json.loads(file.read_text())
            tables = {name: (int(each["rows"]), str(each["hash"])) for name, each in told["tables"].items()}
            sequences = {str(name): int(value) for name, value in told["sequences"].items()}
            return cls(datetime.fromisoformat(told["made_at"]), Content(tables, sequences))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotAManifest(f"{file} cannot be read: {type(error).__name__}.") from error
