"""Consents, delegates, requests and who looked, as a page tells them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from api.exports import code_words as words
from api.exports.markup import Html, article, facts, heading, lines, paragraph
from api.exports.plain_words import Item, capital, clock_time, day, listed, moment, span, times, worded
from api.exports.told_readings import by_whom
from domain.people.consent_texts import TEXTS

ACCESS_DONE = "done"
Words = tuple[str, int]
"""Of which purpose, and which version of them."""


def consent(item: Item) -> tuple[object, ...]:
    """Return a decision about the use of one's record."""
    purpose = item.get("purpose")
    decisions = words.OPT_OUTS if purpose == "national_data_opt_out" else words.PROVISIONS
    ended = item.get("ended_at")
    return (
        moment(item.get("date_time")),
        lines(worded(words.PURPOSES, purpose), f"by version {item.get('text_version')} of the words"),
        worded(decisions, item.get("provision")),
        lines(
            by_whom(words.BASES, item.get("performed_as"), item.get("performer_name")),
            worded(words.AUTHORITIES, item.get("authority")),
            item.get("note") and f"Noted then: {item['note']}",
        ),
        lines(worded(words.CONSENT_STANDS, item.get("status")), ended and f"since {moment(ended)}"),
    )


def words_decided_by(seen: Iterable[Words]) -> Html:
    """Return the words of those versions by which something was decided, as they stood."""
    seen = set(seen)
    return Html(
        "".join(
            article(
                heading(f"The words: {text.title} (version {text.version})"),
                paragraph(text.text),
                paragraph(f"Before somebody says no, they are told: {text.on_withdrawal}"),
            )
            for text in TEXTS
            if (text.purpose.value, text.version) in seen
        )
    )


def delegate(item: Item) -> Html:
    """Return somebody who may act for one, or could before: who, what, by what right, when, and where it stands."""
    may = [worded(words.SCOPES, scope) for scope in item.get("scopes") or []]
    ended, why = item.get("ended_at"), worded(words.DELEGATE_ENDS, item.get("end_reason"))
    return article(
        heading(item.get("delegate") or "Nobody yet: the code was not used"),
        facts(
            [
                ("Who they are to you", worded(words.RELATIONSHIPS, item.get("relationship"))),
                ("What they may do", capital(listed(may))),
                ("By what right", worded(words.GROUNDS, item.get("ground"))),
                ("What your practice saw", item.get("evidence")),
                ("To be looked at again", day(item.get("review_on"))),
                ("When", capital(span(item.get("from_at"), item.get("until_at"), endless=", until it is ended"))),
                ("Code made", f"{moment(item.get('offered_at'))}, by: {worded(words.BASES, item.get('offered_as'))}"),
                ("Accepted", moment(item.get("accepted_at"))),
                ("Where it stands", worded(words.DELEGATE_STANDS, item.get("state"))),
                ("Ended", lines(ended and moment(ended), why)),
            ]
        ),
    )


def request(item: Item) -> Html:
    """Return what one asked of one's record, and the answer."""
    ground = item.get("ground") or {}
    return article(
        heading(worded(words.REQUESTS, item.get("kind"))),
        facts(
            [
                ("What it is about", item.get("about")),
                ("Asked", moment(item.get("asked_at"))),
                ("To be answered by", day(item.get("answer_due_on"))),
                ("What came of it", worded(words.DECISIONS, item.get("decision")) or "Not answered yet"),
                ("Answered", moment(item.get("decided_at"))),
                ("Taken back", moment(item.get("withdrawn_at"))),
                ("The answer", item.get("answer")),
                ("The reason in law", lines(ground.get("words"), ground.get("source"))),
            ]
        ),
    )


def access(item: Item) -> tuple[object, ...]:
    """Return who did what with the record, when and why."""
    outcome, reason = item.get("outcome"), item.get("reason")
    return (
        access_time(item),
        lines(
            f"You ({item.get('who')})" if item.get("yourself") is True else item.get("who"),
            item.get("role"),
            item.get("organisation"),
        ),
        lines(
            capital(str(item.get("what"))),
            outcome != ACCESS_DONE and f"What came of it: {worded({}, outcome)}",
        ),
        lines(item.get("why"), reason and f"They wrote: {reason}"),
    )


def access_time(item: Item) -> str:
    """Return when and how often: "3 March 2026, 3 times between 09:12 and 10:40"."""
    at, often = item.get("last_at"), item.get("times")
    if often == 1:
        return moment(at)
    first, last = clock_time(item.get("first_at")), clock_time(at)
    between = f"at {last}" if first == last else f"between {first} and {last}"
    return f"{day(at)}, {times(often)} {between}"
