"""A record as a page to read: a heading, a sentence and a table or a list for each section, in plain words.

Streamed: of what went by it keeps the names of goals and plans, and which words consents were given by, no more. It
needs no connection, and has no script, no style or picture from elsewhere, and no address but those of its headings.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime

from api.exports import told_access, told_account, told_care_plans, told_diary, told_plans, told_readings
from api.exports.markup import TABLE_ENDS, Html, paragraph, row, shown, table_begins
from api.exports.plain_words import Item, moment
from api.exports.sections import SECTIONS
from domain.rights.export_queries import ExportPage

# Names of goals kept until the plans are told, and of plans until their pauses are: 500 characters each at most.
GOALS_KEPT = 1_000

_STYLE = """
body{font:1.0625rem/1.5 system-ui,sans-serif;color:#212b32;background:#fff;max-width:64rem;margin:0 auto;padding:1rem;
overflow-wrap:anywhere}
h1{font-size:2rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.5rem;line-height:1.25;margin:2.5rem 0 .5rem}
h3,caption{font-size:1.125rem;font-weight:bold;margin:1rem 0 .25rem;text-align:left}caption{padding:.75rem 0 .25rem}
p{max-width:44rem;margin:.5rem 0}nav ul{columns:18rem;padding-left:1.25rem}li{padding:.25rem 0;break-inside:avoid}
a{color:#004b8c}article{border:1px solid #768692;border-radius:4px;padding:0 1rem 1rem;margin:1rem 0}
h3,p,td,th,dd{white-space:pre-line}
dl{margin:.5rem 0}dl div{display:grid;grid-template-columns:13rem 1fr;gap:.25rem 1rem;padding:.375rem 0;
border-bottom:1px solid #d8dde0}dt{font-weight:bold}dd{margin:0}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;
border-bottom:1px solid #d8dde0;overflow-wrap:break-word}tbody th{font-weight:normal;min-width:8rem}
footer{margin-top:3rem;border-top:2px solid #768692}
@media screen and (max-width:48rem){
table,tbody,tr,th,td,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{border:1px solid #768692;border-radius:4px;padding:.5rem .75rem;margin:0 0 .75rem}
article tbody tr{border-width:1px 0 0;border-radius:0;padding:.5rem 0;margin:0}
tbody th{font-weight:bold}th,td{border:0;padding:.125rem 0}td:empty{display:none}
td::before{content:attr(data-head) ": ";color:#4c6272}
dl div{grid-template-columns:1fr;gap:0}article{padding:0 .75rem .5rem}}
@media print{body{font-size:10pt;max-width:none;padding:0}nav{display:none}tr,article>dl,dl div{break-inside:avoid}
h2,h3,caption{break-after:avoid}a{color:inherit}}
"""
_HEAD = f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Your record</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{_STYLE}</style></head><body>
"""
_LEFT_OUT = (
    "Dates and times are those of London. Left out here are what only programs use: the numbers by which entries, "
    "people and organisations are known to them, their codes (LOINC, HL7 and the like), fingerprints of texts, how far "
    "a device’s clock was off, and all digits of what was converted to another unit. They are in record.json, which "
    "came with this page."
)
_FOOT = (
    "</main>\n<footer><p>This page holds your health record. Keep it where nobody else can open it. Whom to ask, and "
    "what you may ask of your record, stands in privacy-notice.txt, which came with it.</p></footer></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one section tells that a later part of the page needs."""

    goals: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    words: set[told_access.Words] = field(default_factory=set)


Tell = Callable[[Item, Seen], Html]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a section is told: a sentence, each of its entries, and in which columns if they are rows of a table."""

    sentence: str
    tell: Tell
    heads: tuple[str, ...] = ()
    after: Callable[[Seen], Html] = lambda _: Html()


def _table(sentence: str, heads: tuple[str, ...], cells: Callable[[Item], tuple[object, ...]]) -> Telling:
    return Telling(sentence, lambda item, _: row(heads, cells(item)), heads)


def _goal(item: Item, seen: Seen) -> Html:
    if len(seen.goals) < GOALS_KEPT:
        seen.goals[str(item.get("id"))] = str(item.get("description"))
    return told_plans.goal(item)


def _plan(item: Item, seen: Seen) -> Html:
    if len(seen.plans) < GOALS_KEPT:
        seen.plans[str(item.get("id"))] = str(item.get("title"))
    return told_plans.plan(item, seen.goals)


def _consent(item: Item, seen: Seen) -> Html:
    if isinstance(item.get("text_version"), int):
        seen.words.add((str(item.get("purpose")), item["text_version"]))
    return row(_CONSENT, told_access.consent(item))


_PAUSE = ("When", "Of what", "Why", "By whom")
_CONSENT = ("When", "About what", "Decision", "Who decided", "Where it stands")
TELLINGS = {
    "you": Telling("As your practice has it.", lambda item, _: told_readings.you(item)),
    "account": Telling("What you sign in with.", lambda item, _: told_readings.account(item)),
    "former_details": _table(
        "What stood here before, oldest first.",
        ("Until", "Name", "Born", "NHS number"),
        told_readings.former,
    ),
    "care_homes": _table(
        "Where you live or have lived, oldest first. Until: the first day on which you no longer lived there.",
        ("Care home", "Room", "From", "Until"),
        told_readings.care_home,
    ),
    "care_teams": _table(
        "Those on whose lists you are or were, oldest first. Whoever is on such a team can see your record.",
        ("Care team", "Of which place", "From", "Until"),
        told_account.care_team,
    ),
    "readings": _table(
        "Everything that was measured, the latest first. What is crossed out does not count: it was put right, or "
        "withdrawn, and stays so that one can see what stood there.",
        ("When", "What was measured", "Reading", "Recorded by", "How", "Notes"),
        told_readings.reading,
    ),
    "personal_bests": _table(
        "What your peak flow is held against, the latest first. What is crossed out was entered in error.",
        ("When", "Best", "Stated by", "Why", "Notes"),
        told_readings.personal_best,
    ),
    "goals": Telling("What you want to reach, the latest goal first.", _goal),
    "care_plans": Telling(
        "What matters to you, what you need and wish, and what to do if you become unwell: the last drafted first. "
        "Only one of these is in force, and says so. What is crossed out is not: it was only drafted, or another took "
        "its place.",
        lambda item, _: told_care_plans.care_plan(item),
    ),
    "action_plans": Telling("What was agreed that you do, the latest plan first.", _plan),
    "steps_done": _table(
        "All that was done of your plans, or skipped, the latest first.",
        ("When", "Step, and of which plan", "What was done", "Noted by"),
        told_plans.step_done,
    ),
    "pauses": Telling(
        "Days on which nothing of your plans was due, the last made first.",
        lambda item, seen: row(_PAUSE, told_plans.pause(item, seen.plans)),
        _PAUSE,
    ),
    "time_zones": _table(
        "The days of your plans were reckoned in London’s time zone until you or your team chose another.",
        ("Time zone", "From", "Chosen by"),
        told_plans.time_zone,
    ),
    "diary": _table(
        "What was written down, what was noticed last first. What is crossed out was entered in error.",
        ("When", "What was noticed", "Note", "Written by"),
        told_diary.entry,
    ),
    "questionnaires": Telling(
        "What was answered, the latest first. What is crossed out was entered in error.",
        lambda item, _: told_diary.response(item),
    ),
    "alerts": _table(
        "When the care team was told that somebody should look at you, and since when somebody has. Its working notes "
        "and what came of it are not in this copy: ask your practice for them.",
        ("When", "Why", "Where it stands", "What happened"),
        told_diary.alert,
    ),
    "pathways": _table(
        "The programmes of care that you are or were on, oldest first.",
        ("Pathway", "From", "Until", "Why it ended"),
        told_readings.pathway,
    ),
    "visits": _table(
        "What your practice and other services have told of when you used them, the latest first.",
        ("When", "What", "Where", "Told by"),
        told_readings.visit,
    ),
    "consents": Telling(
        "Each decision, the latest first. The words that you decided by stand below.",
        _consent,
        _CONSENT,
        lambda seen: told_access.words_decided_by(seen.words),
    ),
    "delegates": Telling("The latest first.", lambda item, _: told_access.delegate(item)),
    "acting_for": Telling(
        "Oldest first. Of what is over it is theirs to tell whose record it was.",
        lambda item, _: told_account.acted_for(item),
    ),
    "requests": Telling(
        "The latest first. Your practice answers within a month.", lambda item, _: told_access.request(item)
    ),
    "emergencies": Telling(
        "By a clinician who otherwise does not see it, to read, the latest first. Whoever answers for privacy looks "
        "into each.",
        lambda item, _: told_account.emergency(item),
    ),
    "who_looked": _table(
        "Everybody who read or changed your record, you among them, the latest first. What one person did in one way "
        "on one day is one row.",
        ("When", "Who", "What they did", "Why they could"),
        told_access.access,
    ),
    "invitations": _table(
        "Oldest first. An invitation is forgotten 30 days after it can no longer be used.",
        ("When", "Who invited you", "As whom, and where to", "Good until", "What became of it"),
        told_account.invitation,
    ),
    "ways_to_sign_in": _table(
        "That there is one, and since when. What is secret about it nobody can read here, you neither.",
        ("What", "Since", "Last used", "Besides"),
        told_account.way_to_sign_in,
    ),
    "sessions": _table(
        "The latest first. Where you are signed in no more is forgotten within 30 days after it would have ended.",
        ("Signed in", "Where", "How", "Last used", "Until"),
        told_account.session,
    ),
    "notice_choices": _table(
        "Nothing is sent that you did not choose.",
        ("What, and how", "Not between", "In", "Since"),
        told_account.notice_choice,
    ),
    "notice_addresses": _table(
        "Oldest first, by what you call it. What was given up is forgotten after 30 days.",
        ("What", "Way", "Since", "Given up"),
        told_account.notice_address,
    ),
    "notices": _table(
        "The latest first, for 30 days. That it was taken does not say that anybody has seen it.",
        ("When", "What about", "Where", "What came of it"),
        told_account.notice,
    ),
    "own_trail": _table(
        "The latest first: signing in, what protects your account, and at work what concerned no single person.",
        ("When", "What you did", "As whom"),
        told_account.own_deed,
    ),
}


async def page_to_read(pages: AsyncIterator[ExportPage], taken_at: datetime) -> AsyncIterator[str]:
    """Yield the page, entry by entry."""
    yield _opening(taken_at)
    seen, name, count = Seen(), None, 0
    async for page in pages:
        if page.section != name:
            yield _section_ends(name, seen, count)
            name, count = page.section, 0
            yield _section_begins(name)
        for item in json.loads(page.items):
            if not count and TELLINGS[name].heads:
                yield table_begins(TELLINGS[name].heads, labelled_by=name)
            count += 1
            yield TELLINGS[name].tell(item, seen)
    yield _section_ends(name, seen, count)
    yield _FOOT


def _opening(taken_at: datetime) -> str:
    parts = "".join(f'<li><a href="#{part.name}">{shown(part.heading)}</a></li>' for part in SECTIONS)
    return (
        f"{_HEAD}<header><h1>Your record</h1>{paragraph(f'As it was on {moment(taken_at.isoformat())}.')}"
        f'{paragraph(_LEFT_OUT)}</header>\n<nav aria-label="Parts of your record"><ul>{parts}</ul></nav>\n<main>\n'
    )


def _section_begins(name: str) -> str:
    heading = next(part.heading for part in SECTIONS if part.name == name)
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{shown(heading)}</h2>{paragraph(TELLINGS[name].sentence)}\n'
    )


def _section_ends(name: str | None, seen: Seen, count: int) -> str:
    if name is None:
        return ""
    telling = TELLINGS[name]
    if not count:
        return "<p>There is nothing here.</p></section>\n"
    return f"{TABLE_ENDS if telling.heads else ''}{telling.after(seen)}</section>\n"
