"""Care and support plans, as a page tells them. Pure: an old version is crossed out, so that nobody acts by it."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports.markup import Html, article, facts, heading, lines, struck, table
from api.exports.plain_words import Item, day, moment, worded
from api.exports.told_readings import by_whom

_SECTIONS = ("Section", "What it says", "Whose words", "Written down by")


def care_plan(item: Item) -> Html:
    """Return a version: where it stands, how it was agreed, and its sections with whose words they are."""
    in_force = item.get("status") == "published"
    number = f"version {item.get('version')}" if item.get("version") else f"drafted {moment(item.get('drafted_at'))}"
    return article(
        heading(f"Care and support plan, {number}"),
        facts(
            [
                (
                    "Where it stands",
                    lines(
                        worded(words.CARE_PLAN_STANDS, item.get("status")),
                        item.get("superseded_at") and f"Since {moment(item.get('superseded_at'))}",
                    ),
                ),
                ("To be looked at again", lines(day(item.get("review_on")), item.get("review_overdue") and "Overdue")),
                ("Drafted by", lines(_who(item, "drafted"), moment(item.get("drafted_at")))),
                ("Decided by", item.get("decided_at") and lines(_who(item, "decided"), moment(item.get("decided_at")))),
                ("Agreed", item.get("agreement") and worded(words.AGREEMENTS, item.get("agreement"))),
                ("Note", item.get("note")),
            ]
        ),
        table(
            "What it says" if in_force else "What it said",
            _SECTIONS,
            [_section(each, in_force=in_force) for each in item.get("sections") or []],
        ),
    )


def _section(each: Item, *, in_force: bool) -> tuple[object, ...]:
    return (
        each.get("label"),
        each.get("text") if in_force else struck(each.get("text")),
        worded(words.WORDS_OF, each.get("words_of")),
        lines(_who(each, "written"), moment(each.get("written_at"))),
    )


def _who(item: Item, did: str) -> Html:
    return by_whom(words.BASES, item.get(f"{did}_as"), item.get(f"{did}_by_name"))
