"""What our letters say: plain text, plain words. Pure.

None says anything of anybody's health, and none names a patient: a mailbox is read on shared screens, and by others. A
letter never asks for a password, and says what to do when one did not ask for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

# From a token to the address of the page that takes it, which the letter leads to.
LinkTo = Callable[[str], str]


class Kind(StrEnum):
    """Which letter it is."""

    invitation = "invitation"
    password_reset = "password_reset"
    password_changed = "password_changed"
    factor_changed = "factor_changed"
    factor_reset = "factor_reset"
    delegation_review = "delegation_review"
    delegation_ends = "delegation_ends"
    delegation_unattended = "delegation_unattended"
    decision_recorded = "decision_recorded"
    privacy_alert = "privacy_alert"
    privacy_unattended = "privacy_unattended"
    request_answered = "request_answered"
    account_closed = "account_closed"
    copy_ready = "copy_ready"
    copy_failed = "copy_failed"
    opened_unusually = "opened_unusually"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter without its recipient."""

    kind: Kind
    subject: str
    text: str = field(repr=False)


_FOOT = """
--
Tendwell sent this automatically; nobody reads replies. We never ask for your password by email or telephone.
"""
_NOT_YOU = """If this was not you, tell the people who run Tendwell where you work or are cared for, now."""


def invitation(link: str, *, from_whom: str) -> Letter:
    """Return the letter that invites somebody; `from_whom` is the organisation that does."""
    text = f"""Hello,

{from_whom} invites you to use Tendwell. Open this page within 7 days and choose a password:

{link}

The page works once. If you did not expect this, do nothing: without it no account is made.
"""
    return Letter(Kind.invitation, "You are invited to Tendwell", text + _FOOT)


def password_reset(link: str) -> Letter:
    """Return the letter with which a forgotten password is replaced."""
    text = f"""Hello,

somebody asked for a new password for your Tendwell account. If it was you, open this page within 30 minutes:

{link}

The page works once. If it was not you, do nothing: your password stays as it is.
"""
    return Letter(Kind.password_reset, "A new password for Tendwell", text + _FOOT)


def password_changed() -> Letter:
    """Return the letter that tells that the password is another now."""
    text = f"""Hello,

the password of your Tendwell account was changed, and everybody who was signed in with it was signed out.

If you changed it, there is nothing to do.
{_NOT_YOU}
"""
    return Letter(Kind.password_changed, "Your Tendwell password was changed", text + _FOOT)


def factor_changed() -> Letter:
    """Return the letter that tells that a second factor was added, replaced or removed."""
    text = f"""Hello,

how you sign in to Tendwell was changed: an authenticator app, a passkey or your recovery codes.

If you changed it, there is nothing to do.
{_NOT_YOU}
"""
    return Letter(Kind.factor_changed, "How you sign in to Tendwell was changed", text + _FOOT)


def factor_reset() -> Letter:
    """Return the letter that tells that an administrator has removed the second factors."""
    text = """Hello,

an administrator removed the second factors of your Tendwell account, and you were signed out everywhere. When you next
sign in with your password, you will be asked to set a new one up if you need one.

If you did not ask for this, tell the people who run Tendwell where you work or are cared for, now.
"""
    return Letter(Kind.factor_reset, "Your second factor for Tendwell was removed", text + _FOOT)


def delegation_review(page: str, last: date) -> Letter:
    """Return the letter that reminds a practice of somebody who acts for another by law, and of the day it ends."""
    text = f"""Hello,

somebody acts for a person in your practice's care on a ground of law: parental responsibility, a power of attorney, a
court's order or best interests. This ends by itself after {last:%d %B %Y}, unless your practice looks at it again.

This page shows whom it is about, once you have signed in as a clinician:

{page}
"""
    return Letter(Kind.delegation_review, "Somebody's right to act for another ends soon", text + _FOOT)


def delegation_ends(last: date) -> Letter:
    """Return the letter that tells a delegate that what the law gave them must be looked at again."""
    text = f"""Hello,

in Tendwell you act for somebody on a ground of law. This ends by itself after {last:%d %B %Y}. If you are still to act
for them, ask their practice to look at it again before that day.
"""
    return Letter(Kind.delegation_ends, "Your right to act for somebody in Tendwell ends soon", text + _FOOT)


def delegation_unattended(page: str, practice: str, last: date) -> Letter:
    """Return the letter that tells who administers a practice that no clinician there can look at a right to act."""
    text = f"""Hello,

somebody acts for a person in the care of {practice} on a ground of law. This ends by itself after {last:%d %B %Y},
unless a clinician of the practice looks at it again; and nobody is a clinician there in Tendwell now. After that day
whoever acts for the person can do so no longer.

Please see to it that somebody at the practice looks at it: on this page you invite a clinician, or give somebody the
role. They are then told of it, and see whom it is about; you do not.

{page}
"""
    return Letter(
        Kind.delegation_unattended,
        "A practice without a clinician: a right to act for somebody ends soon",
        text + _FOOT,
    )


def decision_recorded(page: str) -> Letter:
    """Return the letter that tells somebody that somebody else noted a decision for them."""
    text = f"""Hello,

your practice, or somebody whom the law lets decide for you, has noted a decision of yours about who may see or use
what is kept about you. This page shows which, and who noted it, once you have signed in:

{page}

If it is not what you decided, change it there, which holds at once, and tell your practice.
"""
    return Letter(Kind.decision_recorded, "A decision was noted for you in Tendwell", text + _FOOT)


def privacy_alert(page: str) -> Letter:
    """Return the letter that tells whoever answers for privacy that there is an emergency opening to look into."""
    text = f"""Hello,

a clinician has just opened, in an emergency, what is kept about somebody whom they do not otherwise see. You answer for
privacy there, so it is for you to look into it: who it was, when and why stands on this page, once you have signed in:

{page}

Say there what came of it. The person concerned sees that it happened.
"""
    return Letter(Kind.privacy_alert, "Somebody opened what is kept about a person in an emergency", text + _FOOT)


def privacy_unattended(page: str, place: str) -> Letter:
    """Return the letter that tells administrators that nobody can look into an emergency opening at a place."""
    text = f"""Hello,

a clinician has just opened, in an emergency, what is kept about somebody whom they do not otherwise see. That is to be
looked into, and nobody who could answers for privacy at {place} in Tendwell now, or above it.

Please give somebody the role of privacy officer, on this page. They then see who it was, when and why; you do not.

{page}
"""
    return Letter(Kind.privacy_unattended, "Nobody answers for privacy: an emergency waits", text + _FOOT)


def request_answered(page: str) -> Letter:
    """Return the letter that tells somebody that what they asked about what is kept of them has an answer."""
    text = f"""Hello,

there is an answer to what you asked about what is kept of you in Tendwell. You read it on this page, once you have
signed in:

{page}

If you asked for nothing, tell the people who run Tendwell where you are cared for, now.
"""
    return Letter(Kind.request_answered, "There is an answer for you in Tendwell", text + _FOOT)


def account_closed() -> Letter:
    """Return the last letter to an account: that it was closed, as its holder asked."""
    text = f"""Hello,

your Tendwell account was closed, as you asked. Nobody can sign in with it any more. What is kept about your care stays
with your practice, where you can ask for it; your practice can invite you again.

{_NOT_YOU}
"""
    return Letter(Kind.account_closed, "Your Tendwell account was closed", text + _FOOT)


def copy_ready(page: str) -> Letter:
    """Return the letter that tells somebody that the copy they asked for can be fetched."""
    text = f"""Hello,

the copy that you asked for in Tendwell is ready. It is kept for 24 hours, and can be fetched once. Sign in, and open
this page:

{page}

If you asked for no copy, somebody else may have signed in as you: change your password now, and tell the people who run
Tendwell where you are cared for.
"""
    return Letter(Kind.copy_ready, "Your copy is ready in Tendwell", text + _FOOT)


def copy_failed(page: str) -> Letter:
    """Return the letter that tells somebody that the copy they asked for could not be made."""
    text = f"""Hello,

the copy that you asked for in Tendwell could not be made. Nothing was left of it. Please sign in, and ask for it again
on this page:

{page}

If that fails too, or if you asked for no copy, tell the people who run Tendwell where you are cared for.
"""
    return Letter(Kind.copy_failed, "Your copy could not be made in Tendwell", text + _FOOT)


def opened_unusually(page: str, *, is_own: bool) -> Letter:
    """Return the letter that tells of an emergency opening: whose it was, or who decides in their place by law."""
    whom = "you" if is_own else "a person for whom you decide"
    text = f"""Hello,

somebody who does not usually see it has opened what is kept in Tendwell about {whom}.
They had to say why. Who it was, when and why stands under "Who has looked", once you have signed in:

{page}

It is being looked into by whoever answers for privacy there. If you do not know why it was, ask the practice.
"""
    return Letter(Kind.opened_unusually, f"Somebody opened what is kept about {whom}", text + _FOOT)
