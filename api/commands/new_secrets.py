"""`python -m api new-secrets FOLDER`: fresh secrets for a deployment, as files that compose.yaml reads."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from api.commands.exit_codes import ALREADY_THERE, OK
from api.run.first_secrets import new_secret, new_signing_key

# The database's name and role in compose.yaml.
_URL = "postgresql://tendwell:{password}@postgres/tendwell"


def main(arguments: list[str]) -> int:
    """Return 0 when the files were made, 3 when the folder holds something already: no secret is ever replaced."""
    parser = argparse.ArgumentParser(prog="python -m api new-secrets", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"{folder} holds secrets already; they are kept as they are.")
        return ALREADY_THERE
    password = new_secret()
    texts = {
        "signing_key": new_signing_key(),
        "refresh_secret": new_secret(),
        "cursor_secret": new_secret(),
        "postgres_password": password,
        "database_url": _URL.format(password=password),
    }
    for name, text in texts.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
    print(f"Made {', '.join(texts)} in {folder}. Keep copies somewhere safe; they are in no backup of the database.")
    return OK
