"""The privacy notice: who answers for people's data, what they are used for, on which basis, for how long."""

from typing import Self

from api.schemas.strict import Out
from domain.rights.lawful_basis import ARTICLE_6, ARTICLE_9, USES, Controller, PrivacyNotice, Use
from domain.rights.retention import POLICY, Rule


class ControllerOut(Out):
    """Who answers for the data, and how to reach them and their data protection officer."""

    name: str
    contact: str
    data_protection_officer: str | None

    @classmethod
    def of(cls, controller: Controller) -> Self:
        """Return the controller as people see it."""
        return cls(name=controller.name, contact=controller.contact, data_protection_officer=controller.officer)


class ConditionOut(Out):
    """A condition of the UK GDPR that a use rests on: the article, and what it says in plain words."""

    article: str
    words: str


class UseOut(Out):
    """What data are used for, and why the law allows it: `special` when they tell of health (article 9)."""

    purpose: str
    title: str
    what: str
    basis: ConditionOut
    special: ConditionOut | None

    @classmethod
    def of(cls, use: Use, notice: PrivacyNotice) -> Self:
        """Return a use with what it rests on here."""
        basis = notice.bases[use.purpose]
        nine = basis.article_9
        return cls(
            purpose=use.purpose.value,
            title=use.title,
            what=use.what,
            basis=ConditionOut(article=basis.article_6, words=ARTICLE_6[basis.article_6]),
            special=None if nine is None else ConditionOut(article=nine, words=ARTICLE_9[nine]),
        )


class RetentionOut(Out):
    """What is kept for how long (null: until somebody decides; `how_long` in words), why, and where that is written."""

    what: str
    days: int | None
    how_long: str
    why: str
    source: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return a rule of retention."""
        days = None if rule.kept_for is None else rule.kept_for.days
        return cls(what=rule.what, days=days, how_long=rule.how_long, why=rule.why, source=rule.source)


class PrivacyNoticeOut(Out):
    """Who answers for people's data here (null: they have not said), what for, on which basis, and for how long."""

    controller: ControllerOut | None
    uses: list[UseOut]
    kept: list[RetentionOut]

    @classmethod
    def of(cls, notice: PrivacyNotice) -> Self:
        """Return the notice of this installation."""
        return cls(
            controller=None if notice.controller is None else ControllerOut.of(notice.controller),
            uses=[UseOut.of(use, notice) for use in USES],
            kept=[RetentionOut.of(rule) for rule in POLICY],
        )
