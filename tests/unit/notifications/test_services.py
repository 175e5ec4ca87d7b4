"""GOV.UK Notify, Apple, Firebase, letters and signed calls: each a peer on this machine that checks the token."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwt

from domain.notifications.words import WORDS, Language, NoticeKind
from integrations.mail.errors import MailNotTaken
from integrations.notifications.apns.client import TOKEN_SECONDS, Apns
from integrations.notifications.apns.payload import Team
from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.exchange import Line
from integrations.notifications.fcm.client import Fcm
from integrations.notifications.fcm.payload import ServiceAccount, read_service_account
from integrations.notifications.gov_uk_notify.client import Account, Emails, TextMessages
from integrations.notifications.gov_uk_notify.payload import read_key
from integrations.notifications.letters import Letters
from integrations.notifications.notice import Arrival, Notice, Receipt
from integrations.notifications.tokens import elliptic_key
from integrations.notifications.webhooks import SignedCalls, System
from integrations.webhooks.client import Caller
from tests.unit.notifications.peers import NOW, NOW_SECONDS, Peer, now, peer, peer_of_http2, pem, public_pem, saying

NOTICE_ID = "00000000-0000-7000-8000-000000000001"
NOTICE = Notice(UUID(NOTICE_ID), NoticeKind.message, lasts_seconds=3600)
SERVICE_ID, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"team_and_tests-{SERVICE_ID}-{SECRET}"
TEMPLATE = "00000000-0000-4000-8000-000000000002"
TEAM_KEY = ec.generate_private_key(ec.SECP256R1())
TEAM = Team("TEAM123456", "KEY1234567", TEAM_KEY, "uk.tendwell.app")
DEVICE = "ab" * 32
NUMBER = {"phone_number": "07700900123"}
AT_ANY_TIME = {"verify_exp": False}  # they are of the instant at which the tests happen
GOOGLE_KEY = rsa.generate_private_key(65537, 2048)
GOOGLE = ServiceAccount("tendwell-app", "push@tendwell-app.example", "key-1", GOOGLE_KEY)


def test_a_notice_has_no_words_but_ours() -> None:
    for language in Language:
        assert set(WORDS[language]) == set(NoticeKind)
        assert all(not any(character.isdigit() for character in text) for text in WORDS[language].values())
        assert [kind for kind, text in WORDS[language].items() if "{" in text] == [NoticeKind.confirm]


# GOV.UK Notify


@asynccontextmanager
async def notify(at: Peer) -> AsyncIterator[Account]:
    line = Line()
    yield Account(read_key(KEY), now, line, at.url)
    await line.close()


async def test_gov_uk_notify_is_asked_for_a_text_message_and_an_email_with_a_token_of_the_service() -> None:
    async with peer(saying(201, {"id": "their-id"})) as service, notify(service) as account:
        receipt = await TextMessages(account, TEMPLATE).send("07700900123", NOTICE)
        await Emails(account, TEMPLATE).send("rose@post.example", NOTICE)
        text, letter = service.asked
        assert service.connections == 1
    assert receipt == Receipt("their-id")
    assert (text.path, letter.path) == ("/v2/notifications/sms", "/v2/notifications/email")
    token = text.headers["authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256"}
    assert jwt.decode(token, SECRET, algorithms=["HS256"]) == {"iss": SERVICE_ID, "iat": NOW_SECONDS}
    told = {
        "template_id": TEMPLATE,
        "personalisation": {"text": "You have a message. Open Tendwell to read it."},
        "reference": NOTICE_ID,
    }
    assert text.headers["accept-encoding"] == "identity"
    assert text.json() == told | {"phone_number": "07700900123"}
    assert letter.json() == told | {"email_address": "rose@post.example"}


async def test_a_text_message_that_was_taken_is_not_sent_again() -> None:
    known = {"notifications": [{"id": "another's", "phone_number": "07700900999"}, {"id": "theirs", **NUMBER}]}
    async with peer(saying(200, known)) as service, notify(service) as account:
        receipt = await TextMessages(account, TEMPLATE).send("07700900123", replace(NOTICE, is_repeat=True))
        [asked] = service.asked
    assert receipt == Receipt("theirs")
    assert asked.path == f"/v2/notifications?reference={NOTICE_ID}&template_type=sms"
    assert asked.headers["authorization"].startswith("Bearer ")


@pytest.mark.parametrize("known", [{"notifications": []}, {"notifications": None}, {}, None])
async def test_a_text_message_that_was_not_taken_is_sent_though_it_was_tried(known: object) -> None:
    async with peer(saying(200, known), saying(201, {"id": "new"})) as service, notify(service) as account:
        receipt = await TextMessages(account, TEMPLATE).send("07700900123", replace(NOTICE, is_repeat=True))
        assert [asked.path.partition("?")[0] for asked in service.asked] == [
            "/v2/notifications",
            "/v2/notifications/sms",
        ]
    assert receipt == Receipt("new")


async def test_where_it_cannot_be_asked_what_was_taken_nothing_is_sent_now() -> None:
    async with peer(saying(503)) as service, notify(service) as account:
        with pytest.raises(NotSent) as failed:
            await TextMessages(account, TEMPLATE).send("07700900123", replace(NOTICE, is_repeat=True))
        assert len(service.asked) == 1
    assert failed.value.can_retry


@pytest.mark.parametrize(
    ("status", "arrival"),
    [
        ("created", None),
        ("sending", None),
        ("pending", None),
        ("sent", None),
        ("delivered", Arrival()),
        ("permanent-failure", Arrival("address_refused", has_ended=True)),
        ("temporary-failure", Arrival("not_reached")),
        ("technical-failure", Arrival("not_brought")),
        ("what they may say one day", None),
    ],
)
async def test_gov_uk_notify_is_asked_by_its_own_id_whether_it_arrived(status: str, arrival: Arrival | None) -> None:
    async with peer(saying(200, {"id": "their-id", "status": status})) as service, notify(service) as account:
        assert await account.arrival_of("their-id") == arrival
        [asked] = service.asked
    assert asked.path == "/v2/notifications/their-id"
    assert asked.headers["authorization"].startswith("Bearer ")


async def test_what_gov_uk_notify_has_forgotten_nobody_tells_of_and_no_id_leads_elsewhere() -> None:
    async with peer(saying(404), saying(500)) as service, notify(service) as account:
        assert await account.arrival_of("../templates?x=#") is None
        assert service.asked[0].path == "/v2/notifications/..%2Ftemplates%3Fx%3D%23"
        with pytest.raises(NotSent) as failed:
            await account.arrival_of("their-id")
    assert failed.value.can_retry


def test_a_notice_is_told_in_the_language_that_was_chosen() -> None:
    assert replace(NOTICE, language=Language.welsh).text == "Mae gennych neges. Agorwch Tendwell i'w darllen."


@pytest.mark.parametrize(
    ("status", "message", "kind", "can_retry"),
    [
        (400, "phone_number Not a valid mobile number", AddressEnded, False),
        (400, "Template not found", NotSetUp, True),
        (403, "Invalid token: API key not found", NotSetUp, True),
        (429, "Exceeded rate limit", NotSent, True),
        (500, "Internal server error", NotSent, True),
        (404, "Not found", NotSent, False),
    ],
)
async def test_what_gov_uk_notify_refuses(status: int, message: str, kind: type[NotSent], can_retry: bool) -> None:
    said = {"status_code": status, "errors": [{"error": "Error", "message": message}]}
    async with peer(saying(status, said, retry_after="60")) as service, notify(service) as account:
        with pytest.raises(NotSent) as refused:
            await TextMessages(account, TEMPLATE).send("07700900123", NOTICE)
    assert type(refused.value) is kind
    assert refused.value.can_retry is can_retry
    assert "07700900123" not in str(refused.value)
    assert message not in str(refused.value)


@pytest.mark.parametrize("text", ["", "name", f"name-{SERVICE_ID}", f"{KEY}0", "name-x-y"])
def test_what_is_no_key_of_gov_uk_notify_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        read_key(text)
    assert SERVICE_ID not in str(refused.value)


# Apple


async def test_apple_is_told_over_one_connection_of_http_2_with_one_token_for_forty_minutes(tmp_path: Path) -> None:
    at = [NOW]
    async with peer_of_http2(tmp_path, saying(200, apns_id=NOTICE_ID)) as (apple, trust):
        line = Line(trust=trust, http2=True)
        apns = Apns(TEAM, lambda: at[0], line, apple.url)
        assert await apns.send(DEVICE, NOTICE) == Receipt(NOTICE_ID)
        at[0] += timedelta(seconds=TOKEN_SECONDS - 1)
        await apns.send(DEVICE, NOTICE)
        at[0] += timedelta(seconds=1)
        await apns.send(DEVICE, NOTICE)
        await line.close()
    first, second, third = apple.asked
    assert apple.connections == 1
    assert first.path == f"/3/device/{DEVICE}"
    token = first.headers["authorization"].removeprefix("bearer ")
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "ES256", "kid": "KEY1234567"}
    assert jwt.decode(token, public_pem(TEAM_KEY), algorithms=["ES256"]) == {"iss": "TEAM123456", "iat": NOW_SECONDS}
    assert second.headers["authorization"] == first.headers["authorization"] != third.headers["authorization"]
    told = {name: value for name, value in first.headers.items() if name.startswith("apns-")}
    assert told == {
        "apns-topic": "uk.tendwell.app",
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(NOW_SECONDS + 3600),
        "apns-id": NOTICE_ID,
        "apns-collapse-id": NOTICE_ID,
    }
    assert first.json() == {
        "aps": {
            "alert": {"title": "Tendwell", "body": "You have a message. Open Tendwell to read it."},
            "sound": "default",
        },
        "id": NOTICE_ID,
        "kind": "message",
    }


@pytest.mark.parametrize(
    ("status", "reason", "kind", "can_retry"),
    [
        (410, "Unregistered", AddressEnded, False),
        (400, "BadDeviceToken", AddressEnded, False),
        (400, "BadMessageId", NotSent, False),
        (403, "InvalidProviderToken", NotSetUp, True),
        (429, "TooManyRequests", NotSent, True),
        (503, "Shutdown", NotSent, True),
    ],
)
async def test_what_apple_refuses(
    tmp_path: Path, status: int, reason: str, kind: type[NotSent], can_retry: bool
) -> None:
    async with peer_of_http2(tmp_path, saying(status, {"reason": reason})) as (apple, trust):
        line = Line(trust=trust, http2=True)
        with pytest.raises(NotSent) as refused:
            await Apns(TEAM, now, line, apple.url).send(DEVICE, NOTICE)
        await line.close()
    assert (type(refused.value), refused.value.can_retry) == (kind, can_retry)


@pytest.mark.parametrize("device", ["", "ab", "../x", "g" * 64, "ab" * 101])
async def test_what_is_no_device_s_token_makes_no_address(device: str) -> None:
    line = Line(http2=True)
    with pytest.raises(AddressEnded):
        await Apns(TEAM, now, line, "https://localhost:1").send(device, NOTICE)
    await line.close()


def test_a_key_of_another_kind_is_refused() -> None:
    assert elliptic_key(pem(TEAM_KEY)).public_key() == TEAM_KEY.public_key()
    with pytest.raises(ValueError, match="P-256"):
        elliptic_key(pem(GOOGLE_KEY))


# Firebase


@asynccontextmanager
async def firebase(google: Peer, at: list[datetime]) -> AsyncIterator[Fcm]:
    line = Line()
    yield Fcm(GOOGLE, lambda: at[0], line, google.url, f"{google.url}/token")
    await line.close()


async def test_firebase_is_told_with_an_access_token_that_is_fetched_as_it_runs_out() -> None:
    at = [NOW]
    granted, taken = saying(200, {"access_token": "one", "expires_in": 3600}), saying(200, {"name": "their/name"})
    again = saying(200, {"access_token": "two", "expires_in": 3600})
    async with peer(granted, taken, taken, again, taken) as google, firebase(google, at) as fcm:
        assert await fcm.send("device-token", NOTICE) == Receipt("their/name")
        at[0] += timedelta(seconds=3539)
        await fcm.send("device-token", NOTICE)
        at[0] += timedelta(seconds=1)
        await fcm.send("device-token", NOTICE)
    grant, first, second, _, third = google.asked
    form = parse_qs(grant.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    (assertion,) = form["assertion"]
    assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": "RS256", "kid": "key-1"}
    claims = jwt.decode(
        assertion, public_pem(GOOGLE_KEY), algorithms=["RS256"], audience=f"{google.url}/token", options=AT_ANY_TIME
    )
    assert claims["iss"] == "push@tendwell-app.example"
    assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    assert claims["exp"] - claims["iat"] == 3600
    assert [each.headers["authorization"] for each in (first, second, third)] == [
        "Bearer one",
        "Bearer one",
        "Bearer two",
    ]
    assert first.path == "/v1/projects/tendwell-app/messages:send"
    assert first.json() == {
        "message": {
            "token": "device-token",
            "notification": {"title": "Tendwell", "body": "You have a message. Open Tendwell to read it."},
            "data": {"id": NOTICE_ID, "kind": "message"},
            "android": {
                "ttl": "3600s",
                "priority": "HIGH",
                "collapse_key": NOTICE_ID,
                "notification": {"tag": NOTICE_ID},
            },
        }
    }


@pytest.mark.parametrize(
    ("status", "code", "kind", "can_retry"),
    [
        (404, "UNREGISTERED", AddressEnded, False),
        (403, "SENDER_ID_MISMATCH", AddressEnded, False),
        (400, "INVALID_ARGUMENT", NotSent, False),
        (401, "THIRD_PARTY_AUTH_ERROR", NotSetUp, True),
        (429, "QUOTA_EXCEEDED", NotSent, True),
        (503, "UNAVAILABLE", NotSent, True),
    ],
)
async def test_what_firebase_refuses(status: int, code: str, kind: type[NotSent], can_retry: bool) -> None:
    said = {"error": {"code": status, "details": [{"@type": "x"}, {"@type": "FcmError", "errorCode": code}]}}
    granted = saying(200, {"access_token": "one", "expires_in": 3600})
    async with peer(granted, saying(status, said)) as google, firebase(google, [NOW]) as fcm:
        with pytest.raises(NotSent) as refused:
            await fcm.send("device-token", NOTICE)
    assert (type(refused.value), refused.value.can_retry) == (kind, can_retry)


async def test_an_access_token_that_is_taken_back_before_its_time_is_fetched_anew() -> None:
    granted = saying(200, {"access_token": "one", "expires_in": 3600})
    again, taken = saying(200, {"access_token": "two", "expires_in": 3600}), saying(200, {"name": "their/name"})
    async with peer(granted, saying(401), again, taken) as google, firebase(google, [NOW]) as fcm:
        with pytest.raises(NotSetUp):
            await fcm.send("device-token", NOTICE)
        assert await fcm.send("device-token", NOTICE) == Receipt("their/name")
    assert google.asked[-1].headers["authorization"] == "Bearer two"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (saying(400, {"error": "invalid_grant"}), NotSetUp),
        (saying(503), NotSent),
        (saying(200, {"access_token": "one"}), NotSetUp),
        (saying(200, ["no object"]), NotSetUp),
    ],
)
async def test_without_an_access_token_nothing_is_sent(
    answer: tuple[int, dict[str, str], bytes], kind: type[NotSent]
) -> None:
    async with peer(answer) as google, firebase(google, [NOW]) as fcm:
        with pytest.raises(NotSent) as refused:
            await fcm.send("device-token", NOTICE)
        assert len(google.asked) == 1
    assert type(refused.value) is kind


def test_google_s_file_is_read_and_never_repeated() -> None:
    told = {
        "project_id": "tendwell-app",
        "client_email": "push@tendwell-app.example",
        "private_key_id": "key-1",
        "private_key": pem(GOOGLE_KEY),
    }
    read = read_service_account(orjson.dumps(told).decode())
    assert (read.project_id, read.client_email, read.key_id) == (GOOGLE.project_id, GOOGLE.client_email, "key-1")
    for broken in ("{}", "[]", "nothing", orjson.dumps(told | {"private_key": pem(TEAM_KEY)}).decode()):
        with pytest.raises(ValueError, match="service account") as refused:
            read_service_account(broken)
        assert "BEGIN" not in str(refused.value)


# What is not there


async def test_who_does_not_answer_is_given_up_and_tried_again() -> None:
    line = Line(patience_seconds=0.2)
    account = Account(read_key(KEY), now, line, "http://127.0.0.1:1")
    with pytest.raises(NotSent, match="no_answer") as refused:
        await TextMessages(account, TEMPLATE).send("07700900123", NOTICE)
    await line.close()
    assert refused.value.can_retry


async def test_a_redirect_is_not_followed() -> None:
    async with peer(saying(201)) as elsewhere, peer(saying(307, location=elsewhere.url)) as service:
        async with notify(service) as account:
            with pytest.raises(NotSent, match="status_307"):
                await TextMessages(account, TEMPLATE).send("07700900123", NOTICE)
        assert elsewhere.asked == []


# Letters and signed calls


class Kept:
    """A mail server that keeps letters, or does not take them."""

    def __init__(self, refusal: MailNotTaken | None = None) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal = refusal

    async def send(self, message: EmailMessage) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.letters.append(message)


async def test_a_letter_says_the_sentence_and_is_the_same_letter_when_it_is_sent_again() -> None:
    kept = Kept()
    letters = Letters(kept, "Tendwell <no-reply@riverside.example>", now)
    one, other = await letters.send("rose@post.example", NOTICE), await letters.send("rose@post.example", NOTICE)
    assert one == other == Receipt(f"<{NOTICE_ID}@riverside.example>")
    assert kept.letters[0]["Subject"] == "Tendwell"
    assert kept.letters[0].get_content() == "You have a message. Open Tendwell to read it.\n"


async def test_a_letter_that_is_not_taken_says_whether_to_try_again() -> None:
    for can_retry in (True, False):
        letters = Letters(Kept(MailNotTaken("SMTPDataError 451", can_retry=can_retry)), "a@riverside.example", now)
        with pytest.raises(NotSent) as refused:
            await letters.send("rose@post.example", NOTICE)
        assert refused.value.can_retry is can_retry
    with pytest.raises(AddressEnded):
        await Letters(Kept(), "a@riverside.example", now).send("no address", NOTICE)


async def test_a_system_is_called_with_a_signature_that_it_can_check() -> None:
    secret = b"a secret of thirty-two bytes ....."
    async with peer(saying(204)) as system:
        calls = SignedCalls(Caller(loopback=True), now)
        await calls.send(System(f"{system.url}/in", secret), NOTICE)
        (asked,) = system.asked
    whole = b".".join((NOTICE_ID.encode(), str(NOW_SECONDS).encode(), asked.body))
    expected = base64.b64encode(hmac.digest(secret, whole, hashlib.sha256)).decode()
    assert asked.headers["webhook-signature"] == f"v1,{expected}"
    assert asked.json() == {"type": "notice.message", "data": {"text": "You have a message. Open Tendwell to read it."}}


@pytest.mark.parametrize(("status", "kind"), [(410, AddressEnded), (500, NotSent), (404, NotSent)])
async def test_what_a_system_refuses(status: int, kind: type[NotSent]) -> None:
    async with peer(saying(status)) as system:
        with pytest.raises(NotSent) as refused:
            await SignedCalls(Caller(loopback=True), now).send(System(system.url, b"secret"), NOTICE)
    assert type(refused.value) is kind


async def test_a_system_that_leads_inside_is_not_called() -> None:
    with pytest.raises(AddressEnded):
        await SignedCalls(Caller(), now).send(System("https://localhost/in", b"secret"), NOTICE)
