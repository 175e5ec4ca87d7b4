"""Every use of people's data rests on conditions that the law has."""

from __future__ import annotations

import pytest

from domain.rights.lawful_basis import ARTICLE_6, ARTICLE_9, PROPOSED, USES, LawfulBasis, Purpose, privacy_notice


def test_every_purpose_is_told_in_words_and_has_a_proposed_basis() -> None:
    assert [use.purpose for use in USES] == list(Purpose)
    assert PROPOSED.keys() == set(Purpose)
    assert all(use.title and use.what.endswith(".") for use in USES)
    assert all(words.endswith(".") for words in (*ARTICLE_6.values(), *ARTICLE_9.values()))


def test_what_is_stated_takes_the_place_of_what_is_proposed_and_the_rest_stays() -> None:
    consent = LawfulBasis("6(1)(a)", "9(2)(a)")
    assert privacy_notice(None, {Purpose.evaluation: consent}).bases == dict(PROPOSED) | {Purpose.evaluation: consent}


@pytest.mark.parametrize("purpose", [use.purpose for use in USES if use.of_health])
def test_data_about_health_need_a_condition_of_article_9(purpose: Purpose) -> None:
    with pytest.raises(ValueError, match="article 9"):
        privacy_notice(None, {purpose: LawfulBasis("6(1)(e)")})


@pytest.mark.parametrize("basis", [LawfulBasis("6(1)(g)", "9(2)(h)"), LawfulBasis("6(1)(e)", "9(2)(z)")])
def test_a_condition_that_the_law_does_not_have_is_refused(basis: LawfulBasis) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        privacy_notice(None, {Purpose.accounts: basis})
