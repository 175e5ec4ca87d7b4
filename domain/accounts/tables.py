"""Storage shapes of organisations, accounts, memberships and sessions. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)


class OrganisationRow(SQLModel, table=True):
    """An ODS-coded body: commissioner, network, practice, care home or provider; a tree by `parent_id`."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind in ('commissioner', 'network', 'practice', 'care_home', 'provider')", name="kind_known"),
        CheckConstraint("ods_code ~ '^[A-Z0-9]{3,10}$'", name="ods_code_shape"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    ods_code: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    parent_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class AccountRow(SQLModel, table=True):
    """Someone who can sign in; `organisation_id` is the body that keeps the account."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    display_name: str = Field(sa_column=Column(Text, nullable=False))
    password_hash: str = Field(sa_column=Column(Text, nullable=False))
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # Whoever made the account chose its password and knows it: its holder changes it before anything else.
    must_change_password: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))
    password_changed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # When everything that was open with it was last ended: a wish for a new password of before is not granted.
    all_ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class MembershipRow(SQLModel, table=True):
    """An account's role at an organisation, from an instant until it expires or is ended."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(
            "role in ('clinician', 'care_home_staff', 'commissioner', 'administrator', 'privacy_officer')",
            name="role_known",
        ),
        CheckConstraint("expires_at > starts_at", name="expires_after_start"),
        Index(
            "one_open_membership_per_role",
            "account_id",
            "organisation_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    role: str = Field(sa_column=Column(Text, nullable=False))
    starts_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class SessionRow(SQLModel, table=True):
    """One sign-in; every refresh token of it belongs to the same family and ends with it."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint("kind in ('web', 'app')", name="session_kind_known"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False, index=True)
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    end_reason: str | None = Field(default=None, sa_column=Column(Text))
    # What it was opened with, and when its holder last showed who they are: at sign-in, or asked again since.
    opened_with: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'password'")))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # Another with each such showing. An access token tells its own, and is good while it is the session's.
    generation: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    kind: str = Field(default="web", sa_column=Column(Text, nullable=False, server_default="web"))
    # Written once a minute at the most, with the true instant of the last use (api/last_seen.py).
    last_seen_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    label: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    device_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class RefreshTokenRow(SQLModel, table=True):
    """A refresh token by its SHA-256; spent by its first use, and its successor is derived from it."""

    __tablename__ = "refresh_token"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    session_id: UUID = Field(sa_column=Column(ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True))
    issued_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class LiveTicketRow(SQLModel, table=True):
    """A single-use ticket for opening a live socket, by its SHA-256."""

    __tablename__ = "live_ticket"

    ticket_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    session_id: UUID = Field(sa_column=Column(ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class SignInTokenRow(SQLModel, table=True):
    """A sign-in that has passed the password and waits for more, by its token's SHA-256.

    `credential` is the SHA-256 of the password's hash that was right: another password makes the token worthless.
    """

    __tablename__ = "sign_in_token"
    __table_args__ = (
        CheckConstraint(
            "step in ('new_password_required', 'second_factor_required', 'enrolment_required')", name="step_known"
        ),
    )

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), nullable=False, index=True))
    credential: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    step: str = Field(sa_column=Column(Text, nullable=False))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    attempts: int = Field(sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    # What has been shown so far, and on what: kept for the session that it may become.
    shown: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'password'")))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    label: str = Field(sa_column=Column(Text, nullable=False))
    device_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    # On which known device it was begun, if a second factor has been shown there: its codes are counted by themselves.
    known_device: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class TotpRow(SQLModel, table=True):
    """An authenticator app's secret, sealed; one that counts for an account, and one that waits for its first code.

    `last_step` is the last time step whose code was used: each is good once.
    """

    __tablename__ = "totp"
    __table_args__ = (
        Index("one_totp_in_force", "account_id", unique=True, postgresql_where=text("confirmed_at is not null")),
        Index("one_totp_begun", "account_id", unique=True, postgresql_where=text("confirmed_at is null")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), nullable=False))
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    begun_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    last_step: int | None = Field(default=None, sa_column=Column(BigInteger))


class RecoveryCodeRow(SQLModel, table=True):
    """One recovery code by its hash; used once."""

    __tablename__ = "recovery_code"

    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), primary_key=True))
    code_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    made_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class AttemptRow(SQLModel, table=True):
    """Failed guesses in a row by one account, network address, device or session, named by a keyed hash alone."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        CheckConstraint(
            "scope in ('account', 'address', 'device', 'session', 'second_factor', 'second_factor_freed', 'reset',"
            " 'reset_from', 'invitation')",
            name="attempt_scope_known",
        ),
        Index("sign_in_attempt_by_age", "last_failed_at"),
    )

    mark: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    scope: str = Field(sa_column=Column(Text, nullable=False))
    failures: int = Field(nullable=False)
    last_failed_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class InvitationRow(SQLModel, table=True):
    """An invitation by mail: to whom, by whom, into which organisation and role; its link by its token's SHA-256."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role in ('clinician', 'care_home_staff', 'commissioner', 'administrator')", name="role_known"),
        CheckConstraint("(account_id is null) = (accepted_at is null)", name="accepted_by_an_account"),
        CheckConstraint("accepted_at is null or revoked_at is null", name="accepted_or_revoked"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    email: str = Field(sa_column=Column(Text, nullable=False))
    display_name: str = Field(sa_column=Column(Text, nullable=False))
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    role: str | None = Field(default=None, sa_column=Column(Text))
    invited_by: UUID = Field(foreign_key="account.id", nullable=False)
    made_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    accepted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    account_id: UUID | None = Field(default=None, foreign_key="account.id")


class PasswordResetRequestRow(SQLModel, table=True):
    """Somebody's wish for a new password, for the address that they typed: whoever it is of, or nobody's."""

    __tablename__ = "password_reset_request"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sealed_email: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    asked_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    request_id: str = Field(sa_column=Column(Text, nullable=False))


class PasswordResetRow(SQLModel, table=True):
    """A link with which a forgotten password is replaced, by the SHA-256 of its token; an account has one at most."""

    __tablename__ = "password_reset"

    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), primary_key=True))
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class PasskeyRow(SQLModel, table=True):
    """A passkey (WebAuthn credential): its public half, and how often it has signed."""

    __tablename__ = "passkey"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), nullable=False, index=True))
    credential_id: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    backed_up: bool = Field(sa_column=Column(Boolean, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class PasskeyChallengeRow(SQLModel, table=True):
    """A challenge that an authenticator is to sign; deleted by its first use."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (CheckConstraint("purpose in ('register', 'sign_in')", name="purpose_known"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    challenge: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class ProviderSignInRow(SQLModel, table=True):
    """A sign-in that was sent to the identity provider, by the SHA-256 of its state and of its browser's own secret.

    `sealed` is the nonce and the PKCE verifier. It is taken once; laid back only if the provider could not be asked.
    """

    __tablename__ = "provider_sign_in"
    __table_args__ = (CheckConstraint("kind in ('web', 'app')", name="provider_sign_in_kind_known"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    state_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    begun_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    taken_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    label: str = Field(sa_column=Column(Text, nullable=False))
    device_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class ProviderIdentityRow(SQLModel, table=True):
    """Who an identity provider calls by this subject is the holder of this account: for good, one to one."""

    __tablename__ = "provider_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="one_account_per_subject"),
        UniqueConstraint("account_id", "issuer", name="one_subject_per_account"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(sa_column=Column(ForeignKey("account.id"), nullable=False))
    issuer: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    linked_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
