"""Who is told what: the seam between reading what was and being told what comes has neither hole nor overlap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api.live.frames import text_frame
from api.live.inbox import MOST_EVENTS, Inbox, Told, Unwatched
from api.live.protocol import MOST_PATIENTS, Close, Goodbye, PingIn
from api.live.subscriptions import SOCKETS_PER_ACCOUNT, Claim, Subscriptions, Watch
from domain.events.event import ACCESS_CHANGED, Event
from tests.frames import texts

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ANN, BOB, CAT = (UUID(int=n) for n in (1, 2, 3))
FEW = [ANN, BOB]
DORA, EARL = (UUID(int=n) for n in (11, 12))
ACCOUNTS = [DORA, EARL]


def recorded(number: int, patient_id: UUID | None = ANN) -> Event:
    return Event(number, "observation.recorded", patient_id, (), NOON)


def access_changed(number: int, *, patient_id: UUID | None = None, account_ids: tuple[UUID, ...] = ()) -> Event:
    return Event(number, ACCESS_CHANGED, patient_id, account_ids, NOON)


def told(*events: Event) -> list[Told]:
    return [Told(e.number, e.patient_id, "{}") for e in events if e.patient_id is not None]


def numbers(watch: Watch) -> list[int]:
    found = []
    while (item := watch.inbox.take()) is not None:
        if isinstance(item, Told):
            found.append(item.number)
    return found


def hand_out(subscriptions: Subscriptions, *events: Event) -> None:
    claim = subscriptions.claim(events)
    subscriptions.deliver(told(*claim.watched), claim.pairs, claim.session_ids)
    subscriptions.settle(events[-1].number)


@pytest.fixture
def subscriptions() -> Subscriptions:
    return Subscriptions()


def opened(subscriptions: Subscriptions, account_id: UUID = DORA, session: int = 21, *, mine: bool = False) -> Watch:
    return subscriptions.open(account_id, UUID(int=session), follows_list=mine)


def test_an_event_goes_to_those_who_watch_its_patient_and_to_nobody_else(subscriptions: Subscriptions) -> None:
    of_ann, of_bob = opened(subscriptions), opened(subscriptions)
    subscriptions.add(of_ann, [ANN])
    subscriptions.add(of_bob, [BOB])
    hand_out(subscriptions, recorded(1, ANN), recorded(2, CAT), recorded(3, None))
    assert (numbers(of_ann), numbers(of_bob)) == ([1], [])


def test_who_begins_to_watch_is_told_only_what_comes_after_the_number_they_were_given(
    subscriptions: Subscriptions,
) -> None:
    subscriptions.settle(4)
    watch = opened(subscriptions)
    assert subscriptions.add(watch, [ANN]) == 4
    hand_out(subscriptions, recorded(5))
    assert numbers(watch) == [5]


def test_who_begins_to_watch_while_a_stretch_is_in_hand_reads_that_stretch_for_themselves(
    subscriptions: Subscriptions,
) -> None:
    early, late = opened(subscriptions), opened(subscriptions)
    subscriptions.add(early, [ANN])
    claim = subscriptions.claim([recorded(1), recorded(2)])
    assert subscriptions.add(late, [ANN]) == 2
    subscriptions.deliver(told(*claim.watched), claim.pairs, claim.session_ids | {late.session_id})
    subscriptions.settle(2)
    assert (numbers(early), numbers(late)) == ([1, 2], [])


def test_a_stretch_that_was_not_delivered_is_claimed_again_for_those_who_were_there(
    subscriptions: Subscriptions,
) -> None:
    early, late = opened(subscriptions), opened(subscriptions)
    subscriptions.add(early, [ANN])
    subscriptions.claim([recorded(1)])  # and then the database went away
    subscriptions.add(late, [ANN])
    hand_out(subscriptions, recorded(1), recorded(2))
    assert (numbers(early), numbers(late)) == ([1, 2], [2])


def test_nobody_is_told_whose_pair_does_not_stand_or_whose_session_is_not_in_force(
    subscriptions: Subscriptions,
) -> None:
    watch = opened(subscriptions)
    subscriptions.add(watch, [ANN])
    subscriptions.deliver(told(recorded(1)), set(), {watch.session_id})
    subscriptions.deliver(told(recorded(1)), {(DORA, ANN)}, set())
    assert numbers(watch) == []


def test_a_revoked_pair_is_told_once_and_what_waited_about_that_patient_is_forgotten(
    subscriptions: Subscriptions,
) -> None:
    watch, other = opened(subscriptions), opened(subscriptions, EARL)
    subscriptions.add(watch, [ANN, BOB])
    subscriptions.add(other, [ANN])
    hand_out(subscriptions, recorded(1, ANN), recorded(2, BOB))
    subscriptions.revoke([(DORA, ANN)])
    subscriptions.revoke([(DORA, ANN)])
    assert [watch.inbox.take() for _ in range(3)] == [Told(2, BOB, "{}"), Unwatched(ANN), None]
    hand_out(subscriptions, recorded(3, ANN))
    assert (numbers(watch), numbers(other)) == ([], [1, 3])


def test_an_ended_session_parts_with_4401_and_leaves_the_others(subscriptions: Subscriptions) -> None:
    ended, other = opened(subscriptions, session=21), opened(subscriptions, session=22)
    subscriptions.revoke((), session_ids=[ended.session_id])
    with pytest.raises(Goodbye) as goodbye:
        ended.inbox.take()
    assert goodbye.value.code == Close.not_authenticated
    assert other.inbox.take() is None


def test_a_change_of_access_asks_again_about_everybody_it_may_concern(subscriptions: Subscriptions) -> None:
    dora, earl = opened(subscriptions, DORA, 21), opened(subscriptions, EARL, 22)
    subscriptions.add(dora, [ANN, BOB])
    subscriptions.add(earl, [BOB])
    of_account = subscriptions.claim([access_changed(1, account_ids=(DORA,))])
    assert of_account == Claim(frozenset({(DORA, ANN), (DORA, BOB)}), frozenset({dora.session_id}), ())
    of_patient = subscriptions.claim([access_changed(2, patient_id=BOB)])
    assert of_patient.pairs >= {(DORA, BOB), (EARL, BOB)}
    of_nobody = subscriptions.claim([access_changed(3)])
    assert of_nobody.session_ids == {dora.session_id, earl.session_id}
    assert of_nobody.pairs == {(DORA, ANN), (DORA, BOB), (EARL, BOB)}


def test_a_session_that_watches_nobody_is_asked_about_too(subscriptions: Subscriptions) -> None:
    watch = opened(subscriptions)
    assert subscriptions.claim([access_changed(1, account_ids=(DORA,))]).session_ids == {watch.session_id}


def test_only_those_who_follow_their_list_learn_that_it_may_have_grown(subscriptions: Subscriptions) -> None:
    lists, names = opened(subscriptions, mine=True), opened(subscriptions)
    elsewhere = opened(subscriptions, EARL, mine=True)
    subscriptions.claim([access_changed(1, account_ids=(DORA,))])
    grown = [w.inbox.list_may_have_grown for w in (lists, names, elsewhere)]
    assert grown == [True, False, False]
    subscriptions.claim([access_changed(2, patient_id=ANN)])
    assert elsewhere.inbox.list_may_have_grown


def test_a_log_that_began_anew_parts_with_everybody(subscriptions: Subscriptions) -> None:
    watch = opened(subscriptions)
    subscriptions.settle(50)
    subscriptions.restart(7)
    with pytest.raises(Goodbye) as goodbye:
        watch.inbox.take()
    assert goodbye.value.code == Close.restarting
    assert subscriptions.add(opened(subscriptions, EARL), [ANN]) == 7


def test_an_account_holds_a_bounded_number_of_sockets(subscriptions: Subscriptions) -> None:
    held = [opened(subscriptions) for _ in range(SOCKETS_PER_ACCOUNT)]
    with pytest.raises(Goodbye) as goodbye:
        opened(subscriptions)
    assert goodbye.value.code == Close.too_many
    opened(subscriptions, EARL)
    subscriptions.close(held[0])
    opened(subscriptions)


def test_a_socket_watches_a_bounded_number_of_patients(subscriptions: Subscriptions) -> None:
    watch = opened(subscriptions)
    many = [UUID(int=100 + n) for n in range(MOST_PATIENTS)]
    subscriptions.add(watch, many)
    subscriptions.add(watch, many)
    with pytest.raises(Goodbye) as goodbye:
        subscriptions.add(watch, [ANN])
    assert goodbye.value.code == Close.too_many


def test_a_closed_watch_leaves_nothing_behind(subscriptions: Subscriptions) -> None:
    watch = opened(subscriptions)
    subscriptions.add(watch, [ANN])
    subscriptions.close(watch)
    subscriptions.close(watch)
    assert not subscriptions.pairs() and not subscriptions.session_ids() and not subscriptions.watched()


def test_an_inbox_that_overflows_forgets_everything_and_parts_with_4408() -> None:
    inbox = Inbox()
    for number in range(MOST_EVENTS + 1):
        inbox.tell(Told(number, ANN, "{}"))
    with pytest.raises(Goodbye) as goodbye:
        inbox.take()
    assert goodbye.value.code == Close.too_slow
    assert inbox.first_number is None


def test_an_inbox_is_bounded_by_size_as_well() -> None:
    inbox = Inbox()
    inbox.tell(Told(1, ANN, "x" * 600_000))
    inbox.tell(Told(2, ANN, "x" * 600_000))
    with pytest.raises(Goodbye):
        inbox.take()


def test_what_was_taken_makes_room_again() -> None:
    inbox = Inbox()
    for number in range(5 * MOST_EVENTS):
        inbox.tell(Told(number, ANN, "x" * 10_000))
        assert inbox.take() is not None
    assert inbox.take() is None


def test_answers_come_before_events_and_the_first_goodbye_counts() -> None:
    inbox = Inbox()
    inbox.tell(Told(1, ANN, "{}"))
    inbox.ask(PingIn(type="ping"))
    assert isinstance(inbox.take(), PingIn)
    inbox.part(Goodbye(Close.too_many, "first"))
    inbox.part(Goodbye(Close.failure, "second"))
    with pytest.raises(Goodbye) as goodbye:
        inbox.take()
    assert goodbye.value.code == Close.too_many


async def test_waiting_ends_when_something_comes_and_when_the_time_is_up() -> None:
    inbox = Inbox()
    await inbox.wait(0)
    assert inbox.take() is None
    inbox.tell(Told(1, ANN, "{}"))
    await inbox.wait(3600)
    assert inbox.take() is not None


class Seam(RuleBasedStateMachine):
    """Sockets come and go, access comes and goes, the database fails, while the feed hands out the log.

    The model is the log itself: who has watched somebody all along, and might, must have been told exactly the
    events from after the number they were given up to where the feed stands, in order, once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions = Subscriptions()
        self.log: list[Event] = []
        self.may = {(account, patient) for account in ACCOUNTS for patient in FEW}
        self.watches: list[Watch] = []
        self.given: dict[Watch, dict[UUID, int]] = {}
        self.received: dict[Watch, list[Told]] = {}
        self.actions = [
            self.something_happens,
            self.something_happens,
            self.a_socket_opens,
            self.a_socket_watches,
            self.a_socket_watches,
            self.a_socket_watches_no_longer,
            self.a_socket_closes,
            self.access_ends,
            self.access_begins,
        ]

    @initialize(length=st.integers(0, 3), data=st.data())
    def begin_somewhere(self, length: int, data: st.DataObject) -> None:
        self.log = [recorded(number) for number in range(1, length + 1)]
        self.subscriptions.restart(length)
        self.a_socket_opens(data)

    @rule(data=st.data(), times=st.integers(1, 4))
    def the_world_goes_on(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            data.draw(st.sampled_from(self.actions))(data)

    @rule(data=st.data(), most=st.integers(1, 4), meanwhile=st.integers(0, 3), fails=st.sampled_from([0, 0, 1]))
    def the_feed_hands_out_a_stretch(self, data: st.DataObject, most: int, meanwhile: int, fails: int) -> None:
        stretch = self.log[self.subscriptions.position :][:most]
        claim = self.subscriptions.claim(stretch)
        standing = set(claim.pairs & self.may)
        if meanwhile:
            self.the_world_goes_on(data, meanwhile)
        if fails:
            return
        self.subscriptions.deliver(told(*claim.watched), standing, {w.session_id for w in self.watches})
        self.subscriptions.revoke(claim.pairs - standing)
        if stretch:
            self.subscriptions.settle(stretch[-1].number)
        for watch in self.watches:
            self.empty_inbox(watch, standing)

    def empty_inbox(self, watch: Watch, standing: set[tuple[UUID, UUID]]) -> None:
        while (item := watch.inbox.take()) is not None:
            if isinstance(item, Told):
                assert item.patient_id in self.given[watch], "told about somebody not watched"
                assert (watch.account_id, item.patient_id) in standing, "told without leave"
                self.received[watch].append(item)
            elif isinstance(item, Unwatched):
                self.given[watch].pop(item.patient_id, None)

    def something_happens(self, data: st.DataObject) -> None:
        self.log.append(recorded(len(self.log) + 1, data.draw(st.sampled_from(FEW))))

    def a_socket_opens(self, data: st.DataObject) -> None:
        if len(self.watches) < 4:
            watch = opened(self.subscriptions, data.draw(st.sampled_from(ACCOUNTS)))
            self.watches.append(watch)
            self.given[watch], self.received[watch] = {}, []
            for patient in data.draw(st.sets(st.sampled_from(FEW))):
                self.watches_too(watch, patient)

    def a_socket_watches(self, data: st.DataObject) -> None:
        if self.watches:
            self.watches_too(data.draw(st.sampled_from(self.watches)), data.draw(st.sampled_from(FEW)))

    def watches_too(self, watch: Watch, patient: UUID) -> None:
        if (watch.account_id, patient) in self.may and patient not in self.given[watch]:
            self.given[watch][patient] = self.subscriptions.add(watch, [patient])
            assert self.given[watch][patient] <= len(self.log), "what came before can be read: it is in the log"
            self.received[watch] = [t for t in self.received[watch] if t.patient_id != patient]

    def a_socket_watches_no_longer(self, data: st.DataObject) -> None:
        if self.watches:
            watch, patient = data.draw(st.sampled_from(self.watches)), data.draw(st.sampled_from(FEW))
            self.subscriptions.remove(watch, [patient])
            self.given[watch].pop(patient, None)

    def a_socket_closes(self, data: st.DataObject) -> None:
        if self.watches:
            watch = data.draw(st.sampled_from(self.watches))
            self.subscriptions.close(watch)
            self.watches.remove(watch)
            del self.given[watch], self.received[watch]

    def access_ends(self, data: st.DataObject) -> None:
        account, patient = data.draw(st.sampled_from(ACCOUNTS)), data.draw(st.sampled_from(FEW))
        self.may.discard((account, patient))
        self.log.append(access_changed(len(self.log) + 1, patient_id=patient))

    def access_begins(self, data: st.DataObject) -> None:
        self.may.add((data.draw(st.sampled_from(ACCOUNTS)), data.draw(st.sampled_from(FEW))))

    @invariant()
    def who_watches_was_told_exactly_what_happened_since(self) -> None:
        for watch in self.watches:
            for patient, since in self.given[watch].items():
                happened = [e.number for e in self.log if e.patient_id == patient and e.kind != ACCESS_CHANGED]
                due = [number for number in happened if since < number <= self.subscriptions.position]
                got = [t.number for t in self.received[watch] if t.patient_id == patient]
                assert got == due
            everything = [t.number for t in self.received[watch]]
            assert everything == sorted(set(everything)), "out of order or twice"

    @invariant()
    def nothing_is_kept_of_who_has_gone(self) -> None:
        assert self.subscriptions.pairs() == {(w.account_id, p) for w in self.watches for p in self.given[w]}
        assert self.subscriptions.session_ids() == {w.session_id for w in self.watches}


TestSeam = Seam.TestCase
TestSeam.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)


async def waiting(inbox: Inbox, told_at_once: list[int], *, room: int = 1_000) -> asyncio.Task[None]:
    """Return the task that waits at the inbox, and takes at once as many events a time as it has room for."""

    def at_once(events: Sequence[Told]) -> int:
        taken = events[:room]
        told_at_once.extend(event.number for event in taken)
        return len(taken)

    task = asyncio.create_task(inbox.wait(3600, at_once))
    await asyncio.sleep(0)
    return task


async def test_an_event_is_told_at_once_where_nothing_waits_and_nobody_is_woken_for_it() -> None:
    inbox, told_at_once = Inbox(), list[int]()
    task = await waiting(inbox, told_at_once)
    for number in range(1, MOST_EVENTS + 10):
        inbox.tell(Told(number, ANN, "{}"))
    await asyncio.sleep(0)
    assert told_at_once == list(range(1, MOST_EVENTS + 10))
    assert (inbox.events, task.done()) == (0, False)
    inbox.part(Goodbye(Close.restarting, ""))
    await task


async def test_without_room_an_event_waits_and_those_after_it_behind_it() -> None:
    inbox, told_at_once = Inbox(), list[int]()
    task = await waiting(inbox, told_at_once, room=0)
    inbox.tell(Told(1, ANN, "{}"))
    inbox.tell(Told(2, ANN, "{}"))
    await task
    assert told_at_once == []
    assert [inbox.take(), inbox.take_event(), inbox.take_event()] == [Told(1, ANN, "{}"), Told(2, ANN, "{}"), None]


async def test_of_several_events_those_wait_in_their_order_for_whom_there_is_no_room() -> None:
    inbox, told_at_once = Inbox(), list[int]()
    task = await waiting(inbox, told_at_once, room=2)
    inbox.tell(*(Told(number, ANN, "{}") for number in (1, 2, 3, 4)))
    inbox.tell(Told(5, ANN, "{}"))
    await task
    assert told_at_once == [1, 2]
    assert [event and event.number for event in (inbox.take_event() for _ in range(4))] == [3, 4, 5, None]


async def test_what_comes_together_is_told_each_client_together_about_all_whom_it_watches(
    subscriptions: Subscriptions,
) -> None:
    together: list[list[int]] = []

    def at_once(events: Sequence[Told]) -> int:
        together.append([event.number for event in events])
        return len(events)

    watch, late = opened(subscriptions), opened(subscriptions)
    subscriptions.add(watch, [ANN, BOB])
    events = [recorded(1, ANN), recorded(2, BOB), recorded(3, CAT), recorded(4, ANN)]
    claim = subscriptions.claim(events[:2])
    subscriptions.add(late, [ANN])
    for each in (watch, late):
        each.inbox.take()
    tasks = [asyncio.create_task(each.inbox.wait(3600, at_once)) for each in (watch, late)]
    await asyncio.sleep(0)
    claim = subscriptions.claim(events)
    subscriptions.deliver(told(*claim.watched), claim.pairs, claim.session_ids)
    assert sorted(together) == [[1, 2, 4], [4]]
    for task in tasks:
        task.cancel()


@pytest.mark.parametrize("what", ["asked", "unwatched", "parted"])
async def test_nothing_is_told_past_what_came_before_it(what: str) -> None:
    inbox, told_at_once = Inbox(), list[int]()
    task = await waiting(inbox, told_at_once)
    if what == "asked":
        inbox.ask(PingIn(type="ping"))
    elif what == "unwatched":
        inbox.unwatch(BOB)
    else:
        inbox.part(Goodbye(Close.restarting, ""))
    inbox.tell(Told(1, ANN, "{}"))
    await task
    assert told_at_once == []
    # Nor is it taken with an event before it.
    assert inbox.take_event() is None


def test_the_frame_is_made_once_for_all_who_were_told_the_same_before_and_again_for_others() -> None:
    event = Told(9, ANN, '{"type":"event"}')
    assert event.frame(4) is event.frame(4)
    assert list(texts(event.frame(4) + event.frame(7))) == [
        '{"previous":4,"type":"event"}',
        '{"previous":7,"type":"event"}',
    ]


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_a_frame_says_its_length_as_the_standard_wants_it(length: int) -> None:
    text = "x" * (length - 2) + "é" if length else ""
    assert list(texts(text_frame(text))) == [text]
