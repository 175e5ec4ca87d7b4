"""Goals and action plans, as a page tells them. Pure: says what the record says, and judges nothing."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports import told_zones
from api.exports.markup import Html, article, facts, heading, lines, strong, struck, table
from api.exports.plain_words import Item, capital, day, later, moment, number, span, times, worded
from api.exports.told_readings import by_whom, mean, measured, sign_name
from api.exports.told_schedules import schedule_in_words
from domain.questionnaires.catalogue import INSTRUMENTS

_STEPS = ("When", "From", "To", "By", "Note")
_FORMER = ("Until", "The goal", "Why it mattered", "Target", "Its levels", "Changed by", "Note")
_RATINGS = ("When", "Level", "By", "Note")
_SAID = ("When", "What", "By", "In their words")
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
                ("Its levels", _scale(item.get("scale"))),
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
        table("How it was rated", _RATINGS, [_rating(once) for once in item.get("ratings") or []]),
    )


def _scale(scale: Item | None) -> Html:
    if not scale:
        return Html()
    levels = scale.get("levels") or {}
    return lines(
        *(f"{name}: {levels.get(key)}" for key, name in words.LEVELS.items()),
        f"At the start: {scale.get('baseline')}",
        f"Importance: {scale.get('importance')}, difficulty: {scale.get('difficulty')}, from 0 to 3;"
        f" together: {scale.get('weight')}",
    )


def _rating(once: Item) -> tuple[object, ...]:
    counts = "" if once.get("is_of_scale_in_use") else "On levels that were changed since"
    return (
        moment(once.get("rated_at")),
        lines(f"Level: {once.get('level')}", counts),
        party(once, "rated"),
        once.get("note") or "",
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
    """Return "Blood pressure (systolic) below 135 mmHg by 1 June 2026", or how often what is to be done."""
    if not target:
        return ""
    if target.get("counted"):
        how_often = f"{worded(words.TIMES_SIDES, target.get('comparator'))} {times(number(target.get('value')))}"
        return f"Done {how_often} {worded(words.PER, target.get('unit'))} by {day(target.get('due_on'))}"
    part = f" ({target['part']})" if target.get("part") else ""
    side = worded(words.SIDES, target.get("comparator"))
    value = measured(target.get("sign"), target.get("value"), target.get("unit"))
    return f"{sign_name(target.get('sign'))}{part} {side} {value} by {day(target.get('due_on'))}"


def progress(found: Item | None, target: Item) -> Html:
    """Return what the readings show of a goal, and of how many that is said."""
    if not found:
        return Html()
    if found.get("tally"):
        return _done(found, found["tally"])
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


def _done(found: Item, tally: Item) -> Html:
    percent, looked = found.get("percent"), "" if found.get("complete") is True else " (the latest of them)"
    return lines(
        f"On {moment(found.get('as_of'))}: done {_how_often(tally)}",
        tally.get("latest_at") and f"Noted last: {moment(tally['latest_at'])}",
        worded(words.COUNT_ENOUGH, found.get("data")),
        *(
            f"From {day(each.get('from_on'))} to {day(each.get('until_on'))}: done {_how_often(each)}"
            for each in tally.get("periods") or []
        ),
        found.get("judged") and f"Within the target: {found.get('within')} of {found['judged']} that are over{looked}",
        None if percent is None else f"{percent}% of the target",
        worded(words.COUNT_SUGGESTIONS, found.get("suggestion")),
    )


def _how_often(found: Item) -> str:
    return f"{times(found.get('done'))}, not done for a reason {times(found.get('skipped'))}"


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
        _scale(once.get("scale")),
        party(once, "replaced"),
        once.get("note") or "",
    )


def plan(item: Item, goals: dict[str, str]) -> Html:
    """Return a plan: what was agreed, where it stands, its steps and how they are kept to. `goals` are by id."""
    return article(
        heading(item.get("title")),
        facts(
            [
                ("Agreed", day(item.get("agreed_on"))),
                ("Published by", lines(party(item, "published"), moment(item.get("published_at")))),
                ("Version", _version(item)),
                ("Made from", told_zones.made_from(item)),
                ("Where it stands", _plan_stands(item)),
                ("To be looked at again", _review(item)),
                ("To be read", item.get("to_be_acknowledged") and "You have not said yet that you understood it"),
                ("Goals it serves", lines(*_served(item, goals))),
                ("Times of day are those of", item.get("time_zone")),
            ]
        ),
        told_zones.zones(item),
        table("What was said of this version", _SAID, [_said(each) for each in item.get("acknowledgements") or []]),
        table("The steps of this plan", _ACTIONS, [_action(each, goals) for each in item.get("actions") or []]),
    )


def _said(said: Item) -> tuple[object, ...]:
    return (
        lines(moment(said.get("said_at")), later("Noted", said.get("said_at"), said.get("recorded_at"))),
        worded(words.PLAN_ANSWERS, said.get("answer")),
        party(said, "recorded"),
        lines(said.get("note"), *_answered(said.get("answered"))),
    )


def _answered(answered: Item | None) -> list[object]:
    if not answered:
        return []
    by = answered.get("answered_by_name") or "somebody"
    return [f"Answered by {by}, {moment(answered.get('answered_at'))}: {answered.get('note')}"]


def _served(item: Item, goals: dict[str, str]) -> list[str]:
    return [goals.get(str(each), "a goal") for each in item.get("goal_ids") or []]


def _version(item: Item) -> str:
    earlier = ", in the place of an earlier one" if item.get("supersedes_id") else ""
    return f"{item.get('version')}{earlier}"


def _plan_stands(item: Item) -> Html:
    return lines(
        worded(words.PLAN_STANDS, item.get("status")),
        item.get("paused") and "It rests for now",
        item.get("ended_at") and moment(item["ended_at"]),
        item.get("ended_by_name") and f"By: {item['ended_by_name']}",
        item.get("superseded_by_id") and "A newer version took its place",
        item.get("end_reason") and f"Why: {item['end_reason']}",
    )


def _review(item: Item) -> str:
    return day(item.get("review_on")) + (" (overdue)" if item.get("review_overdue") else "")


def _action(action: Item, goals: dict[str, str]) -> tuple[object, ...]:
    kept = action.get("adherence") or {}
    told = [f"{name}: {kept[name]}" for name in ("due", "done", "skipped", "missed") if name in kept]
    told += [f"days paused: {kept['paused_days']}"] if kept.get("paused_days") else []
    during = capital(f"from {day(kept['from_on'])} until {moment(kept.get('until_at'))}") if "from_on" in kept else ""
    return (
        lines(action.get("title"), *(f"For: {goal}" for goal in _served(action, goals))),
        lines(action.get("instructions"), _asked_for(action.get("asks_for") or {})),
        schedule_in_words(action.get("schedule") or {}),
        lines(during, capital(", ".join(told))),
    )


def _asked_for(asked: Item) -> str:
    """Return what is to be recorded, if anything."""
    of = str(asked.get("of"))
    match asked.get("kind"):
        case "reading":
            return f"To be recorded: {sign_name(of)}"
        case "questionnaire":
            known = INSTRUMENTS.get(of)
            return f"To be answered: {of if known is None else known.questionnaire.title}"
        case "diary_entry":
            return "To be noted in the diary"
        case other:
            return capital(str(other or ""))


def step_done(done: Item) -> tuple[object, ...]:
    """Return that a step of a plan was done or skipped: when, which, what of it, noted by whom, and if it counts."""
    skipped, in_error = done.get("skipped"), done.get("status") == "entered-in-error"
    counts = struck if in_error else strong
    return (
        moment(done.get("done_at")),
        lines(done.get("step"), done.get("plan")),
        lines(counts("Done" if skipped is None else f"Not done: {skipped}"), done.get("note")),
        lines(
            party(done, "recorded"),
            later("Noted", done.get("done_at"), done.get("recorded_at")),
            in_error and f"Entered in error: {done.get('retraction_reason')}",
            in_error and f"By {done.get('retracted_by_name') or 'somebody'}, {moment(done.get('retracted_at'))}",
        ),
    )


def pause(item: Item, plans: dict[str, str]) -> tuple[object, ...]:
    """Return a pause: from when until when, of which plan, why, and by whom. `plans` are titles by id."""
    until = item.get("until_on")
    ended = item.get("due_again_on")
    return (
        lines(
            f"From {day(item.get('from_on'))}",
            until and f"until {day(until)}",
            ended
            and f"Things were due again from {day(ended)}: ended by {item.get('ended_by_name') or 'somebody'},"
            f" {moment(item.get('ended_at'))}",
        ),
        plans.get(str(item["plan_id"]), "A plan") if item.get("plan_id") else "All plans",
        lines(worded(words.PAUSES, item.get("kind")), item.get("reason")),
        lines(party(item, "made"), moment(item.get("made_at"))),
    )


def time_zone(item: Item) -> tuple[object, ...]:
    """Return a time zone that was chosen: which, from which day on, and by whom."""
    chosen = by_whom(words.BASES, item.get("set_as"), item.get("set_by_name"))
    return item.get("time_zone"), day(item.get("from_on")), lines(chosen, moment(item.get("set_at")))
