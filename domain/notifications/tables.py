"""Storage shapes of how people are told something, and of what they were told. Private to this context."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)
_CHANNELS = "('web_push', 'apns', 'fcm', 'sms', 'email')"


class NoticePreferenceRow(SQLModel, table=True):
    """What an account wants to be told of and how: each `kind/channel`. Without a row: nothing."""

    __tablename__ = "notice_preference"
    __table_args__ = (
        CheckConstraint("cardinality(chosen) <= 20", name="notice_preference_chosen_number"),
        CheckConstraint("language in ('en', 'cy')", name="notice_preference_language_known"),
        CheckConstraint("num_nulls(quiet_from, quiet_until) in (0, 2)", name="notice_preference_quiet_whole"),
        CheckConstraint("quiet_from <> quiet_until", name="notice_preference_quiet_not_always"),
    )

    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), primary_key=True))
    chosen: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    quiet_from: time | None = Field(default=None, sa_column=Column(Time))
    quiet_until: time | None = Field(default=None, sa_column=Column(Time))
    language: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))


class NoticeAddressRow(SQLModel, table=True):
    """Where an account can be told something: a browser, an app, a telephone; sealed, and empty once it has ended.

    Empty also for email, which goes to the account's own address. `mark` is a keyed hash of the address.
    """

    __tablename__ = "notice_address"
    __table_args__ = (
        CheckConstraint(f"channel in {_CHANNELS}", name="notice_address_channel_known"),
        CheckConstraint("char_length(name) between 1 and 200", name="notice_address_name_length"),
        CheckConstraint("(ended_at is null) = (end_reason is null)", name="notice_address_end_whole"),
        CheckConstraint(
            "(sealed is null) = (channel = 'email' or ended_at is not null)", name="notice_address_until_ended"
        ),
        Index("notice_addresses_of_account", "account_id", "id"),
        Index(
            "notice_address_told",
            "mark",
            unique=True,
            postgresql_where=text("ended_at is null and confirmed_at is not null"),
        ),
        Index("notice_address_once", "account_id", "mark", unique=True, postgresql_where=text("ended_at is null")),
        Index("notice_addresses_ended", "ended_at", postgresql_where=text("ended_at is not null")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    channel: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    mark: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    code_failures: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    end_reason: str | None = Field(default=None, sa_column=Column(Text))


class NoticeRow(SQLModel, table=True):
    """That an account is to be told of something, once: of a kind, about a subject, as it is due at an instant."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(
            "kind in ('something_due', 'something_new', 'message', 'try_out', 'confirm')", name="notice_kind_known"
        ),
        CheckConstraint("lapses_at > due_at", name="notice_lapses_after"),
        Index("each_notice_once", "account_id", "kind", "subject_id", "due_at", unique=True),
        Index("notices_by_age", "queued_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    kind: str = Field(sa_column=Column(Text, nullable=False))
    subject_id: UUID
    due_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    queued_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    lapses_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class NoticeActionRow(SQLModel, table=True):
    """An action that a notice is about: the how-manieth of its day, and from when until when that day is."""

    __tablename__ = "notice_action"
    __table_args__ = (CheckConstraint("number >= 1", name="notice_action_number"),)

    notice_id: UUID = Field(sa_column=Column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True))
    action_id: UUID = Field(sa_column=Column(ForeignKey("action.id"), primary_key=True))
    on_day: date = Field(sa_column=Column(Date, nullable=False))
    number: int = Field(sa_column=Column(SmallInteger, nullable=False))
    from_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    until_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class NoticeDeliveryRow(SQLModel, table=True):
    """A notice on its way to one address; `next_at` is empty once it was taken, or is not to be tried again.

    `ask_at`: when whoever took it is to be asked whether it arrived; empty where they cannot tell, or have told.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'accepted', 'delivered', 'failed', 'dropped')", name="notice_delivery_state_known"
        ),
        CheckConstraint(
            "ask_at is null or (state = 'accepted' and reference is not null)",
            name="notice_delivery_asked_of_what_was_taken",
        ),
        CheckConstraint("(state = 'waiting') = (next_at is not null)", name="notice_delivery_waits_or_not"),
        CheckConstraint("attempts >= 0", name="notice_delivery_attempts"),
        Index("notice_delivery_once", "notice_id", "address_id", unique=True),
        Index("notice_deliveries_of_address", "address_id"),
        Index("notice_deliveries_due", "next_at", "id", postgresql_where=text("next_at is not null")),
        Index("notice_deliveries_to_ask_about", "ask_at", "id", postgresql_where=text("ask_at is not null")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notice_id: UUID = Field(sa_column=Column(ForeignKey("notice.id", ondelete="CASCADE"), nullable=False))
    address_id: UUID = Field(sa_column=Column(ForeignKey("notice_address.id", ondelete="CASCADE"), nullable=False))
    attempts: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    state: str = Field(default="waiting", sa_column=Column(Text, nullable=False, server_default=text("'waiting'")))
    next_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    settled_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    reference: str | None = Field(default=None, sa_column=Column(Text))
    ask_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
