"""Every case of the vectors about live sockets and about what fails around us has a test, or a reason why not."""

from __future__ import annotations

import json

from tests.architecture.source import ROOT, names_of_tests

CASES = {
    case["id"]
    for case in json.loads((ROOT / "tests/vectors/bad_inputs.json").read_text())["cases"]
    if case["id"].startswith(("WS-", "OPS-"))
}
SHOWN_BY = {
    "WS-001": ("test_who_says_nothing_is_let_go_after_five_seconds", "test_a_ticket_needs_a_session"),
    "WS-002": ("test_a_token_in_the_address_is_refused_and_never_logged",),
    "WS-004": ("test_a_ticket_works_once",),
    "WS-005": ("test_a_ticket_lapses",),
    "WS-007": ("test_who_leaves_a_care_team_is_told_nothing_more_and_who_joins_again_is_shown_the_patient",),
    "WS-008": ("test_a_socket_closes_when_its_session_ages_out",),
    "WS-010": ("test_a_message_of_more_than_64_kilobytes_closes_with_1009",),
    "WS-011": ("test_ws_011_no_compression_is_spoken_so_nothing_small_becomes_large",),
    "WS-013": ("test_a_bad_first_message_is_answered_and_the_socket_closed",),
    "WS-014": ("test_a_bad_first_message_is_answered_and_the_socket_closed",),  # 60,000 deep: more is too long
    "WS-016": ("test_a_flood_closes_with_4429",),
    "WS-017": ("test_endless_fragments_close_with_1009",),
    "WS-019": ("test_a_frozen_client_is_dropped_and_the_others_do_not_notice",),
    "WS-020": ("test_a_frozen_client_is_dropped_and_the_others_do_not_notice",),  # and one that never pongs
    "WS-022": ("test_what_happened_meanwhile_is_told_once_in_order",),
    "WS-023": ("test_a_cursor_from_before_retention_is_answered_with_resync",),
    "WS-026": ("test_a_writer_that_stays_open_holds_back_what_was_written_after_it_and_nothing_is_lost",),
    "OPS-001": (
        "test_a_statement_that_takes_too_long_is_called_unavailable",
        "test_a_full_pool_is_called_unavailable_within_seconds",
    ),
    "OPS-003": ("test_what_was_committed_is_there_after_the_server_was_killed",),
    "OPS-007": (
        "test_the_feed_is_blind_while_nobody_numbers_the_log",
        "test_a_cut_connection_is_shown_as_stale_and_resumes_without_loss",
    ),
    "OPS-010": (
        "test_a_transaction_left_idle_is_ended_by_the_server",
        "test_the_feed_is_blind_while_what_was_committed_cannot_be_numbered",
        "test_the_lag_is_reported_when_it_grows_and_when_it_is_over",
    ),
}
# Not asked of us as it stands, and why.
NOT_HERE = {
    "WS-025": "a cursor says how far, and nothing of whose: what is told after it is what its bearer may see by then",
    "OPS-004": "replication is the deployer's; docs/operations.md asks for a synchronous standby",
    "OPS-009": "the volume is the deployer's; what is acknowledged is committed, and a commit without room is none",
}
# Asked of us, and shown by no test.
NOT_SHOWN = {
    "WS-028": "Autobahn's fuzzing client needs Python 2.7; frames are parsed by the websockets library, not by us",
    "OPS-006": "cutting a network needs privileges; only a server that is away is shown",
    "OPS-012": "a load of its own, for the benchmarks; the feed's backlog is shown in stretches, not its latency",
}


def test_every_case_of_sockets_and_failures_is_shown_once_or_says_why_not() -> None:
    told = [*SHOWN_BY, *NOT_HERE, *NOT_SHOWN]
    assert len(CASES) > 25
    assert set(told) == CASES
    assert len(told) == len(CASES)


def test_what_is_said_to_show_a_case_is_a_test_that_there_is() -> None:
    said = {name for names in SHOWN_BY.values() for name in names}
    assert said - names_of_tests() == set()
