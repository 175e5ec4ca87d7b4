"""`python -m demo load | replay | sign-ins | code [EMAIL]`: the demo's four commands."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from demo import installation
from demo.cast import (
    CAREFUL_CLINICIAN,
    CARER,
    CLINICIAN,
    COMMISSIONER,
    OWN_ACCOUNT,
    PATIENT,
    PLAYED,
    PRIVACY_OFFICER,
    SECOND_CLINICIAN,
)
from demo.connection import Connection, Refused, SignIn, SignInEnds, Unreachable
from demo.keeping import keep
from demo.load.everything import load_once_reachable
from demo.load.pathway import ImportRefused
from demo.load.places import WrongInstallation
from demo.load.several import several
from demo.parts import NotLoaded, cast_parts
from demo.replay import Part, Tally, play
from demo.signing_in import shown_passwords, sign_in_of
from demo.surroundings import LIVELY_MINUTES, Missing, Surroundings, secrets_file, surroundings

REPORT_EVERY_SECONDS = 60.0
# One a role, and a clinician more for each thing that takes another; the administrator is the installation's own.
SHOWN = (CLINICIAN, CAREFUL_CLINICIAN, SECOND_CLINICIAN, CARER, COMMISSIONER, PRIVACY_OFFICER, PATIENT)


def say(line: str) -> None:
    """Print one line of progress at once, with the time."""
    print(f"{datetime.now().astimezone():%H:%M:%S} demo: {line}", flush=True)


async def load_command(told: Surroundings) -> None:
    """Load what is missing."""
    connection = Connection(told.addresses)
    try:
        await load_once_reachable(told, connection, say)
    finally:
        await connection.aclose()


async def replay_command(told: Surroundings) -> None:
    """Play until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    held = installation.read(told.file)
    if held is None or not PLAYED.keys() <= held.passwords.keys():
        raise NotLoaded("run `python -m demo load` first")
    connection = Connection(told.addresses)
    try:
        known = held.passwords
        sign_ins = {email: sign_in_of(connection, told.file, email, known[email], say) for email in PLAYED}
        parts = await _parts_once_reachable(sign_ins, told.lively, stop)
        if not stop.is_set():
            await _perform(parts, [sign_ins[email] for email in OWN_ACCOUNT], told.lively, stop)
        await several(SignIn.sign_out, sign_ins.values())
    finally:
        await connection.aclose()


async def _perform(parts: list[Part], at_home: list[SignIn], lively: timedelta, stop: asyncio.Event) -> None:
    """Play the devices, and have the people at home keep to their plans, until told to stop."""
    minutes = lively // timedelta(minutes=1)
    say(f"replaying {len(parts)} devices; the monitors send every second for {minutes} min, then once a minute")
    calming = asyncio.get_running_loop().call_later(lively.total_seconds(), say_slower, minutes)
    keeping = asyncio.create_task(keep(at_home))
    try:
        tally = await play(parts, stop, report, REPORT_EVERY_SECONDS)
        report(tally, 0)
    finally:
        calming.cancel()
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def say_slower(minutes: int) -> None:
    """Print that the monitors send less from now on; whoever started the demo is shown this line."""
    say(
        f"NOTICE: {minutes} min are over: to spare the disk each monitor sends once a minute from now on. "
        f"To see it lively again, start again, or set {LIVELY_MINUTES}."
    )


async def _parts_once_reachable(sign_ins: dict[str, SignIn], lively: timedelta, stop: asyncio.Event) -> list[Part]:
    """Return every device's part once the service answers, or none when told to stop first."""
    while not stop.is_set():
        try:
            return await cast_parts(sign_ins, lively)
        except Unreachable as unreachable:
            say(f"waiting: {unreachable}")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=2)
    return []


def report(tally: Tally, waiting: int) -> None:
    """Print the counts so far; no value and nobody's name."""
    refused = ", ".join(f"{count} {code}" for code, count in sorted(tally.refused.items())) or "none"
    say(
        f"{tally.stored} readings stored in {tally.requests} requests; waiting {waiting}, "
        f"refused: {refused}, lost {tally.lost}, failed requests {tally.failures}"
    )


async def sign_ins_command(told: Surroundings, *, devices_play: bool) -> None:
    """Print the sign-ins, once it is known whose password is another now."""
    connection = Connection(told.addresses)
    try:
        await sign_ins(told, connection, devices_play=devices_play)
    finally:
        await connection.aclose()


async def sign_ins(told: Surroundings, connection: Connection, *, devices_play: bool) -> None:
    """Print one sign-in for each role: of those whose account is there, which after a load that failed may be few."""
    held = installation.read(told.file)
    there = [who for who in SHOWN if held is not None and who.email in held.settled]
    known = {who.email: held.passwords[who.email] for who in there if held is not None}
    if told.admin_email and told.admin_password:
        known[told.admin_email] = told.admin_password
    with_step = frozenset(held.authenticators if held is not None else ())
    words = await shown_passwords(connection, told.file, known, with_step)
    rows = [(who.role.replace("_", " "), who.email, words[who.email]) for who in there]
    if told.admin_email:
        rows.append(("administrator", told.admin_email, words.get(told.admin_email, "(as you set it)")))
    if not rows:
        raise NotLoaded("run `python -m demo load` first")
    print("Invented people on real recordings; passwords of this installation only.")
    for role, email, password in rows:
        print(f"  {role:<16}  {email:<40}  {password}")
    if held is not None and CAREFUL_CLINICIAN.email in held.authenticators:
        print(f"{CAREFUL_CLINICIAN.display_name} signs in with a code as well: `make code` tells the present one.")
    if SECOND_CLINICIAN in there:
        print(f"{SECOND_CLINICIAN.display_name} works elsewhere and can try emergency access: see the README.")
    if devices_play:
        minutes = told.lively // timedelta(minutes=1)
        print(f"The monitors send every second for {minutes} min, then once a minute ({LIVELY_MINUTES}).")


def code(file: Path, email: str) -> None:
    """Print the present code of somebody's authenticator app, as their phone would show it."""
    held = installation.read(file)
    secret = None if held is None else held.authenticators.get(email)
    if secret is None:
        raise NotLoaded(f"nobody of this demo has an authenticator app at {email}")
    print(pyotp.TOTP(secret).now())


def main() -> int:
    """Return the exit status of the command named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("command", choices=("load", "replay", "sign-ins", "code"))
    parser.add_argument("email", nargs="?", default=CAREFUL_CLINICIAN.email, help="whose code is asked for")
    parser.add_argument("--no-devices", action="store_true", help="with sign-ins: the devices do not play")
    given = parser.parse_args()
    try:
        _obey(given.command, given.email, devices_play=not given.no_devices)
    except (SignInEnds, Missing, NotLoaded, WrongInstallation, ImportRefused, Unreachable, Refused) as refused:
        print(f"demo: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _obey(command: str, email: str, *, devices_play: bool) -> None:
    if command == "code":
        code(secrets_file(os.environ), email)
        return
    told = surroundings(os.environ)
    if command == "load":
        asyncio.run(load_command(told))
    elif command == "replay":
        asyncio.run(replay_command(told))
    else:
        asyncio.run(sign_ins_command(told, devices_play=devices_play))


if __name__ == "__main__":
    sys.exit(main())
