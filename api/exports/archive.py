"""A copy of one's own record as a ZIP: JSON for programs, a page for people. Streamed; nothing in it can execute.

Refuses to know how the page tells a record: `page` does.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from api.exports.page import page_to_read
from api.schemas.privacy import ConditionOut, PrivacyNoticeOut
from domain.rights.export_queries import ExportPage

Pages = AsyncIterator[ExportPage]

JSON_NAME, HTML_NAME, NOTE_NAME, NOTICE_NAME = "record.json", "record.html", "READ-ME.txt", "privacy-notice.txt"
NOTE = """This is a copy of what Tendwell keeps about you, as it was when the copy was made, at the time that
record.html begins with: your record, who sees it and who looked, what you decided and asked, and your account.

record.html  to read: open it in a browser. It needs no connection.
record.json  the same for other programs.
privacy-notice.txt  who answers for it, what it is used for and why the law allows that, and for how long it is kept.

Not in it are:
- what is secret about signing in (passwords, codes, keys): only that you have it, and since when;
- what only stands a second time, or waits for a moment: letters until they are sent, answers kept for an app that asks
  again, ids by which other systems are told that something changed, counts of wrong guesses under a fingerprint that
  nobody can undo;
- what making this copy read of your record, which stands in the list of who looked from then on;
- what you did in other people's records, or at work: it is about them. Ask the organisation you work for;
- what administrators did with your account, such as giving it a role: ask them;
- whose record it was that you acted for, once that is over.

It holds your health record. Keep it where nobody else can open it, and think before you send it on.
"""
_RIGHTS = """You may ask your practice to put your record right, to restrict or to erase it, or to close your account.
The answer comes within a month, with the law's reason if less is done than you asked. You may complain to the
Information Commissioner's Office (ico.org.uk)."""


@dataclass(frozen=True, slots=True)
class Told:
    """When a copy was asked for, and the instant of which it tells."""

    asked_at: datetime
    taken_at: datetime


class _Drain:
    """A file that cannot be read or sought: what is written waits to be taken."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


async def archive(pages_of: Any, of: Told, notice: PrivacyNoticeOut) -> AsyncIterator[bytes]:
    """Yield the ZIP piece by piece. `pages_of()` gives the pages from the first on; it is called once a file."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]
        packed.writestr(NOTE_NAME, NOTE)
        packed.writestr(NOTICE_NAME, told_plainly(notice))
        for name, texts in (
            (JSON_NAME, _as_json(pages_of(), of)),
            (HTML_NAME, page_to_read(pages_of(), of.taken_at)),
        ):
            with packed.open(name, "w") as file:
                async for text in texts:
                    _write(file, text)
                    yield drain.take()
    yield drain.take()


def told_plainly(notice: PrivacyNoticeOut) -> str:
    """Return the notice as text (UK GDPR, article 15(1): purposes, retention and rights go with a copy)."""
    named = notice.controller
    lines = ["Who answers for your data", "", named.name if named else "Ask your practice: it is not stated here."]
    lines += [named.contact, named.data_protection_officer or ""] if named else []
    lines += ["", "What your data are used for, and why the law allows it", ""]
    for use in notice.uses:
        lines += [f"{use.title}. {use.what}", *(_condition(each) for each in (use.basis, use.special) if each), ""]
    lines += ["For how long", ""]
    for rule in notice.kept:
        lines.append(f"{rule.what}: {rule.how_long}; {rule.why} ({rule.source})")
    return "\n".join([*lines, "", _RIGHTS, ""])


def _condition(condition: ConditionOut) -> str:
    return f"  {condition.words} (UK GDPR, article {condition.article})"


def _write(file: IO[bytes], text: str) -> None:
    file.write(text.encode())


async def _as_json(pages: Pages, of: Told) -> AsyncIterator[str]:
    yield f'{{"asked_at": {json.dumps(of.asked_at.isoformat())}, "as_it_was_at": {json.dumps(of.taken_at.isoformat())}'
    section = None
    async for page in pages:
        if page.section != section:
            yield f"{'' if section is None else ']'}, {json.dumps(page.section)}: ["
            section, separator = page.section, ""
        inner = page.items[1:-1]
        if inner:
            yield f"{separator}{inner}"
            separator = ",\n"
    yield "}" if section is None else "]}"
