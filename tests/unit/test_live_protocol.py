"""The words of the live protocol: what is understood, what is refused, and that a refusal repeats nothing."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live import protocol
from api.live.allowance import MESSAGES_PER_MINUTE, SNAPSHOTS_PER_MINUTE
from api.live.inbox import MOST_EVENTS
from api.live.protocol import (
    MOST_PATIENTS,
    BadMessage,
    Close,
    HelloIn,
    ListIn,
    PatientsIn,
    PingIn,
    UnwatchIn,
    WatchIn,
    parse_message,
)
from api.live.subscriptions import SOCKETS_PER_ACCOUNT
from api.live.websocket_protocol import MAX_FRAGMENTS, MAX_MESSAGE_BYTES

ANN = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
BOB = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
PAGE = (Path(__file__).resolve().parents[2] / "docs/live-protocol.md").read_text()
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def hello(**changes: object) -> str:
    return json.dumps({"type": "hello", "ticket": "t", "watch": {"patients": [str(ANN)]}} | changes)


def test_a_hello_names_patients_or_the_whole_list() -> None:
    asked = parse_message(hello())
    assert isinstance(asked, HelloIn) and isinstance(asked.watch, PatientsIn)
    assert asked.watch.patients == (ANN,) and asked.cursor is None
    listed = parse_message(hello(watch={"list": "mine"}))
    assert isinstance(listed, HelloIn) and isinstance(listed.watch, ListIn)


def test_a_cursor_is_an_epoch_and_a_number() -> None:
    asked = parse_message(hello(cursor={"epoch": str(BOB), "number": 7}))
    assert isinstance(asked, HelloIn) and asked.cursor is not None
    assert (asked.cursor.epoch, asked.cursor.number) == (BOB, 7)


def test_the_other_messages_are_watch_unwatch_and_ping() -> None:
    patients = {"patients": [str(ANN), str(BOB)]}
    assert isinstance(parse_message(json.dumps({"type": "watch"} | patients)), WatchIn)
    assert isinstance(parse_message(json.dumps({"type": "unwatch"} | patients)), UnwatchIn)
    assert isinstance(parse_message('{"type":"ping"}'), PingIn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{nope",
        "[" * 60_000,
        '{"type":"ping","type":"ping"}',
        '{"type":"ping","more":1}',
        '{"type":"goodbye"}',
        '{"ticket":"t"}',
        "[]",
        "7",
        "null",
        '{"type":"watch","patients":[]}',
        '{"type":"watch","patients":"01890a5d-ac96-774b-bcce-b302099a8057"}',
        '{"type":"watch","patients":["not an id"]}',
        '{"type":"watch","patients":[NaN]}',
        '{"type":"ping\\u0000"}',
        hello(ticket=""),
        hello(ticket="t" * 201),
        hello(ticket=7),
        hello(watch={}),
        hello(watch={"list": "everybody"}),
        hello(watch={"list": "mine", "patients": [str(ANN)]}),
        hello(cursor={"epoch": str(BOB), "number": -1}),
        hello(cursor={"epoch": str(BOB), "number": 1.0}),
        hello(cursor={"epoch": str(BOB), "number": "1"}),
        hello(cursor={"epoch": str(BOB), "number": 2**63}),
        hello(cursor={"epoch": str(BOB)}),
        hello(cursor=7),
        '{"type":"ping"}\ud800',
    ],
)
def test_anything_else_is_a_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        parse_message(text)


def test_at_most_500_patients_are_named_at_once() -> None:
    ids = [str(UUID(int=n)) for n in range(501)]
    assert isinstance(parse_message(json.dumps({"type": "watch", "patients": ids[:500]})), WatchIn)
    with pytest.raises(BadMessage):
        parse_message(json.dumps({"type": "watch", "patients": ids}))


def test_a_refusal_repeats_nothing_that_was_sent() -> None:
    for text in (hello(canary="canary"), hello(ticket=["canary"]), '{"canary":1,"type":"canary"}', "canary"):
        with pytest.raises(BadMessage) as caught:
            parse_message(text)
        assert "canary" not in caught.value.detail


@given(st.text(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["type", "ticket", "watch", "patients", "list", "cursor", "epoch", "number", "x"]), inner, max_size=5),
    max_leaves=12,
).map(json.dumps))  # fmt: skip
def test_no_text_ends_in_anything_but_a_message_or_a_refusal(text: str) -> None:
    with suppress(BadMessage):
        parse_message(text)


def test_an_event_is_the_shared_body_with_the_socket_s_own_previous_number() -> None:
    body = protocol.event_body(
        number=9,
        kind="observation.recorded",
        patient_id=ANN,
        at=NOON,
        server_time=NOON,
        observations=[],
        subject_ids=[BOB],
    )
    assert json.loads(protocol.event(body, 4)) == {
        "type": "event",
        "number": 9,
        "previous": 4,
        "kind": "observation.recorded",
        "patient_id": str(ANN),
        "at": "2026-03-29T12:00:00Z",
        "server_time": "2026-03-29T12:00:00Z",
        "observations": [],
        "subject_ids": [str(BOB)],
    }


def test_a_heartbeat_tells_how_far_everything_was_told_and_what_was_told_last() -> None:
    assert json.loads(protocol.heartbeat(12, 9, NOON)) == {
        "type": "heartbeat",
        "server_time": "2026-03-29T12:00:00Z",
        "number": 12,
        "last": 9,
    }


EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
SAID = {"hello", "watch", "unwatch", "ping"}


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e["type"] in SAID], ids=lambda e: str(e["type"]))
def test_what_the_reference_tells_clients_to_say_is_understood(example: dict[str, object]) -> None:
    assert parse_message(json.dumps(example)).type == example["type"]


def test_the_reference_shows_every_message_with_exactly_its_fields() -> None:
    told = {
        protocol.welcome(protocol.Welcome(ANN, 1, [BOB], is_whole_list=True, is_resumed=False), NOON),
        protocol.resync("epoch"),
        protocol.snapshot(ANN, 1, NOON, []),
        protocol.event(
            protocol.event_body(
                number=2, kind="x", patient_id=ANN, at=NOON, server_time=NOON, observations=[], subject_ids=[]
            ),
            1,
        ),
        protocol.heartbeat(2, 1, NOON),
        protocol.watching([ANN], 1),
        protocol.unwatched(ANN, "access"),
        protocol.pong(NOON),
        protocol.refusal("x"),
    }
    sent = {message["type"]: message.keys() for message in map(json.loads, told)}
    shown = {example["type"]: example.keys() for example in EXAMPLES if example["type"] not in SAID}
    assert shown == sent


def test_the_reference_lists_every_close_code_and_every_limit() -> None:
    for code in Close:
        assert f"| {code.value} |" in PAGE
    for limit in (f"{MOST_PATIENTS} patients", f"{MESSAGES_PER_MINUTE} messages a minute", f"{MOST_EVENTS} events"):
        assert limit in PAGE
    assert f"{SOCKETS_PER_ACCOUNT} sockets" in PAGE
    assert PAGE.count(f"{SNAPSHOTS_PER_MINUTE:,} patients") == 2
    assert f"{MAX_MESSAGE_BYTES // 1024} KB" in PAGE
    assert f"{MAX_FRAGMENTS:,} fragments" in PAGE
