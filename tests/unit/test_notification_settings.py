"""What an operator sets up for notices: each way whole or not at all, and nothing is repeated of what was given."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError

from api.commands import new_vapid_key
from api.notification_settings import NotificationSettings
from domain.notifications.words import Channel
from integrations.notifications.tokens import elliptic_key
from tests.unit.notifications.peers import pem

KEY = pem(ec.generate_private_key(ec.SECP256R1()))
NOTIFY = "team-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "00000000-0000-4000-8000-000000000002"
APNS = {"apns_key": KEY, "apns_key_id": "KEY1", "apns_team_id": "TEAM1", "apns_bundle_id": "uk.tendwell.app"}


def made(**given: str) -> NotificationSettings:
    return NotificationSettings.model_validate(given)


def test_without_any_of_it_nothing_is_offered_but_letters_where_there_is_a_mail_server() -> None:
    assert made().channels(letters=False) == frozenset()
    assert made().channels(letters=True) == {Channel.email}
    assert (made().web_push_sender, made().notify_account, made().apple_team, made().google_account) == (None,) * 4


def test_each_way_that_is_whole_is_offered() -> None:
    push = made(vapid_key=KEY, vapid_contact="mailto:push@riverside.example")
    assert push.channels(letters=False) == {Channel.web_push}
    assert push.web_push_sender is not None
    assert len(push.web_push_sender.public_key) == 87
    texts = made(notify_key=NOTIFY, notify_text_template=TEMPLATE)
    assert texts.channels(letters=False) == {Channel.sms}
    assert made(notify_key=NOTIFY, notify_email_template=TEMPLATE).channels(letters=False) == {Channel.email}
    assert made(**APNS).channels(letters=False) == {Channel.apns}


@pytest.mark.parametrize(
    "given",
    [
        {"vapid_key": KEY},
        {"vapid_contact": "mailto:x@y.example"},
        {"vapid_key": KEY, "vapid_contact": "push@riverside.example"},
        {"vapid_key": "a-secret-that-is-no-key", "vapid_contact": "mailto:x@y.example"},
        {"vapid_key": pem(rsa.generate_private_key(65537, 2048)), "vapid_contact": "mailto:x@y.example"},
        {"notify_key": NOTIFY},
        {"notify_text_template": TEMPLATE},
        {"notify_key": "a-secret-that-is-no-key", "notify_text_template": TEMPLATE},
        {"fcm_account": "{}"},
        {name: value for name, value in APNS.items() if name != "apns_team_id"},
    ],
)
def test_what_is_not_whole_or_no_key_is_refused_and_not_repeated(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        made(**given)
    told = "".join(fault["msg"] for fault in refused.value.errors(include_input=False))
    assert "a-secret" not in told


def test_the_command_prints_a_key_that_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert new_vapid_key.main([]) == 0
    first = capsys.readouterr().out
    assert elliptic_key(first)
    new_vapid_key.main([])
    assert capsys.readouterr().out != first
