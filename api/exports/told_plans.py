"""Goals and action plans, as a page tells them. Pure: says what the record says, and judges nothing."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports.markup import Html, article, facts, heading, lines, table
from api.exports.plain_words import Item, capital, day, later, listed, moment, number, span, times, worded
from api.exports.told_readings import by_whom, mean, measured, sign_name
from domain.errors import Invalid
from domain.plans.schedule import Rule, read_rule

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STEPS = ("When", "From", "To", "By", "Note")
_FORMER = ("Until", "The goal", "Why it mattered", "Target", "Changed by", "Note")
_ACTIONS = ("Step", "How", "When to do it", "Kept to")


def goal(item: Item) -> Html:
    """Return a goal: what, where it stands, what the readings show, how it came there, and how it read before."""
    target = item.get("target")
    return article(
        heading(item.get("description")),
        facts(
            [
                ("Why it matters", item.get("why")),
                ("Target", target_in_words(target)),
                ("Begins", day(item.get("start_on"))),
                ("Set by", lines(party(item, "proposed"), moment(item.get("proposed_at")))),
                (
                    "Where it stands",
                    lines(stands(item, ""), f"since {moment(item.get('status_at'))}"),
                ),
                ("What the readings show", progress(item.get("progress"), target or {})),
            ]
        ),
        table("Each step of this goal", _STEPS, [_step(step) for step in item.get("history") or []]),
        table("How this goal read before", _FORMER, [_former(once) for once in item.get("former") or []]),
    )


def party(item: Item, deed: str) -> Html:
    """Return in which capacity somebody did something, and their name unless it is oneself."""
    return by_whom(words.PARTIES, item.get(f"{deed}_as"), item.get(f"{deed}_by_name"))


def stands(item: Item, prefix: str) -> str:
    """Return both statuses of a goal in words: "Under way: improving"."""
    lifecycle = worded(words.LIFECYCLES, item.get(f"{prefix}lifecycle_status"))
    achieved = worded(words.ACHIEVEMENTS, item.get(f"{prefix}achievement_status"))
    return f"{lifecycle}: {achieved[:1].lower()}{achieved[1:]}" if achieved else lifecycle


def target_in_words(target: Item | None) -> str:
    """Return "Blood pressure (systolic) below 135 mmHg by 1 June 2026"; nothing without a target."""
    if not target:
        return ""
    part = f" ({target['part']})" if target.get("part") else ""
    side = worded(words.SIDES, target.get("comparator"))
    value = measured(target.get("sign"), target.get("value"), target.get("unit"))
    return f"{sign_name(target.get('sign'))}{part} {side} {value} by {day(target.get('due_on'))}"


def progress(found: Item | None, target: Item) -> Html:
    """Return what the readings show of a goal, and of how many that is said."""
    if not found:
        return Html()
    looked = "since the goal began" if found.get("complete") is True else "the latest, of more that there are"
    share, percent = found.get("share_within"), found.get("percent")
    part = "" if share is None else f" ({_percent(share)})"
    return lines(
        f"On {moment(found.get('as_of'))}: readings looked at: {found.get('count')}, {looked}",
        worded(words.ENOUGH, found.get("data")),
        _latest(found.get("latest"), target),
        _average("At the start", found.get("baseline"), target),
        _average("Lately", found.get("recent"), target),
        found.get("judged") and f"Within the target: {found.get('within')} of {found['judged']}{part}",
        None if percent is None else f"{percent}% of the way to the target",
        worded(words.SUGGESTIONS, found.get("suggestion")),
    )


def _percent(share: object) -> str:
    return f"{share:.0%}" if isinstance(share, float | int) else str(share)


def _latest(latest: Item | None, target: Item) -> str:
    if not latest:
        return ""
    bound = f"{worded(words.SIDES, latest['bound'])} " if latest.get("bound") else ""
    value = measured(target.get("sign"), latest.get("value"), target.get("unit"))
    old = ", too old to stand for the present" if latest.get("stale") else ""
    return f"Latest: {bound}{value}, {moment(latest.get('effective_at'))}{old}"


def _average(name: str, found: Item | None, target: Item) -> str:
    if not found:
        return ""
    value = mean(target.get("sign"), found.get("value"), target.get("unit"))
    during = span(found.get("from_at"), found.get("until_at"))
    return f"{name}: {value} on average, readings: {found.get('count')}, {during}"


def _step(step: Item) -> tuple[object, ...]:
    return (
        moment(step.get("at")),
        stands(step, "from_"),
        stands(step, "to_"),
        party(step, "taken"),
        step.get("note") or "",
    )


def _former(once: Item) -> tuple[object, ...]:
    return (
        moment(once.get("replaced_at")),
        once.get("description"),
        once.get("why") or "",
        target_in_words(once.get("target")),
        party(once, "replaced"),
        once.get("note") or "",
    )


def plan(item: Item, goals: dict[str, str]) -> Html:
    """Return a plan: what was agreed, where it stands, its steps and how they are kept to. `goals` are by id."""
    served = [goals.get(str(each), "a goal") for each in item.get("goal_ids") or []]
    return article(
        heading(item.get("title")),
        facts(
            [
                ("Agreed", day(item.get("agreed_on"))),
                ("Published by", lines(party(item, "published"), moment(item.get("published_at")))),
                ("Version", _version(item)),
                ("Where it stands", _plan_stands(item)),
                ("To be looked at again", _review(item)),
                ("Goals it serves", lines(*served)),
            ]
        ),
        table("The steps of this plan", _ACTIONS, [_action(each) for each in item.get("actions") or []]),
    )


def _version(item: Item) -> str:
    earlier = ", in the place of an earlier one" if item.get("supersedes_id") else ""
    return f"{item.get('version')}{earlier}"


def _plan_stands(item: Item) -> Html:
    return lines(
        worded(words.PLAN_STANDS, item.get("status")),
        item.get("ended_at") and moment(item["ended_at"]),
        item.get("ended_by_name") and f"By: {item['ended_by_name']}",
        item.get("superseded_by_id") and "A newer version took its place",
        item.get("end_reason") and f"Why: {item['end_reason']}",
    )


def _review(item: Item) -> str:
    return day(item.get("review_on")) + (" (overdue)" if item.get("review_overdue") else "")


def _action(action: Item) -> tuple[object, ...]:
    kept = action.get("adherence") or {}
    told = [f"{name}: {kept[name]}" for name in ("due", "done", "skipped", "missed") if name in kept]
    during = capital(f"from {day(kept['from_on'])} until {moment(kept.get('until_at'))}") if "from_on" in kept else ""
    return (
        action.get("title"),
        action.get("instructions") or "",
        schedule_in_words(action.get("schedule") or {}),
        lines(during, capital(", ".join(told))),
    )


def schedule_in_words(schedule: Item) -> str:
    """Return "Every day at 08:00 and 20:30, from 3 March 2026 on". A rule it cannot read is shown as it is."""
    begins = day(schedule.get("starts_on"))
    at = f" at {listed([str(each) for each in schedule['times']])}" if schedule.get("times") else ""
    try:
        rule = read_rule(str(schedule.get("rrule")))
    except Invalid:
        return f"{schedule.get('rrule')}{at}, from {begins} on"
    if rule.count == 1:
        return f"Once, on {begins}{at}"
    return f"{_every(rule)}{at}, from {begins} on{_ending(rule)}"


def _every(rule: Rule) -> str:
    unit = "week" if rule.weekly else "day"
    on = f" on {listed([_DAYS[each] for each in rule.weekdays])}" if rule.weekdays else ""
    return f"Every {unit}{on}" if rule.interval == 1 else f"Every {number(rule.interval)} {unit}s{on}"


def _ending(rule: Rule) -> str:
    if rule.count is not None:
        return f", {times(rule.count)} in all"
    return f", until {day(rule.until_on)}" if rule.until_on else ""


def step_done(done: Item) -> tuple[object, ...]:
    """Return that a step of a plan was done or skipped: when, which, what of it, and noted by whom."""
    skipped = done.get("skipped")
    return (
        moment(done.get("done_at")),
        lines(done.get("step"), done.get("plan")),
        lines("Done" if skipped is None else f"Not done: {skipped}", done.get("note")),
        lines(party(done, "recorded"), later("Noted", done.get("done_at"), done.get("recorded_at"))),
    )
