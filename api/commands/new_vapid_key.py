"""`python -m api new-vapid-key`: a key by which browsers' makers know this installation, for TENDWELL_VAPID_KEY.

Printed as PEM, and kept nowhere: put it into a file that TENDWELL_VAPID_KEY_FILE names. Browsers subscribe to its
public half, so with another key everybody has to subscribe anew.
"""

from __future__ import annotations

import argparse

from api.exit_codes import OK
from integrations.notifications.tokens import new_elliptic_key


def main(arguments: list[str]) -> int:
    """Return 0; the key is printed."""
    argparse.ArgumentParser(prog="python -m api new-vapid-key", description=__doc__).parse_args(arguments)
    print(new_elliptic_key(), end="")
    return OK
