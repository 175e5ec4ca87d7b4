"""How people are told that something is there for them, as clients see it: ways, addresses, choices and receipts."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import orjson
from pydantic import ConfigDict, Field

from api.schemas.action_plans import TimeOfDay
from api.schemas.strict import Choice, In, Line, Out
from domain.errors import Fault, Invalid
from domain.notifications.address import NewAddress, mobile_number
from domain.notifications.address_queries import Address
from domain.notifications.preference_queries import Preference
from domain.notifications.quiet_hours import QuietHours
from domain.notifications.receipt_queries import Receipt
from domain.notifications.words import CHOOSABLE, Channel, Language, NoticeKind
from integrations.webhooks.errors import TargetRefused
from integrations.webhooks.target import read_target

# A point of P-256 and sixteen bytes (RFC 8291), as a browser's PushSubscription.toJSON() tells them.
_POINT, _SECRET = "^[A-Za-z0-9_-]{87}=?$", "^[A-Za-z0-9_-]{22}={0,2}$"


class SubscriptionKeysIn(In):
    """A browser's keys, with which what it is told is encrypted."""

    p256dh: Annotated[str, Field(pattern=_POINT, repr=False)]
    auth: Annotated[str, Field(pattern=_SECRET, repr=False)]


class SubscriptionIn(In):
    """A browser's `PushSubscription.toJSON()`, without `expirationTime`."""

    endpoint: Annotated[str, Field(min_length=1, max_length=500, pattern="^[!-~]+$", repr=False)]
    keys: SubscriptionKeysIn


class NoticeAddressIn(In):
    """Where the caller wants to be told something, and what they call it. With the one member that the channel has.

    `web_push`: `subscription`. `apns`, `fcm`: `token`. `sms`: `number`. `email` has none: it goes to the account's
    own address. A code is sent to a number and to a mailbox, to be given back.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"channel": "sms", "name": "My mobile", "number": "07700 900123"},
                {
                    "channel": "web_push",
                    "name": "My tablet",
                    "subscription": {
                        "endpoint": "https://push.example/send/one-browser",
                        "keys": {
                            "p256dh": "B" + 86 * "k",
                            "auth": 22 * "a",
                        },
                    },
                },
            ]
        }
    )

    channel: Choice[Channel]
    name: Line
    subscription: SubscriptionIn | None = None
    token: Annotated[str, Field(min_length=1, max_length=4096, pattern="^[!-~]+$")] | None = Field(None, repr=False)
    number: Annotated[str, Field(min_length=1, max_length=30, pattern="^[0-9+() -]+$")] | None = Field(None, repr=False)

    def to_new_address(self, *, loopback: bool) -> NewAddress:
        """Return the address as the domain takes it. Raises Invalid where it is not what its channel has."""
        channel = Channel(self.channel)
        given = {name for name in ("subscription", "token", "number") if getattr(self, name) is not None}
        if given != _MEMBER[channel]:
            [*missing] = _MEMBER[channel] or given
            fault = Fault(f"/{missing[0]}", "not_of_channel", "Give what this channel needs, and nothing else.")
            raise Invalid("The address is not one of this channel.", [fault])
        if self.subscription is not None:
            return NewAddress(channel, self.name, _subscription(self.subscription, loopback=loopback))
        return NewAddress(channel, self.name, self.token or (mobile_number(self.number) if self.number else ""))


_MEMBER: dict[Channel, set[str]] = {
    Channel.web_push: {"subscription"},
    Channel.apns: {"token"},
    Channel.fcm: {"token"},
    Channel.sms: {"number"},
    Channel.email: set(),
}


def _subscription(given: SubscriptionIn, *, loopback: bool) -> str:
    """Return a subscription as it is kept. Raises Invalid for an endpoint that is never called."""
    try:
        read_target(given.endpoint, loopback=loopback)
    except TargetRefused as refused:
        fault = Fault("/subscription/endpoint", refused.code, refused.message)
        raise Invalid("The browser cannot be told anything there.", [fault]) from None
    keys = given.keys
    told = {"endpoint": given.endpoint, "p256dh": keys.p256dh.rstrip("="), "auth": keys.auth.rstrip("=")}
    return orjson.dumps(told).decode()


class AddressCodeIn(In):
    """The six digits that were sent to an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "492039"}]})

    code: Annotated[str, Field(pattern="^[0-9]{6}$", repr=False)]


class NoticeAddressOut(Out):
    """Where the caller can be told something, by what they call it; `confirmed_at` is null until its code came back."""

    id: UUID
    channel: Channel
    name: str
    made_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, found: Address) -> Self:
        """Return the address as its holder sees it."""
        return cls.model_validate(found, from_attributes=True)


class NoticeAddressList(Out):
    """All of the caller's addresses."""

    items: list[NoticeAddressOut]


class NoticeChannelsOut(Out):
    """By which ways this installation can tell anybody something, and the key that a browser subscribes with."""

    offered: list[Channel]
    web_push_public_key: str | None


class ChosenWaysIn(In):
    """By which ways the caller is told of one kind; none: not at all."""

    kind: Choice[NoticeKind]
    channels: list[Choice[Channel]] = Field(max_length=len(Channel))


class NoticePreferenceIn(In):
    """What the caller is told of and how: each kind that is not named, not at all. Quiet hours are by their own clock.

    What is due in quiet hours is told when they end, if it is still to be done.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chosen": [{"kind": "something_due", "channels": ["web_push", "sms"]}],
                    "quiet_from": "21:00",
                    "quiet_until": "08:00",
                    "language": "cy",
                }
            ]
        }
    )

    chosen: list[ChosenWaysIn] = Field(max_length=len(CHOOSABLE))
    quiet_from: TimeOfDay | None = None
    quiet_until: TimeOfDay | None = None
    language: Choice[Language] = Language.english

    def to_preference(self) -> Preference:
        """Return the choice as the domain takes it. Raises Invalid."""
        kinds = [NoticeKind(each.kind) for each in self.chosen]
        for place, kind in enumerate(kinds):
            if kind not in CHOOSABLE or kind in kinds[:place]:
                fault = Fault(f"/chosen/{place}/kind", "not_to_be_chosen", "Name each kind that can be chosen once.")
                raise Invalid("This cannot be chosen so.", [fault])
        ways = {NoticeKind(each.kind): frozenset(map(Channel, each.channels)) for each in self.chosen}
        chosen = {kind: ways.get(kind, frozenset()) for kind in CHOOSABLE}
        return Preference(chosen, self._quiet(), Language(self.language))

    def _quiet(self) -> QuietHours | None:
        if self.quiet_from is None and self.quiet_until is None:
            return None
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            fault = Fault("/quiet_until", "quiet_hours_unfit", "Give a beginning and another end, or neither.")
            raise Invalid("These are no quiet hours.", [fault])
        return QuietHours(self.quiet_from, self.quiet_until)


class ChosenWaysOut(Out):
    """By which ways the caller is told of one kind."""

    kind: NoticeKind
    channels: list[Channel]


class NoticePreferenceOut(Out):
    """What the caller is told of and how, and by which ways this installation can tell anybody something at all."""

    chosen: list[ChosenWaysOut]
    quiet_from: str | None
    quiet_until: str | None
    language: Language
    offered: list[Channel]

    @classmethod
    def of(cls, found: Preference, offered: frozenset[Channel]) -> Self:
        """Return the choice as its holder sees it."""
        return cls(
            chosen=[ChosenWaysOut(kind=kind, channels=in_order(ways)) for kind, ways in found.chosen.items()],
            quiet_from=None if found.quiet is None else found.quiet.begin.isoformat("minutes"),
            quiet_until=None if found.quiet is None else found.quiet.end.isoformat("minutes"),
            language=found.language,
            offered=in_order(offered),
        )


class ReceiptOut(Out):
    """A notice on its way to one address. `accepted`: whoever brings it has taken it; no more is known.

    `delivered`: it reached the telephone or the mailbox, not that anybody has seen it; only GOV.UK Notify ever tells.
    `waiting`: it is sent, or tried again, at `next_at`. `failed`: nobody took it, or it did not arrive. `dropped`: what
    it would have said no longer held, or is not wanted any more. `reason` says why.
    """

    id: UUID
    notice_id: UUID
    kind: NoticeKind
    due_at: datetime
    channel: Channel
    address: str
    state: str
    reason: str | None
    attempts: int
    settled_at: datetime | None
    next_at: datetime | None

    @classmethod
    def of(cls, found: Receipt) -> Self:
        """Return the receipt as its holder sees it."""
        return cls.model_validate(found, from_attributes=True)


class ReceiptPage(Out):
    """A page of what the caller was told in the last 30 days, the latest first."""

    items: list[ReceiptOut]
    next_cursor: str | None


def in_order(channels: frozenset[Channel]) -> list[Channel]:
    """Return channels in the order in which they are always told."""
    return [each for each in Channel if each in channels]
