"""Letters: written with the deed, sent once a mail server takes them, forgotten when they are."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import stat
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.mailing import send_due_letters
from domain.keys.sealing import Sealing
from domain.mail import letters
from domain.mail.commands import USUAL_LIFE, forget_old_letters, queue_letter
from integrations.mail.client import FolderPost, Post, SmtpPost, read_server
from integrations.mail.payload import LONGEST_LINE
from integrations.postgres.client import Database
from tests.cast import just_now
from tests.database.mail_server import Mailbox, mail_server, trusted

SEALING = Sealing((b"a secret of the test",))
SENDER = "Tendwell <post@tendwell.example>"
TO = "asha.o'neil+work@example.test"


class Sending:
    """An outbox, a clock, and the post that letters are handed to."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, just_now()

    def clock(self) -> datetime:
        return self.now

    async def queue(self, to: str = TO, **more: Any) -> None:
        async with self.database.writing() as session:
            await queue_letter(session, to, letters.password_changed(), SEALING, at=self.now, **more)

    async def send(self, post: Post) -> int:
        return await send_due_letters(self.database, post, SEALING, self.clock, sender=SENDER)

    async def rows(self) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(text("select * from letter order by queued_at, id"))).all())


@pytest.fixture
def sending(committing_database: Database) -> Sending:
    return Sending(committing_database)


@pytest.fixture(autouse=True)
def nothing_about_anybody_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG, logger="tendwell")
    yield
    told = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("tendwell"))
    assert TO not in told
    assert "example.test" not in told


def post_to(box: Mailbox, scheme: str = "smtp", credentials: str = "", tls: ssl.SSLContext | None = None) -> SmtpPost:
    return SmtpPost(read_server(f"{scheme}://{credentials}localhost:{box.port}"), tls=tls or trusted())


@pytest.mark.parametrize(("kind", "scheme"), [("starttls", "smtp"), ("tls", "smtps"), ("plain", "smtp-unprotected")])
async def test_a_letter_arrives_and_what_it_said_is_forgotten(sending: Sending, kind: str, scheme: str) -> None:
    await sending.queue()
    (queued,) = await sending.rows()
    async with mail_server(kind) as box:
        assert await sending.send(post_to(box, scheme)) == 1
        assert await sending.send(post_to(box, scheme)) == 0
    (mail,) = box.taken
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == (TO, SENDER, "auto-generated")
    assert mail["Subject"] == "Your Tendwell password was changed"
    assert mail["Message-ID"] == f"<{queued.id}@tendwell.example>"
    assert "the password of your Tendwell account was changed" in mail.get_content()
    assert box.was_protected == (kind != "plain")
    (row,) = await sending.rows()
    assert (row.sealed, row.sent_at, row.attempts) == (None, sending.now, 1)


async def test_a_letter_waits_sealed(sending: Sending) -> None:
    await sending.queue()
    (row,) = await sending.rows()
    assert TO.encode() not in row.sealed
    assert b"Tendwell" not in row.sealed


async def test_a_letter_of_a_deed_that_was_rolled_back_is_never_sent(sending: Sending) -> None:
    with pytest.raises(ZeroDivisionError):
        async with sending.database.writing() as session:
            await queue_letter(session, TO, letters.factor_reset(), SEALING, at=sending.now)
            raise ZeroDivisionError
    assert await sending.rows() == []


async def test_nothing_goes_to_a_server_without_the_protection_that_was_asked_for(sending: Sending) -> None:
    await sending.queue()
    async with mail_server("plain") as box:
        assert await sending.send(post_to(box)) == 0
    async with mail_server("starttls") as other:
        sending.now += timedelta(hours=1)
        assert await sending.send(post_to(other, tls=ssl.create_default_context())) == 0
    assert box.taken == other.taken == []
    (row,) = await sending.rows()
    assert (row.sent_at, row.given_up_at, row.attempts) == (None, None, 2)


async def test_while_the_server_is_away_a_letter_is_tried_ever_more_rarely_and_then_arrives(sending: Sending) -> None:
    await sending.queue()
    async with mail_server() as box:
        port = box.port
    pauses = []
    for _ in range(12):
        assert await sending.send(SmtpPost(read_server(f"smtp://localhost:{port}"), tls=trusted())) == 0
        (row,) = await sending.rows()
        pauses.append((row.due_at - sending.now).total_seconds())
        sending.now = row.due_at
    assert pauses[:4] == [15, 30, 60, 120]
    assert pauses[-1] == 3600
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 1


@pytest.mark.parametrize(
    ("answers", "is_given_up"),
    [
        ({"to_recipient": f"550 no such mailbox {TO}"}, True),
        ({"to_letter": f"554 we do not like this, {TO}"}, True),
        ({"to_recipient": "451 try again later"}, False),
        ({"to_letter": "452 no room"}, False),
    ],
)
async def test_what_a_server_will_never_take_is_given_up_and_the_rest_is_tried_again(
    sending: Sending, caplog: pytest.LogCaptureFixture, answers: dict[str, str], is_given_up: bool
) -> None:
    await sending.queue()
    async with mail_server() as box:
        for name, answer in answers.items():
            setattr(box, name, answer)
        assert await sending.send(post_to(box)) == 0
    (row,) = await sending.rows()
    assert (row.given_up_at is not None, row.sealed is None) == (is_given_up, is_given_up)
    (told,) = [record for record in caplog.records if record.name == "tendwell.mail"]
    assert (told.levelno == logging.ERROR) == is_given_up
    assert next(iter(answers.values()))[:3] in told.getMessage()


async def test_a_wrong_password_of_ours_is_no_fault_of_the_letter(sending: Sending) -> None:
    await sending.queue()
    async with mail_server(password="right") as box:
        assert await sending.send(post_to(box, credentials="tendwell:wrong@")) == 0
        sending.now += timedelta(hours=1)
        assert await sending.send(post_to(box, credentials="tendwell:right@")) == 1


async def test_a_letter_that_has_lapsed_is_not_sent(sending: Sending) -> None:
    await sending.queue(lapses_at=sending.now + timedelta(minutes=30))
    await sending.queue()
    sending.now += timedelta(minutes=30)
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 1
    first, _ = await sending.rows()
    assert first.given_up_at == sending.now
    assert first.sealed is None


async def test_of_many_workers_each_letter_is_sent_by_one(sending: Sending) -> None:
    for _ in range(10):
        await sending.queue()
    async with mail_server() as box:
        sent = await asyncio.gather(*(sending.send(post_to(box)) for _ in range(4)))
    assert (sum(sent), len({mail["Message-ID"] for mail in box.taken}), len(box.taken)) == (10, 10, 10)


async def test_a_letter_whose_worker_died_is_sent_by_another_under_the_same_id(sending: Sending) -> None:
    class Dying:
        async def send(self, message: object) -> None:
            raise asyncio.CancelledError

    await sending.queue()
    (row,) = await sending.rows()
    with pytest.raises(asyncio.CancelledError):
        await sending.send(Dying())
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 0
        sending.now += timedelta(minutes=3)
        assert await sending.send(post_to(box)) == 1
    assert box.taken[0]["Message-ID"].startswith(f"<{row.id}@")


@pytest.mark.parametrize("to", ["x@example.test\r\nBcc: y@example.test", "nobody", "a b@example.test", "@example.test"])
async def test_what_is_no_address_is_given_up_and_adds_no_header(sending: Sending, to: str) -> None:
    await sending.queue(to)
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 0
    assert box.taken == []
    (row,) = await sending.rows()
    assert row.given_up_at is not None


async def test_a_letter_sealed_with_another_secret_waits_for_it(sending: Sending) -> None:
    async with sending.database.writing() as session:
        await queue_letter(session, TO, letters.factor_reset(), Sealing((b"older",)), at=sending.now)
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 0
        sending.now += USUAL_LIFE
        assert await sending.send(post_to(box)) == 0
    (row,) = await sending.rows()
    assert row.given_up_at == sending.now


async def test_without_a_server_letters_are_files_for_their_owner_only(sending: Sending, tmp_path: Path) -> None:
    await sending.queue()
    assert await sending.send(FolderPost(tmp_path / "mail")) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Your Tendwell password was changed" in file.read_bytes()


LINK = f"https://tendwell.example/console/invitation#token={'x' * 60}"


async def test_a_link_is_whole_in_a_letter_s_file_whose_name_tells_when_and_what_about_but_not_to_whom(
    sending: Sending, tmp_path: Path
) -> None:
    async with sending.database.writing() as session:
        for practice in ("Invented Practice", "Meddygfa Tŷ Gwyn"):
            letter = letters.invitation(LINK, from_whom=practice)
            await queue_letter(session, TO, letter, SEALING, at=sending.now)
    assert await sending.send(FolderPost(tmp_path)) == 2
    for row in await sending.rows():
        (file,) = tmp_path.glob(f"*-{row.id}.eml")
        assert file.name == f"{sending.now:%Y%m%dT%H%M%S}-you-are-invited-to-tendwell-{row.id}.eml"
        assert LINK.encode() in file.read_bytes().splitlines()


@pytest.mark.parametrize("practice", ["Invented Practice", "Meddygfa Tŷ Gwyn", "W" * 2000])
async def test_over_smtp_every_letter_arrives_as_it_was_written(sending: Sending, practice: str) -> None:
    letter = letters.invitation(LINK, from_whom=practice)
    async with sending.database.writing() as session:
        await queue_letter(session, TO, letter, SEALING, at=sending.now)
    async with mail_server() as box:
        assert await sending.send(post_to(box)) == 1
    (mail,) = box.taken
    assert mail.get_content().splitlines() == letter.text.splitlines()
    assert max(map(len, mail.as_bytes().splitlines())) <= LONGEST_LINE


async def test_rows_of_letters_go_after_a_month(sending: Sending, tmp_path: Path) -> None:
    await sending.queue()
    await sending.send(FolderPost(tmp_path))
    async with sending.database.writing() as session:
        assert await forget_old_letters(session, at=sending.now + timedelta(days=30)) == 0
        assert await forget_old_letters(session, at=sending.now + timedelta(days=31)) == 1


ALL = [
    letters.invitation("https://tendwell.example/console/invitation#token=x", from_whom="A practice"),
    letters.password_reset("https://tendwell.example/console/new-password#token=x"),
    letters.password_changed(),
    letters.factor_changed(),
    letters.factor_reset(),
    letters.delegation_review("https://tendwell.example/console/requests", date(2027, 3, 1)),
    letters.delegation_ends(date(2027, 3, 1)),
    letters.delegation_unattended("https://tendwell.example/console/accounts", "Invented Practice", date(2027, 3, 1)),
    letters.decision_recorded("https://tendwell.example/console/my-record/choices"),
    letters.privacy_alert("https://tendwell.example/console/privacy-alerts"),
    letters.privacy_unattended("https://tendwell.example/console/accounts", "Invented Practice"),
    letters.request_answered("https://tendwell.example/console/my-record/copies"),
    letters.account_closed(),
    letters.copy_ready("https://tendwell.example/console/my-record/copies"),
    letters.copy_failed("https://tendwell.example/console/my-record/copies"),
    letters.opened_unusually("https://tendwell.example/console/my-record/looked", is_own=True),
    letters.opened_unusually("https://tendwell.example/console/acting-for", is_own=False),
]


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.kind.value)
def test_a_letter_is_plain_short_and_says_what_to_do(letter: letters.Letter) -> None:
    assert letter.text.startswith("Hello,\n")
    assert "We never ask for your password" in letter.text
    assert max(map(len, letter.text.splitlines())) <= 125
    said = re.sub(r"https://\S+", "", letter.text).lower()
    assert not {"reading", "blood", "patient", "record", "diagnos"} & set(re.findall(r"[a-z]+", said))
    assert {one.kind for one in ALL} == set(letters.Kind)
