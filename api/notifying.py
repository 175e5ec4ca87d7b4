"""The worker's part in notices: sends what is due by whatever was set up for its way, and keeps what came of it.

No address and no code stands in a log line: a delivery is named by its id.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import orjson

from api.metrics import WorkerMetrics
from api.notification_settings import NotificationSettings
from domain.clock import Clock
from domain.keys.sealing import Sealing
from domain.notifications.address import code_of
from domain.notifications.delivery_commands import (
    DELIVERIES_PER_STEP,
    Claimed,
    claim_deliveries,
    oldest_due_seconds,
    record_accepted,
    record_failed,
    retire_address,
)
from domain.notifications.words import Channel, NoticeKind
from integrations.mail.client import Post
from integrations.notifications.apns.client import Apns
from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.exchange import Line
from integrations.notifications.fcm.client import Fcm
from integrations.notifications.gov_uk_notify.client import Account, Emails, TextMessages
from integrations.notifications.letters import Letters
from integrations.notifications.notice import Arrival, Notice, Receipt
from integrations.notifications.web_push.client import WebPush
from integrations.notifications.web_push.payload import Subscription
from integrations.postgres.client import Database
from integrations.webhooks.client import Caller

_LOG = logging.getLogger("tendwell.notices")
# Not for secrets: so that what failed together is not tried again together.
_CHANCE = secrets.SystemRandom()

Bring = Callable[[str, Notice], Awaitable[Receipt]]
Ask = Callable[[str], Awaitable[Arrival | None]]


@dataclass(frozen=True, slots=True)
class Bringers:
    """Those who bring notices, by channel: no line is open to any before the first notice. To be closed.

    `arrivals`: of those who can tell whether a notice arrived, how they are asked, by their name for it.
    """

    ways: Mapping[Channel, Bring]
    lines: tuple[Line, ...] = field(repr=False, default=())
    arrivals: Mapping[Channel, Ask] = field(repr=False, default_factory=dict)

    async def close(self) -> None:
        """Hang up."""
        for line in self.lines:
            await line.close()


def bringers(settings: NotificationSettings, caller: Caller, post: Post | None, sender: str, clock: Clock) -> Bringers:
    """Return whoever brings notices by the ways that are set up. Letters go by our own mail server, if there is one."""
    ways: dict[Channel, Bring] = {}
    lines: list[Line] = []
    arrivals: dict[Channel, Ask] = {}
    if (push := settings.web_push_sender) is not None:
        ways[Channel.web_push] = _by_web_push(WebPush(push, caller, clock))
    if (key := settings.notify_account) is not None:
        lines.append(Line())
        account = Account(key, clock, lines[-1])
        if settings.notify_text_template is not None:
            ways[Channel.sms] = TextMessages(account, settings.notify_text_template).send
            arrivals[Channel.sms] = account.arrival_of
        if settings.notify_email_template is not None:
            ways[Channel.email] = Emails(account, settings.notify_email_template).send
            arrivals[Channel.email] = account.arrival_of
    if (team := settings.apple_team) is not None:
        lines.append(Line(http2=True))
        ways[Channel.apns] = Apns(team, clock, lines[-1]).send
    if (google := settings.google_account) is not None:
        lines.append(Line())
        ways[Channel.fcm] = Fcm(google, clock, lines[-1]).send
    if post is not None:
        ways[Channel.email] = Letters(post, sender, clock).send
        arrivals.pop(Channel.email, None)
    return Bringers(ways, tuple(lines), arrivals)


def _by_web_push(push: WebPush) -> Bring:
    async def bring(to: str, notice: Notice) -> Receipt:
        return await push.send(Subscription(**orjson.loads(to)), notice)

    return bring


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending notices takes."""

    database: Database
    clock: Clock
    sealing: Sealing
    by: Bringers
    metrics: WorkerMetrics


async def send_notices(sending: Sending) -> None:
    """Attempt what is due, several at a time, and tell how late the rest is."""
    while True:
        async with sending.database.writing() as session:
            step = await claim_deliveries(session, sending.sealing, sending.clock())
        sending.metrics.notices_dropped(step.dropped)
        await asyncio.gather(*(_attempt(sending, claimed) for claimed in step.claimed))
        if step.looked_at < DELIVERIES_PER_STEP:
            break
    async with sending.database.reading() as session:
        sending.metrics.notices_lagged(await oldest_due_seconds(session, sending.clock()))


async def _attempt(sending: Sending, claimed: Claimed) -> None:
    metrics, channel = sending.metrics, claimed.channel.value
    try:
        receipt = await _brought(sending, claimed)
    except AddressEnded as ended:
        async with sending.database.writing() as session:
            await retire_address(session, claimed, ended.reason, sending.clock())
        metrics.notice_ended(channel, "address_ended")
    except NotSent as refused:
        await _note_failure(sending, claimed, refused)
    else:
        async with sending.database.writing() as session:
            can_be_asked = claimed.channel in sending.by.arrivals
            await record_accepted(session, claimed, receipt.reference, sending.clock(), can_be_asked=can_be_asked)
        metrics.notice_ended(channel, "accepted")


async def _brought(sending: Sending, claimed: Claimed) -> Receipt:
    """Return the receipt. Raises NotSent, AddressEnded, NotSetUp."""
    bring = sending.by.ways.get(claimed.channel)
    if bring is None:
        raise NotSetUp("not_set_up_here")
    is_code = claimed.kind is NoticeKind.confirm
    left = claimed.lapses_at - sending.clock()
    notice = Notice(
        id=claimed.notice_id,
        kind=claimed.kind,
        lasts_seconds=max(1, int(left.total_seconds())),
        language=claimed.language,
        is_repeat=claimed.attempts > 1,
        code=code_of(sending.sealing, claimed.subject_id, claimed.due_at) if is_code else "",
    )
    return await bring(claimed.address, notice)


async def _note_failure(sending: Sending, claimed: Claimed, refused: NotSent) -> None:
    async with sending.database.writing() as session:
        is_over = await record_failed(
            session,
            claimed,
            refused.reason,
            sending.clock(),
            can_retry=refused.can_retry,
            chance=_CHANCE.random(),
            asked_seconds=refused.retry_after_seconds,
        )
    sending.metrics.notice_ended(claimed.channel.value, "given_up" if is_over else "failed")
    level = logging.ERROR if is_over or isinstance(refused, NotSetUp) else logging.WARNING
    _LOG.log(
        level, "notice %s (%s) was not sent, try %d: %s", claimed.id, claimed.kind, claimed.attempts, refused.reason
    )
