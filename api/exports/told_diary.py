"""Diary, questionnaires and alerts, as a page tells them. Pure: says what was written down, and judges nothing."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports.markup import Html, article, facts, heading, lines, strong, struck, table
from api.exports.plain_words import Item, later, moment, worded
from api.exports.told_readings import by_whom
from domain.questionnaires.catalogue import INSTRUMENTS

_UNKNOWN = "somebody whose name is known no more"


def entry(item: Item) -> tuple[object, ...]:
    """Return an entry: when, what was noticed, in which words, by whom, and whether it counts."""
    in_error = item.get("status") == "entered-in-error"
    counts = struck if in_error else strong
    noticed = [counts(f"{each.get('label')}: {each.get('level_label')}") for each in item.get("symptoms") or []]
    note = item.get("note")
    return (
        moment(item.get("effective_at")),
        lines(*noticed),
        struck(note) if in_error and note else note or "",
        lines(
            by_whom(words.BASES, item.get("recorded_as"), item.get("recorded_by_name")),
            later("Noted", item.get("effective_at"), item.get("recorded_at")),
            in_error and f"Entered in error: {item.get('amendment_reason')}",
            in_error and f"By {item.get('amended_by_name') or _UNKNOWN}, {moment(item.get('amended_at'))}",
        ),
    )


def response(item: Item) -> Html:
    """Return answers to a questionnaire: which, when, by whom, each answer, and what they add up to."""
    in_error = item.get("status") == "entered-in-error"
    asked = INSTRUMENTS.get(str(item.get("questionnaire")))
    title = str(item.get("questionnaire")) if asked is None else asked.questionnaire.title
    answers = [(each.get("question"), _answer(each, in_error=in_error)) for each in item.get("answers") or []]
    return article(
        heading(title),
        facts(
            [
                ("When", lines(moment(item.get("authored_at")), _instead(item.get("time_instead")), _version(item))),
                ("Recorded by", lines(*_recorded(item, "authored_at"))),
                ("Where it stands", worded(words.RESPONSE_STANDS, item.get("status"))),
                ("Total", _total(item)),
                ("Not answered", lines(*_missing(item))),
                ("Answered, but not in a way that is known here", lines(*_not_read(item))),
                ("Called", item.get("band")),
                ("The time before", _change(item)),
                ("What you were told at once", _safety(item.get("safety"))),
                ("Entered in error", in_error and lines(*_in_error(item))),
            ]
        ),
        table("The answers", ("Question", "Answer"), answers),
    )


def _instead(told: Item | None) -> str | None:
    if not told:
        return None
    stated = f"What was stated could not have been: {moment(told.get('stated'))}"
    return f"{stated}. {worded(words.TIME_STANDS, told.get('stands'))}"


def _version(item: Item) -> str:
    version, told_by = item.get("version"), item.get("read_in_version")
    return f"Version {version}" + ("" if told_by in {None, version} else f", told in the words of version {told_by}")


def _not_read(item: Item) -> list[str]:
    return [f"{each.get('link_id')}: {each.get('value')}" for each in item.get("not_read") or []]


def _missing(item: Item) -> list[str]:
    asked = INSTRUMENTS.get(str(item.get("questionnaire")))
    texts = {} if asked is None else {each.link_id: each.text for each in asked.questionnaire.questions}
    return [texts.get(str(link_id), str(link_id)) for link_id in item.get("missing") or []]


def _answer(each: Item, *, in_error: bool) -> Html:
    score = each.get("score")
    told = each.get("label") if score is None else f"{each.get('label')} ({score})"
    return struck(told) if in_error else strong(told)


def _total(item: Item) -> str | None:
    return None if item.get("total") is None else f"{item['total']} of {item.get('greatest_total')}"


def _change(item: Item) -> str | None:
    if item.get("previous_total") is None:
        return None
    change = item.get("change")
    if not isinstance(change, int):
        return f"{item['previous_total']} {change or ''}".strip()
    return f"{item['previous_total']}, so {abs(change)} {'less' if change < 0 else 'more'} now"


def _safety(told: Item | None) -> Html | None:
    if not told:
        return None
    contacts = [f"{each.get('name')}: {each.get('number')}. {each.get('when')}" for each in told.get("contacts") or []]
    watched = None if told.get("watched_now") is False else "Somebody was looking at it then"
    return lines(told.get("title"), told.get("text"), told.get("watched"), watched, *contacts)


def _recorded(item: Item, since: str) -> tuple[object, ...]:
    return (
        by_whom(words.BASES, item.get("recorded_as"), item.get("recorded_by_name")),
        later("Noted", item.get(since), item.get("recorded_at")),
    )


def _in_error(item: Item) -> tuple[object, ...]:
    return (
        f"By {item.get('amended_by_name') or _UNKNOWN}, {moment(item.get('amended_at'))}",
        f"Why: {item.get('amendment_reason')}",
    )


def alert(item: Item) -> tuple[object, ...]:
    """Return an alert: when, why, where it stands, and each step as the person is told it."""
    withdrawn = "What it rested on was entered in error" if item.get("evidence_withdrawn") else ""
    return (
        moment(item.get("raised_at")),
        item.get("reason"),
        lines(worded(words.ALERT_STANDS, item.get("status")), f"since {moment(item.get('status_at'))}", withdrawn),
        lines(*(_step(each) for each in item.get("history") or [])),
    )


def _step(each: Item) -> str:
    who = by_whom(words.BASES, each.get("taken_as"), each.get("taken_by_name")).replace("\n", ", ")
    return f"{moment(each.get('at'))}: {worded(words.ALERT_STEPS, each.get('step'))}. {who}"
