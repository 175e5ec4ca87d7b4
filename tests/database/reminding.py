"""Rose, who wants to be reminded, her plan, and a worker whose clock a test turns; nobody is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from api.metrics import WorkerMetrics
from api.notifying import Ask, Bringers, Sending, send_notices
from api.reminding import queue_reminders
from api.run.first_secrets import new_secret
from domain.keys.sealing import Sealing
from domain.notifications.address import NewAddress
from domain.notifications.address_commands import keep_address
from domain.notifications.preference_commands import choose_preference
from domain.notifications.preference_queries import Preference, preference_of
from domain.notifications.quiet_hours import QuietHours
from domain.notifications.words import CHOOSABLE, Channel, Language, NoticeKind
from domain.plans.plan_commands import NewAction, NewPlan, publish_plan
from domain.plans.schedule import schedule_of
from integrations.notifications.notice import Notice, Receipt
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role, in_role
from tests.cast import Cast

ASHA, ROSE, SAM = "asha_clinician_of_practice", "rose_herself", "sam_himself"
LONDON = ZoneInfo("Europe/London")
SEALING = Sealing.of(new_secret())


@dataclass
class Scene:
    """A committed cast, the clock that the worker goes by, and what was brought to whom."""

    database: Database
    cast: Cast
    at: datetime
    worker: Database
    brought: list[tuple[str, Notice]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    sealing: Sealing = SEALING

    @classmethod
    def of(cls, database: Database, cast: Cast) -> Scene:
        """Return the scene at the cast's present."""
        worker = in_role(database.url, Limits(pool_size=4), Role.worker, strictly=False)
        return cls(database, cast, cast.now, worker)

    def clock(self) -> datetime:
        """Return the instant that it is."""
        return self.at

    async def bring(self, to: str, notice: Notice) -> Receipt:
        """Note what was brought, or fail as a test wants."""
        if self.fails:
            raise self.fails.pop(0)
        self.brought.append((to, notice))
        return Receipt("theirs")

    async def work(self, at: datetime | None = None, arrivals: Mapping[Channel, Ask] | None = None) -> None:
        """Have the worker do a round at an instant; `arrivals`: who can be asked whether something arrived."""
        self.at = at or self.at
        by = Bringers(dict.fromkeys(Channel, self.bring), arrivals=arrivals or {})
        await queue_reminders(self.worker, self.clock)
        await send_notices(Sending(self.worker, self.clock, self.sealing, by, WorkerMetrics()))

    async def work_until(self, until: datetime, every: timedelta) -> None:
        """Have the worker do rounds until an instant."""
        while self.at < until:
            await self.work(min(self.at + every, until))

    async def wants(
        self,
        *kinds: NoticeKind,
        who: str = ROSE,
        ways: frozenset[Channel] = frozenset({Channel.web_push}),
        quiet: QuietHours | None = None,
        language: Language = Language.english,
    ) -> None:
        """Have somebody choose these kinds, and nothing else."""
        async with self.database.writing() as session:
            actor = self.cast.actor(who, at=self.at)
            before = await preference_of(session, actor.account_id)
            chosen = {kind: ways if kind in kinds else frozenset[Channel]() for kind in CHOOSABLE}
            await choose_preference(session, actor, Preference(chosen, quiet, language), frozenset({before.version}))

    async def has(self, channel: Channel = Channel.web_push, text: str = "{}", who: str = ROSE) -> UUID:
        """Return the id of somebody's address."""
        async with self.database.writing() as session:
            new = NewAddress(channel, "A phone", text)
            return (await keep_address(session, self.cast.actor(who, at=self.at), new, self.sealing)).id

    async def publish(self, *times: time, rrule: str = "FREQ=DAILY", **but: Any) -> UUID:
        """Return the id of a plan of Rose's with one action at these times of day, from today on."""
        today = self.at.astimezone(LONDON).date()
        action = NewAction("Weigh yourself", None, schedule_of(rrule, today, times))
        new = NewPlan("A plan", today, today + timedelta(days=30), (), but.pop("actions", (action,)), **but)
        async with self.database.writing() as session:
            return await publish_plan(session, self.cast.actor(ASHA, at=self.at), self.rose, new)

    @property
    def rose(self) -> UUID:
        """Return Rose."""
        return self.cast.patients["rose_resident"]

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """Return what the database says."""
        async with self.database.reading() as session:
            return list((await session.execute(text(sql), values)).all())

    async def do(self, sql: str, **values: Any) -> None:
        """Have something done in the database that no command of ours does."""
        async with self.database.writing() as session:
            await session.execute(text(sql), values)

    async def states(self) -> list[tuple[str, str | None]]:
        """Return what became of each delivery, by when it was due."""
        rows = await self.rows(
            "select d.state, d.reason from notice_delivery d join notice n on n.id = d.notice_id"
            " order by n.due_at, d.id"
        )
        return [(row.state, row.reason) for row in rows]


def at_home(day: datetime, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Return the instant of an hour in London, so many days after the day of an instant."""
    on = day.astimezone(LONDON).date() + timedelta(days=days)
    return datetime.combine(on, time(hour, minute), LONDON)
