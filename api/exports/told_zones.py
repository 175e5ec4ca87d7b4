"""Zones of a plan, as a page tells them: when each is entered, what to do then, whom to turn to. Pure."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports.markup import Html, lines, table
from api.exports.plain_words import Item, day_count, times, worded
from api.exports.told_readings import measured, sign_name
from domain.diary.symptom import SYMPTOMS

_ZONES = ("Zone", "When", "What to do", "Whom to turn to")


def zones(item: Item) -> Html:
    """Return the zones of a plan as a table; nothing for a plan without them."""
    return table("The zones of this plan", _ZONES, [_zone(each) for each in item.get("zones") or []])


def made_from(item: Item) -> str:
    """Return which template a plan was made from."""
    found = item.get("template") or {}
    condition = worded(words.CONDITIONS, found.get("key"))
    return f"Our plan for {condition}, version {found.get('version')}, changed to fit you" if found else ""


def _zone(zone: Item) -> tuple[object, ...]:
    contact = zone.get("contact") or {}
    return (
        worded(words.COLOURS, zone.get("colour")),
        lines(*(_group(each) for each in zone.get("any_of") or [])),
        zone.get("instructions") or "",
        lines(contact.get("name"), contact.get("phone"), contact.get("hours")),
    )


def _group(group: Item) -> str:
    return "Or if: " + "; and ".join(_criterion(each) for each in group.get("all_of") or [])


def _criterion(found: Item) -> str:
    side = worded(words.SIDES, found.get("comparator"))
    during = f"looking at {day_count(found.get('days'))}"
    if found.get("symptom") is not None:
        return f"{_symptom(found.get('symptom'))}: {side} {_step(found)}, {during}"
    part = f" ({found['part']})" if found.get("part") else ""
    basis = worded(words.ZONE_BASES, found.get("basis")).format(times=times(found.get("times")))
    value = measured(found.get("sign"), found.get("value"), found.get("unit"))
    return f"{sign_name(found.get('sign'))}{part}, {basis}: {side} {value}, {during}"


def _symptom(key: object) -> str:
    known = SYMPTOMS.get(str(key))
    return worded({}, key) if known is None else known.label


def _step(found: Item) -> str:
    known = SYMPTOMS.get(str(found.get("symptom")))
    named = {} if known is None else {str(level): name for level, name in enumerate(known.levels)}
    return named.get(str(found.get("level")), f"step {found.get('level')}")
