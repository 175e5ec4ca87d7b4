"""Who watches whom, and what of the log each of them has still to be told.

Pure: it reaches no database, not even indirectly. The feed claims a stretch of the log, asks the database who of the
watchers may still see whom, and then delivers; sockets come and go in between. Two numbers make the seam exact:

`claimed`   events up to here were, or are just being, handed out. Who begins to watch now is told what comes after,
            and reads what came before (a snapshot or a replay) from the database.
`position`  events up to here stand in the inboxes of all who should be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from api.live.inbox import Inbox, Told
from api.live.protocol import MOST_PATIENTS, Close, Goodbye
from domain.accounts.session_age import SESSION_ENDED
from domain.events.event import ACCESS_CHANGED, Event

SOCKETS_PER_ACCOUNT = 20

Pair = tuple[UUID, UUID]
"""An account and a patient: somebody who watches somebody."""


@dataclass(eq=False, slots=True)
class Watch:
    """One socket's watch: who is told, and from after which number about whom."""

    account_id: UUID
    session_id: UUID
    follows_list: bool
    inbox: Inbox = field(default_factory=Inbox)
    since: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """What must be asked of the database before a stretch of the log may be told."""

    pairs: frozenset[Pair]
    session_ids: frozenset[UUID]
    watched: tuple[Event, ...]


class Subscriptions:
    """The watches of one process."""

    def __init__(self) -> None:
        self.claimed = self.position = 0
        self._of_patient: dict[UUID, set[Watch]] = {}
        self._of_account: dict[UUID, set[Watch]] = {}

    # What those who run it ask.

    @property
    def watches(self) -> int:
        """Return how many sockets watch."""
        return sum(map(len, self._of_account.values()))

    @property
    def waiting(self) -> int:
        """Return how many events the fullest inbox holds: at `MOST_EVENTS` its client is told to go."""
        return max((watch.inbox.events for held in self._of_account.values() for watch in held), default=0)

    # What sockets do.

    def open(self, account_id: UUID, session_id: UUID, *, follows_list: bool) -> Watch:
        """Return a new watch, of nobody yet. Raises Goodbye when the account holds too many sockets here."""
        held = self._of_account.setdefault(account_id, set())
        if len(held) >= SOCKETS_PER_ACCOUNT:
            raise Goodbye(Close.too_many, f"At most {SOCKETS_PER_ACCOUNT} sockets an account. Close another one first.")
        watch = Watch(account_id, session_id, follows_list)
        held.add(watch)
        return watch

    def add(self, watch: Watch, patient_ids: Iterable[UUID]) -> int:
        """Begin to watch; return the number after which events are told. Raises Goodbye beyond 500 patients.

        Who is watched already stays watched, and keeps their own number.
        """
        fresh = [patient_id for patient_id in dict.fromkeys(patient_ids) if patient_id not in watch.since]
        if len(watch.since) + len(fresh) > MOST_PATIENTS:
            raise Goodbye(Close.too_many, f"At most {MOST_PATIENTS} patients a socket.")
        for patient_id in fresh:
            watch.since[patient_id] = self.claimed
            self._of_patient.setdefault(patient_id, set()).add(watch)
        return self.claimed

    def remove(self, watch: Watch, patient_ids: Iterable[UUID]) -> None:
        """Watch these no longer."""
        for patient_id in patient_ids:
            if watch.since.pop(patient_id, None) is not None:
                _discard(self._of_patient, patient_id, watch)

    def close(self, watch: Watch) -> None:
        """Forget the watch. Does nothing the second time."""
        self.remove(watch, list(watch.since))
        _discard(self._of_account, watch.account_id, watch)

    # What the feed does.

    def claim(self, events: Sequence[Event]) -> Claim:
        """Take a stretch of the log in hand; return what must be asked before it is told."""
        if events:
            self.claimed = max(self.claimed, events[-1].number)
        touched: set[tuple[Watch, UUID]] = set()
        sessions: set[UUID] = set()
        watched = []
        for event in events:
            if event.kind == ACCESS_CHANGED:
                for watch in self._concerned(event):
                    sessions.add(watch.session_id)
                    touched.update((watch, patient_id) for patient_id in watch.since)
                self._lists_may_have_grown(event)
            elif event.patient_id in self._of_patient:
                watched.append(event)
                touched.update((watch, event.patient_id) for watch in self._of_patient[event.patient_id])
        sessions.update(watch.session_id for watch, _ in touched)
        pairs = frozenset((watch.account_id, patient_id) for watch, patient_id in touched)
        return Claim(pairs, frozenset(sessions), tuple(watched))

    def _concerned(self, event: Event) -> set[Watch]:
        """Return the watches that a change of access may end; one that names nobody concerns everybody."""
        if event.patient_id is None and not event.subject_ids:
            return {watch for held in self._of_account.values() for watch in held}
        concerned = set(self._of_patient.get(event.patient_id, ())) if event.patient_id else set()
        return concerned.union(*(self._of_account.get(subject, ()) for subject in event.subject_ids))

    def _lists_may_have_grown(self, event: Event) -> None:
        accounts = event.subject_ids if event.patient_id is None and event.subject_ids else self._of_account
        for account_id in accounts:
            for watch in self._of_account.get(account_id, ()):
                watch.inbox.list_may_have_grown = watch.follows_list

    def deliver(self, told: Sequence[Told], standing: AbstractSet[Pair], in_force: AbstractSet[UUID]) -> None:
        """Put the events into the inboxes of those who watch their patient, stand, and were not told another way.

        All that one of them is told at a time, so that it goes out as one.
        """
        may = {
            patient_id: [
                (watch, watch.since[patient_id])
                for watch in self._of_patient.get(patient_id, ())
                if watch.session_id in in_force and (watch.account_id, patient_id) in standing
            ]
            for patient_id in {event.patient_id for event in told}
        }
        of_each: dict[Watch, list[Told]] = {}
        for event in told:
            for watch, since in may[event.patient_id]:
                if event.number > since:
                    of_each.setdefault(watch, []).append(event)
        for watch, events in of_each.items():
            watch.inbox.tell(*events)

    def settle(self, number: int) -> None:
        """Record that all who should be told of events up to this number have been."""
        self.position = max(self.position, number)
        self.claimed = max(self.claimed, number)

    def revoke(self, pairs: Iterable[Pair], *, session_ids: Iterable[UUID] = ()) -> None:
        """Tell those who may no longer see a patient so, and part with those whose session has ended."""
        for account_id, patient_id in pairs:
            for watch in self._of_account.get(account_id, set()) & self._of_patient.get(patient_id, set()):
                self.remove(watch, [patient_id])
                watch.inbox.unwatch(patient_id)
        ended = set(session_ids)
        for watch in self._all() if ended else ():
            if watch.session_id in ended:
                watch.inbox.part(Goodbye(Close.not_authenticated, SESSION_ENDED))

    def restart(self, number: int) -> None:
        """Begin anew at this number: the log is another one, so everybody must come again."""
        self.claimed = self.position = number
        for watch in self._all():
            watch.inbox.part(Goodbye(Close.restarting, "The feed began anew. Connect again."))

    # What is watched.

    def _all(self) -> list[Watch]:
        return [watch for held in self._of_account.values() for watch in held]

    def pairs(self) -> set[Pair]:
        """Return who watches whom."""
        return {(watch.account_id, patient_id) for watch in self._all() for patient_id in watch.since}

    def session_ids(self) -> set[UUID]:
        """Return the sessions that any socket is held by."""
        return {watch.session_id for watch in self._all()}

    def watched(self) -> Mapping[UUID, int]:
        """Return by how many sockets each patient is watched."""
        return {patient_id: len(watches) for patient_id, watches in self._of_patient.items()}


def _discard(index: dict[UUID, set[Watch]], key: UUID, watch: Watch) -> None:
    held = index.get(key, set())
    held.discard(watch)
    if not held:
        index.pop(key, None)
