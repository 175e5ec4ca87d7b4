"""The background work of an installation: numbering events, sealing the audit trail, tidying up, taking imports on.

Several workers may run against one database. A piece that fails is tried again with growing pauses, and keeps no other
from its work. Each piece of work runs in short transactions of its own, because a long writing transaction anywhere
holds the live feed back. All of it goes by the database's clock, not by the machine's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from api.arriving import ask_what_arrived
from api.exports.gathering import Means, advance_exports
from api.key_check import KeyCheck
from api.links import Links
from api.log_lines import describe, event_line
from api.mailing import send_due_letters, write_reset_letters
from api.metrics import WorkerMetrics
from api.notifying import Bringers, Sending, bringers, send_notices
from api.relay import run_relay
from api.reminding import queue_reminders
from api.seal_lag import known_lag
from api.sealing import SEAL_PAUSE_SECONDS, AuditSealing
from api.settings import Settings, SettingsRefused
from api.summaries import SUMMARIES_PAUSE_SECONDS, summarise
from api.traced import close_tracer, opened_tracer, traced_database, traced_databases, traced_steps, traced_work
from api.webhook_calls import call_webhooks, follow_for_webhooks
from domain.accounts.invitation_commands import forget_old_invitations
from domain.accounts.passkey_commands import forget_lapsed_challenges
from domain.accounts.password_reset_commands import forget_lapsed_resets
from domain.accounts.provider_commands import forget_lapsed_provider_sign_ins
from domain.accounts.session_commands import forget_lapsed
from domain.accounts.throttle_commands import forget_old_attempts
from domain.audit.month_commands import MONTHS_AT_ONCE, open_months
from domain.clock import Clock
from domain.events.commands import EVENTS_PER_STEP, FEED_CHANNEL, forget_events
from domain.keys.sealing import Sealing
from domain.mail.commands import forget_old_letters
from domain.notifications.delivery_commands import forget_notices
from domain.outcomes.import_steps import advance_imports
from domain.people.review_commands import REMINDERS_PER_STEP, remind_of_reviews, tell_delegates, tell_of_unattended
from domain.repeats.commands import forget_replies
from domain.webhooks.delivery_commands import forget_deliveries
from integrations.mail.client import FolderPost, Post, SmtpPost, read_server
from integrations.nats.client import Doorbell
from integrations.postgres.client import Database, require_wanted
from integrations.postgres.clock import DatabaseClock
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.roles import Databases, Role, in_role, why_unusable
from integrations.webhooks.client import Caller

# At 50 events a second about five and a half hours within which a client can resume; about 150 MB.
EVENTS_KEPT = 1_000_000
REPLIES_PER_STEP = 1_000
HOUSEKEEPING_SECONDS = 60.0
IMPORT_PAUSE_SECONDS = 1.0
EXPORT_PAUSE_SECONDS = 2.0
WEBHOOK_PAUSE_SECONDS = 1.0
MAIL_PAUSE_SECONDS = 1.0
NOTICE_PAUSE_SECONDS = 1.0
ARRIVAL_PAUSE_SECONDS = 15.0
REMINDING_PAUSE_SECONDS = 5.0
RETRY_SECONDS = 2.0
# Of a piece that fails; the longest is half of the time after which it is told to stand still.
FIRST_FAILURE_PAUSE_SECONDS = 1.0
LONGEST_FAILURE_PAUSE_SECONDS = 300.0
# Beyond these the limit holds anyway; work that fails for days must not outgrow a float.
_MOST_DOUBLINGS = 20

_LOG = logging.getLogger("tendwell.worker")


async def run(settings: Settings) -> None:
    """Work until cancelled.

    Raises UnsupportedServer when row security does not hold and, in production, when the server may forget what it has
    committed: a number told to a client would later name another event; and when a stored secret does not open. Where
    the database is away at the start, what is found wrong with it later keeps all work waiting, and is logged.
    """
    url, limits = settings.database_url.get_secret_value(), settings.database_limits("tendwell-worker")
    strictly = settings.environment == "production"
    secrets = Sealing.of(settings.encryption_key.get_secret_value())
    check = KeyCheck(url, limits, secrets)
    tracer = opened_tracer(settings.traces, "tendwell-worker", settings.traces_share)
    ours = in_role(url, limits, Role.worker, strictly=strictly, also=check.admit)
    database = traced_database(ours, tracer, Role.worker)
    records = traced_databases(Databases.at(url, limits, strictly=strictly, also=check.admit), tracer)
    doorbell = None if settings.nats_url is None else Doorbell(settings.nats_url.get_secret_value(), FEED_CHANNEL)
    links, metrics, clock = Links(settings.public_url), WorkerMetrics(), DatabaseClock(database)
    stop_telling = _tell(metrics, settings)
    caller, post = Caller(loopback=settings.webhook_loopback), _post(settings)
    by = bringers(settings, caller, post, settings.mail_from, clock)
    try:
        # What makes the database unusable for now only delays each piece of work.
        await why_unusable({database, *records.each()})
        _LOG.info("the worker has started")
        async with asyncio.TaskGroup() as work:
            ring = None if doorbell is None else doorbell.ring
            stepped = traced_steps(tracer, "relay.step", Role.worker)
            work.create_task(run_relay(database, ring, metrics, stepped))
            means = Means(database, records, clock, secrets, links.to_copies)
            for piece in _pieces(settings, means, links, metrics, by):
                traced = replace(piece, work=traced_work(piece.name, in_time(clock, piece.work), tracer))
                work.create_task(_repeat(traced, metrics))
    finally:
        stop_telling()
        await by.close()
        if doorbell is not None:
            await doorbell.close()
        await records.close()
        await database.close()
        await close_tracer(tracer)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of background work: what is done, and how long after it is done with it is done again."""

    name: str
    work: Callable[[], Awaitable[None]]
    pause_seconds: float


def in_time(clock: DatabaseClock, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Return the same work, for each round of which the clock is set."""

    async def round_of_work() -> None:
        await clock.be_set()
        await work()

    return round_of_work


def _pieces(settings: Settings, means: Means, links: Links, metrics: WorkerMetrics, by: Bringers) -> tuple[Piece, ...]:
    """Return all that is done again and again, besides numbering events."""
    database, secrets, clock = means.database, means.sealing, means.clock
    caller = Caller(loopback=settings.webhook_loopback)
    sealing = AuditSealing(database, clock, secrets, settings.public_url, settings.checkpoint_dir)
    letters = _mail_work(settings, means.records.identity, clock)
    notices = Sending(database, clock, secrets, by, metrics)
    return (
        Piece("tidying", lambda: tidy(database, clock), HOUSEKEEPING_SECONDS),
        Piece("sealing", lambda: seal(sealing, metrics), SEAL_PAUSE_SECONDS),
        Piece("imports", lambda: _import(database, clock), IMPORT_PAUSE_SECONDS),
        Piece("copies", lambda: _export(means), EXPORT_PAUSE_SECONDS),
        Piece("webhooks_followed", lambda: follow_for_webhooks(database, clock), WEBHOOK_PAUSE_SECONDS),
        Piece("webhooks_called", lambda: call_webhooks(database, clock, secrets, caller), WEBHOOK_PAUSE_SECONDS),
        Piece("reminders", lambda: remind(database, secrets, links, clock), HOUSEKEEPING_SECONDS),
        Piece("letters", letters, MAIL_PAUSE_SECONDS),
        Piece("notices_queued", lambda: queue_reminders(database, clock), REMINDING_PAUSE_SECONDS),
        Piece("notices", lambda: send_notices(notices), NOTICE_PAUSE_SECONDS),
        Piece("notices_asked_about", lambda: ask_what_arrived(notices), ARRIVAL_PAUSE_SECONDS),
        Piece("months", lambda: make_months(database, clock, metrics), HOUSEKEEPING_SECONDS),
        Piece("summaries", lambda: summarise(database, clock), SUMMARIES_PAUSE_SECONDS),
    )


def _tell(metrics: WorkerMetrics, settings: Settings) -> Callable[[], None]:
    """Tell the figures where the settings say; return what ends that. Raises SettingsRefused."""
    address = settings.worker_metrics_address
    if address is None:
        return lambda: None
    try:
        return metrics.serve(*address)
    except (OSError, OverflowError) as error:
        raise SettingsRefused(f"TENDWELL_WORKER_METRICS: nobody can listen there ({type(error).__name__}).") from error


async def tidy(database: Database, clock: Clock, *, events_kept: int = EVENTS_KEPT) -> None:
    """Delete what nobody can use any more: events too old to resume from, lapsed tickets and sessions."""
    forgotten = EVENTS_PER_STEP
    while forgotten == EVENTS_PER_STEP:
        async with database.writing() as session:
            forgotten = await forget_events(session, keep=events_kept)
    forgotten = REPLIES_PER_STEP
    while forgotten == REPLIES_PER_STEP:
        async with database.writing() as session:
            forgotten = await forget_replies(session, at=clock(), most=REPLIES_PER_STEP)
    forgotten = REPLIES_PER_STEP
    while forgotten == REPLIES_PER_STEP:
        async with database.writing() as session:
            forgotten = await forget_deliveries(session, at=clock(), most=REPLIES_PER_STEP)
    forgotten = REPLIES_PER_STEP
    while forgotten == REPLIES_PER_STEP:
        async with database.writing() as session:
            forgotten = await forget_notices(session, at=clock(), most=REPLIES_PER_STEP)
    async with database.writing() as session:
        await forget_lapsed(session, at=clock())
        await forget_lapsed_resets(session, at=clock())
        await forget_lapsed_challenges(session, at=clock())
        await forget_lapsed_provider_sign_ins(session, at=clock())
        await forget_old_invitations(session, at=clock())
        await forget_old_letters(session, at=clock())
    async with database.writing() as session:
        await forget_old_attempts(session, at=clock())


async def seal(sealing: AuditSealing, metrics: WorkerMetrics) -> None:
    """Tell how late the sealing is, before anything can go wrong with it, and seal.

    Where that cannot be asked: for how long something may have waited.
    """
    lag = await known_lag(sealing.database)
    metrics.seal_lagged(sealing.unfinished_seconds if lag is None else lag)
    await sealing.step()


async def make_months(database: Database, clock: Clock, metrics: WorkerMetrics) -> None:
    """Make the months that the audit trail will stand in, each by itself, and tell until when there are any."""
    for _ in range(MONTHS_AT_ONCE):
        async with database.writing() as session:
            months = await open_months(session, clock())
        metrics.months_made(months.covered_until, months.unplaced)
        if not months.made:
            return


async def remind(database: Database, sealing: Sealing, links: Links, clock: Clock) -> None:
    """Write the letters that remind of delegations by law before they end, and tell where nobody can look at them."""
    for writing_letters in (
        partial(remind_of_reviews, page=links.to_reviews),
        partial(tell_of_unattended, page=links.to_accounts),
        tell_delegates,
    ):
        reminded = REMINDERS_PER_STEP
        while reminded == REMINDERS_PER_STEP:
            async with database.writing() as session:
                reminded = await writing_letters(session, sealing, at=clock())


def _mail_work(settings: Settings, database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Return the work with letters; without a mail server or a folder they are written, and wait."""
    sealing, links = Sealing.of(settings.encryption_key.get_secret_value()), Links(settings.public_url)
    post = _post(settings)
    if post is None:
        _LOG.warning("neither TENDWELL_SMTP_URL nor TENDWELL_MAIL_DIR is set: letters wait, and nobody gets any")

    async def work() -> None:
        await write_reset_letters(database, sealing, clock, links)
        if post is not None:
            await send_due_letters(database, post, sealing, clock, sender=settings.mail_from)

    return work


def _post(settings: Settings) -> Post | None:
    if settings.smtp_url is not None:
        return SmtpPost(read_server(settings.smtp_url.get_secret_value()))
    return None if settings.mail_dir is None else FolderPost(settings.mail_dir)


async def _import(database: Database, clock: Clock) -> None:
    while await advance_imports(database.writing, clock):
        pass


async def _export(copying: Means) -> None:
    while await advance_exports(copying):
        pass


async def _repeat(piece: Piece, metrics: WorkerMetrics) -> None:
    """Do a piece of work again and again; the database's absence only delays it, and so does a defect."""
    work, failures = piece.name, 0
    metrics.is_to_do(work)
    while True:
        pause = piece.pause_seconds
        try:
            await piece.work()
            metrics.worked(work)
            failures = 0
        except DatabaseUnavailable as error:
            require_wanted()
            _LOG.warning("the database cannot be used (%s): background work waits", type(error).__name__)
            metrics.put_off(work)
            pause = RETRY_SECONDS
        except Exception as error:  # noqa: BLE001 - one row that nobody foresaw must not end the live feed
            require_wanted()
            failures += 1
            pause = failure_pause(failures)
            metrics.failed(work)
            _LOG.error(event_line("error", work=work, failures=failures, again_in_seconds=pause, error=describe(error)))
        await asyncio.sleep(pause)


def failure_pause(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: twice as long each time, up to a limit."""
    pause: float = FIRST_FAILURE_PAUSE_SECONDS * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return min(pause, LONGEST_FAILURE_PAUSE_SECONDS)
