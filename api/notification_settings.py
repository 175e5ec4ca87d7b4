"""What the operator sets up for telling people something: each way by itself, whole or not at all.

Without any of it everything else works, and people are told which ways there are. It reads nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from domain.notifications.words import Channel
from integrations.notifications.apns.payload import Team
from integrations.notifications.fcm.payload import ServiceAccount, read_service_account
from integrations.notifications.gov_uk_notify.payload import Key, read_key
from integrations.notifications.tokens import elliptic_key
from integrations.notifications.web_push.payload import Sender

_CONTACT = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://[^\s]+")
# What goes together: with some of it alone nobody is told anything, and it was meant otherwise.
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "VAPID": ("vapid_key", "vapid_contact"),
    "APNS": ("apns_key", "apns_key_id", "apns_team_id", "apns_bundle_id"),
}


class NotificationSettings(BaseSettings):
    """Who we are to those who bring notices: browsers' makers, GOV.UK Notify, Apple and Google."""

    vapid_key: SecretStr | None = None
    vapid_contact: str | None = None
    notify_key: SecretStr | None = None
    notify_text_template: str | None = None
    notify_email_template: str | None = None
    apns_key: SecretStr | None = None
    apns_key_id: str | None = None
    apns_team_id: str | None = None
    apns_bundle_id: str | None = None
    fcm_account: SecretStr | None = None

    @field_validator("vapid_contact")
    @classmethod
    def _contact(cls, value: str | None) -> str | None:
        if value is not None and not _CONTACT.fullmatch(value):
            raise ValueError("must be mailto:… or https://…, where browsers' makers can reach you")
        return value

    @field_validator("vapid_key", "apns_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                elliptic_key(value.get_secret_value())
            except (TypeError, ValueError):
                raise ValueError("must be a P-256 private key as PEM") from None
        return value

    @field_validator("notify_key")
    @classmethod
    def _notify(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_key(value.get_secret_value())
        return value

    @field_validator("fcm_account")
    @classmethod
    def _account(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_service_account(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _each_whole(self) -> NotificationSettings:
        for way, names in _WHOLE.items():
            given = [getattr(self, name) is not None for name in names]
            if any(given) and not all(given):
                raise ValueError(f"TENDWELL_{way}_…: {', '.join(name.upper() for name in names)} go together")
        if (self.notify_key is None) != (self.notify_text_template is None and self.notify_email_template is None):
            raise ValueError("TENDWELL_NOTIFY_KEY goes with a NOTIFY_TEXT_TEMPLATE, a NOTIFY_EMAIL_TEMPLATE or both")
        return self

    @property
    def web_push_sender(self) -> Sender | None:
        """Return who we are to browsers' makers; None where that is not set up."""
        if self.vapid_key is None or self.vapid_contact is None:
            return None
        return Sender(elliptic_key(self.vapid_key.get_secret_value()), self.vapid_contact)

    @property
    def notify_account(self) -> Key | None:
        """Return who we are to GOV.UK Notify; None where that is not set up."""
        return None if self.notify_key is None else read_key(self.notify_key.get_secret_value())

    @property
    def apple_team(self) -> Team | None:
        """Return who we are to Apple; None where that is not set up."""
        if self.apns_key is None:
            return None
        key = elliptic_key(self.apns_key.get_secret_value())
        return Team(self.apns_team_id or "", self.apns_key_id or "", key, self.apns_bundle_id or "")

    @property
    def google_account(self) -> ServiceAccount | None:
        """Return who we are to Google; None where that is not set up."""
        return None if self.fcm_account is None else read_service_account(self.fcm_account.get_secret_value())

    def channels(self, *, letters: bool) -> frozenset[Channel]:
        """Return by which ways this installation can tell somebody; `letters`: whether it has a mail server."""
        ways = {
            Channel.web_push: self.vapid_key is not None,
            Channel.apns: self.apns_key is not None,
            Channel.fcm: self.fcm_account is not None,
            Channel.sms: self.notify_text_template is not None,
            Channel.email: letters or self.notify_email_template is not None,
        }
        return frozenset(channel for channel, is_set_up in ways.items() if is_set_up)
