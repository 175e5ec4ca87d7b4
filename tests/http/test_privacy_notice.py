"""Anybody may read who answers for people's data, what for, why the law allows it, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from api.deps import Services
from api.exports.archive import told_plainly
from api.schemas.privacy import PrivacyNoticeOut
from domain.rights.lawful_basis import USES, Controller, LawfulBasis, Purpose, privacy_notice
from domain.rights.retention import AUDIT, POLICY, YEAR
from tests.http.conftest import ClientOf

TRUST = Controller("Example Health NHS Foundation Trust", "privacy@example.nhs.uk", "dpo@example.nhs.uk")


async def test_it_is_told_to_anybody_whole(app: FastAPI, client_of: ClientOf) -> None:
    held: Services = app.state.services
    told = (await client_of(None).get("/v1/privacy-notice")).json()
    assert told == PrivacyNoticeOut.of(held.privacy).model_dump(mode="json")
    assert told["controller"] is None
    assert [use["purpose"] for use in told["uses"]] == [use.purpose for use in USES]
    assert [rule["what"] for rule in told["kept"]] == [rule.what for rule in POLICY]
    care, accounts = told["uses"][0], told["uses"][3]
    assert (care["basis"]["article"], care["special"]["article"]) == ("6(1)(e)", "9(2)(h)")
    assert (accounts["purpose"], accounts["special"]) == ("accounts", None)


def test_the_same_goes_with_a_copy_of_one_s_record_as_plain_text() -> None:
    stated = privacy_notice(TRUST, {Purpose.evaluation: LawfulBasis("6(1)(a)", "9(2)(a)")})
    text = told_plainly(PrivacyNoticeOut.of(stated))
    assert "Example Health NHS Foundation Trust\nprivacy@example.nhs.uk\ndpo@example.nhs.uk\n" in text
    assert "You have consented to it. (UK GDPR, article 6(1)(a))" in text
    for rule in POLICY:
        assert f"{rule.what}: {rule.how_long}; {rule.why}" in text
    assert "audit trail: 30 years; " in text
    assert "copies of one's own record: 1 day; " in text
    assert "within a month" in text


@pytest.mark.parametrize(
    ("kept_for", "words"),
    [
        (None, "Until somebody decides, as the law allows"),
        (timedelta(0), "No longer than it is in use"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=25), "2 days"),
        (timedelta(days=30), "30 days"),
        (timedelta(days=730), "730 days"),
        (8 * YEAR, "8 years"),
        (30 * YEAR, "30 years"),
    ],
)
def test_how_long_something_is_kept_reads_as_a_person_says_it(kept_for: timedelta | None, words: str) -> None:
    assert replace(AUDIT, kept_for=kept_for).how_long == words
