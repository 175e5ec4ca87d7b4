"""What was found, as Markdown: the run, every goal with its verdict, what is not met, each figure beside its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.goals import AIMS, Goal
from benchmarks.projection import Assumptions, NotMeasured
from benchmarks.projection_tables import tables
from benchmarks.results import Kept, measured_in

_WHAT = (
    "`make bench`: everything on one machine, load generator on the same cores; PostgreSQL 18 with synchronous_commit"
    " on; authentication, authorisation, row security, audit and event log on; of alerts, which the goals"
    " include, there are none yet. Read the ratios."
)


def report(kept: Mapping[str, Kept]) -> str:
    """Return the whole report. Parts of different runs are told apart row by row."""
    goals = sorted(
        (goal for each in kept.values() for goal in each.found.goals), key=lambda g: list(AIMS).index(g.name)
    )
    sections = [
        f"# Results\n\n{_WHAT}\n\n{_runs(kept)}",
        _goal_table(goals, kept),
        _not_met(goals),
        *(_part(part, each) for part, each in kept.items() if each.found.comparisons or each.found.stored),
        f"## What many patients would need\n\n{_projected(kept)}",
    ]
    return "\n\n".join(sections) + "\n"


def _is_one_run(kept: Mapping[str, Kept]) -> bool:
    """Return whether all was measured of one commit, on one machine, so set, on one day."""
    return (
        len(
            {
                (each.run.at[:10], each.run.machine, each.run.commit, each.run.settings, each.run.load)
                for each in kept.values()
            }
        )
        == 1
    )


def _runs(kept: Mapping[str, Kept]) -> str:
    if _is_one_run(kept):
        run = next(iter(kept.values())).run
        return f"One run: {run.told}."
    rows = [f"| {part} | {_cells(each)} |" for part, each in kept.items()]
    head = ["| part | when | machine | commit | set | beside |", "|---|---|---|---|---|---|"]
    return "**The parts are not of one run**, or were shortened; each row says its own:\n\n" + "\n".join([*head, *rows])


def _cells(each: Kept) -> str:
    return f"{each.run.at} | {each.run.machine} | {each.run.commit} | {each.run.settings} | {each.run.beside}"


def _goal_table(goals: Sequence[Goal], kept: Mapping[str, Kept]) -> str:
    is_one = _is_one_run(kept)

    def where(goal: Goal) -> str:
        run = kept[goal.aim.part].run
        return goal.aim.part if is_one else f"{goal.aim.part}, {run.at}, {run.commit}"

    rows = [f"| {g.title} | {g.ours} | {g.aim.told} | {g.verdict} | {where(g)} |" for g in goals]
    return "\n".join(["| what | ours | goal | verdict | part |", "|---|---|---|---|---|", *rows])


def _not_met(goals: Sequence[Goal]) -> str:
    missed = [f"- {g.title}: {g.ours}, goal {g.aim.told}: {g.verdict}" for g in goals if g.is_met is False]
    unknown = [f"- {g.title}: {g.ours}, goal {g.aim.told}: {g.verdict}" for g in goals if g.is_met is None]
    met = sum(goal.is_met is True for goal in goals)
    told = [f"## Not met\n\n{met} of {len(goals)} goals are met, {len(missed)} are not, {len(unknown)} not known."]
    told += ["\n".join(missed)] if missed else []
    told += ["Not known:\n\n" + "\n".join(unknown)] if unknown else []
    return "\n\n".join(told)


def _part(part: str, each: Kept) -> str:
    told = [f"## Measured: {part}\n\n{each.run.told}."]
    if each.found.comparisons:
        head = ["| what | ours | limit | ratio |", "|---|---|---|---|"]
        told.append("\n".join([*head, *each.found.comparisons]))
    if each.found.stored:
        head = ["| storage, indexes included | bytes a reading | of these |", "|---|---|---|"]
        told.append("\n".join([*head, *each.found.stored]))
    return "\n\n".join(told)


def _projected(kept: Mapping[str, Kept]) -> str:
    try:
        return tables(measured_in(kept), Assumptions())
    except NotMeasured as error:
        return f"Not projected; {error}"
