"""Who one is, where one lives, what was measured, pathways and visits, as a page tells them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from api.exports import code_words as words
from api.exports.markup import Html, facts, lines, strong, struck
from api.exports.plain_words import Item, day, later, listed, moment, number, second, worded
from domain.observations.catalogue import CATALOGUE
from domain.observations.reading import MANUAL_SOURCE
from domain.people.nhs_number import printed
from domain.rights.access_words import ROLES

NO_LONGER_COUNTS = ("superseded", "entered-in-error")


def sign_name(sign: object) -> str:
    """Return the name of a vital sign."""
    known = CATALOGUE.get(str(sign))
    return worded({}, sign) if known is None else known.display


def measured(sign: object, value: object, unit: object) -> str:
    """Return a number of a vital sign with its unit as it is read aloud: "37.2 °C"."""
    return with_unit(number(value, _decimals(sign)), sign, unit)


def mean(sign: object, value: object, unit: object) -> str:
    """Return a mean with one decimal more than a reading has: more would claim what no device measures."""
    finer = _decimals(sign) + 1
    rounded = round(value, finer) if isinstance(value, float | int) else value
    return with_unit(number(rounded, finer), sign, unit)


def _decimals(sign: object) -> int:
    known = CATALOGUE.get(str(sign))
    return 0 if known is None else known.decimals or 0


def with_unit(told: str, sign: object, unit: object) -> str:
    """Return a number in words with its unit: "142/88 mmHg", "3/10"."""
    known = CATALOGUE.get(str(sign))
    named = None if known is None else known.unit(str(unit))
    display = "" if unit is None else str(unit) if named is None else named.display
    return f"{told}{display}" if display.startswith("/") else f"{told} {display}".strip()


def reading_in_words(item: Item) -> str:
    """Return what was measured: "142/88 mmHg", "below 1.1 mmol/L", "Mentally alert"."""
    sign, unit, code = item.get("sign"), item.get("unit"), item.get("code")
    if code is not None:
        known = CATALOGUE.get(str(sign))
        return {key: coding.display for key, coding in known.answers}.get(code, str(code)) if known else str(code)
    if item.get("systolic") is not None or item.get("diastolic") is not None:
        return with_unit(f"{number(item.get('systolic'))}/{number(item.get('diastolic'))}", sign, unit)
    told = measured(sign, item.get("value"), unit)
    return f"{worded(words.SIDES, item['comparator'])} {told}" if item.get("comparator") else told


def reading(item: Item) -> tuple[object, ...]:
    """Return a reading: when, what, the reading, by whom, how, and what became of it."""
    told, sent = reading_in_words(item), item.get("original")
    as_sent = ""
    if sent and sent.get("unit") != item.get("unit"):
        as_sent = f"sent as {with_unit(number(sent.get('value')), item.get('sign'), sent.get('unit'))}"
    source = item.get("source")
    return (
        second(item.get("effective_at")),
        sign_name(item.get("sign")),
        lines(struck(told) if item.get("status") in NO_LONGER_COUNTS else strong(told), as_sent),
        by_whom(words.BASES, item.get("recorded_as"), item.get("recorded_by_name")),
        "Typed in" if source == MANUAL_SOURCE else source or "",
        lines(
            worded(words.READING_STANDS, item.get("status")),
            *_what_ended_it(item),
            _why_made(item),
            item.get("confirmed") and "An unusual value, confirmed by whoever recorded it",
            later("Reached Tendwell", item.get("effective_at"), item.get("received_at")),
        ),
    )


def personal_best(item: Item) -> tuple[object, ...]:
    """Return a stated best peak flow: when, how much, by whom, why, and whether it was entered in error."""
    told, withdrawn = measured("peak_expiratory_flow", item.get("value"), "L/min"), item.get("retracted_at")
    who = item.get("retracted_by_name") or "somebody whose name is known no more"
    return (
        moment(item.get("stated_at")),
        strong(told) if withdrawn is None else struck(told),
        by_whom(words.BASES, item.get("stated_as"), item.get("stated_by_name")),
        item.get("reason"),
        ""
        if withdrawn is None
        else lines(f"By {who}, {moment(withdrawn)}: entered in error", f"Why: {item.get('retraction_reason')}"),
    )


def _what_ended_it(item: Item) -> tuple[object, ...]:
    if item.get("amended_at") is None:
        return ()
    who = item.get("amended_by_name") or "somebody whose name is known no more"
    return f"By {who}, {moment(item['amended_at'])}", f"Why: {item.get('amendment_reason')}"


def _why_made(item: Item) -> object:
    """Return why a reading replaced another; of one entered in error the reason is why it was withdrawn."""
    if item.get("reason") is None or item.get("status") == "entered-in-error":
        return None
    what = "Why" if item.get("amended_at") is None else "Why it replaced an earlier reading"
    return f"{what}: {item['reason']}"


def by_whom(capacities: Mapping[str, str], capacity: object, name: object) -> Html:
    """Return in which capacity somebody acted, and their name unless it is oneself."""
    told = worded(capacities, capacity)
    return lines(told, told != words.YOURSELF and name)


def you(item: Item) -> Html:
    """Return who one is."""
    practice, home = item.get("practice") or {}, item.get("care_home") or {}
    return facts(
        [
            ("Name", _full_name(item)),
            ("Born", day(item.get("born_on"))),
            ("NHS number", _nhs_number(item.get("nhs_number"))),
            ("Your practice", practice.get("name")),
            ("Care home", home.get("name")),
            ("Room", item.get("room")),
        ]
    )


def _full_name(item: Item) -> str:
    return f"{item.get('given_name', '')} {item.get('family_name', '')}".strip()


def _nhs_number(value: object) -> str:
    return "Not known here" if value is None else printed(str(value))


def account(item: Item) -> Html:
    """Return what one signs in with, and what one is besides a patient."""
    roles = [
        f"{worded(ROLES, held.get('role'))} at {(held.get('organisation') or {}).get('name')}"
        for held in item.get("roles") or []
    ]
    return facts(
        [
            ("Name shown", item.get("display_name")),
            ("Email address", item.get("email")),
            ("Roles at work", listed(roles) if roles else "None: you use Tendwell as a patient"),
        ]
    )


def former(item: Item) -> tuple[object, ...]:
    """Return what stood of who one is until it was put right."""
    return (
        moment(item.get("replaced_at")),
        _full_name(item),
        day(item.get("born_on")),
        _nhs_number(item.get("nhs_number")),
    )


def care_home(item: Item) -> tuple[object, ...]:
    """Return a stay in a care home."""
    until = day(item.get("until_on")) or "Still there"
    return item.get("care_home"), item.get("room") or "", day(item.get("from_on")), until


def pathway(item: Item) -> tuple[object, ...]:
    """Return a pathway that one is or was on."""
    until = day(item.get("ended_on")) or "Still on it"
    return item.get("pathway"), day(item.get("enrolled_on")), until, worded(words.LEFT_PATHWAY, item.get("end_reason"))


def visit(item: Item) -> tuple[object, ...]:
    """Return a use of a service."""
    kind = worded(words.CONTACTS, item.get("kind"))
    return moment(item.get("started_at")), kind, item.get("place"), item.get("source")
