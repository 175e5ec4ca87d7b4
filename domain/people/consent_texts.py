"""The words a person decides by, version after version, in plain English. Pure.

A version that was used never changes: what somebody agreed to must stay readable. A test pins each by its hash; new
words are a new version. `on_withdrawal` is what to say before somebody withdraws.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from domain.errors import Fault, Invalid
from domain.people.consent import Purpose

LANGUAGE = "en-GB"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the words for one purpose."""

    purpose: Purpose
    version: int
    title: str
    text: str
    on_withdrawal: str
    language: str = LANGUAGE

    @property
    def sha256(self) -> bytes:
        """Return the hash by which a decision names exactly these words."""
        said = "\0".join((self.purpose.value, str(self.version), self.language, self.title, self.text))
        return hashlib.sha256(f"{said}\0{self.on_withdrawal}".encode()).digest()


TEXTS: tuple[ConsentText, ...] = (
    ConsentText(
        Purpose.care_sharing,
        1,
        "Sharing your record with those who care for you",
        "Your practice keeps your record here. Care teams that look after you, and the staff of a care home while you "
        "live there, can read it and add to it. This is how they notice when you become unwell. You do not have to do "
        "anything for this. You can say no at any time, and change your mind at any time.",
        "If you stop sharing, care teams outside your practice and care home staff can no longer see your record or "
        "add to it, from this moment. They may not notice that you are becoming unwell, and you may be asked the same "
        "questions again. Your practice still sees your record, because it must keep it. In an emergency a clinician "
        "can still open it to read: they must give a reason, it is checked, and you see that it happened. What others "
        "already wrote down elsewhere stays with them.",
    ),
    ConsentText(
        Purpose.care_sharing,
        2,
        "Sharing your record with those who care for you",
        "Your practice keeps your record here. Care teams that look after you, and the staff of a care home while you "
        "live there, can read it and add to it, so that they know how you have been when they see you. Nobody is told "
        "when something is added, and nobody watches it for you. You do not have to do anything for this. You can say "
        "no at any time, and change your mind at any time.",
        "If you stop sharing, care teams outside your practice and care home staff can no longer see your record or "
        "add to it, from this moment. They will not know from it how you have been, and you may be asked the same "
        "questions again. Your practice still sees your record, because it must keep it. In an emergency a clinician "
        "can still open it to read: they must give a reason, it is checked, and you see that it happened. What others "
        "already wrote down elsewhere stays with them.",
    ),
    ConsentText(
        Purpose.delegate,
        1,
        "Letting somebody act for you",
        "You can let somebody you trust see your record, add readings for you, or write to your care team. You choose "
        "which of these, from when and until when. Give them the code yourself: whoever has it can use it, once. "
        "Nobody may make you do this. You can end it at any time, at once and without saying why. They are not told "
        "why.",
        "Everybody whom you let act for you loses access from this moment, and codes not yet used stop working. What "
        "they have already read they know. If the law lets somebody decide for you, such as a parent or an attorney, "
        "this does not end their access; talk to your practice.",
    ),
    ConsentText(
        Purpose.delegate,
        2,
        "Letting somebody act for you",
        "You can let somebody you trust see your record, add readings for you, or both. You choose which, from when "
        "and until when. Give them the code yourself: whoever has it can use it, once. Nobody may make you do this. "
        "You can end it at any time, at once and without saying why. They are not told why.",
        "Everybody whom you let act for you loses access from this moment, and codes not yet used stop working. What "
        "they have already read they know. If the law lets somebody decide for you, such as a parent or an attorney, "
        "this does not end their access; talk to your practice.",
    ),
    ConsentText(
        Purpose.research,
        1,
        "Using your record beyond your own care",
        "Your record can help to find out whether a service works. Only numbers about groups of people leave Tendwell, "
        "never anything about you, and numbers about fewer than eight people are never shown. You can say no: then "
        "you are not counted.",
        "You are not counted from now on. Figures that were published before cannot be taken back. Your own care does "
        "not change in any way.",
    ),
    ConsentText(
        Purpose.national_data_opt_out,
        1,
        "Your national data opt-out",
        "If you have told the NHS nationally that your confidential information may not be used for research and "
        "planning, it is recorded here and kept to. You set it at www.nhs.uk/your-nhs-data-matters; this only copies "
        "what you have decided there.",
        "Your opt-out is recorded: you are not counted from now on, which is more than the national opt-out asks for. "
        "Your own care does not change in any way.",
    ),
)


def current_text(purpose: Purpose) -> ConsentText:
    """Return the latest version of the words for a purpose."""
    return max((text for text in TEXTS if text.purpose is purpose), key=lambda text: text.version)


def require_current(purpose: Purpose, version: int) -> ConsentText:
    """Return the words that were shown; raise Invalid unless they are the latest version."""
    text = current_text(purpose)
    if version != text.version:
        fault = Fault("/text_version", "not_the_latest_text", "Show the latest version of the text, and ask again.")
        raise Invalid("These are not the words in use now.", [fault])
    return text
